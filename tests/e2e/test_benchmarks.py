"""Every benchmark runs, once and small: its reference gives the same result as we do."""

import subprocess
import sys

from benchmarks.__main__ import NAMES
from tools.build import ROOT


def test_every_benchmark_runs():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--small"], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(NAMES)
