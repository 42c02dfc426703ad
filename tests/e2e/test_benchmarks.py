"""Every benchmark runs, once and small: its reference gives the same result as we do."""

import subprocess
import sys

from benchmarks import sync
from benchmarks.__main__ import NAMES
from benchmarks.size import SMALL_SIZES
from benchmarks.size_phases import PHASES
from tools.build import ROOT


def test_every_benchmark_runs():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--small"], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(NAMES)


def test_the_size_report_measures_every_phase_at_every_size():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.size", "--small"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    measured = [(int(size.replace(",", "")), phase) for size, phase, *_ in lines if size != "a"]
    assert measured == [(size, phase) for size in SMALL_SIZES for phase in PHASES]
    assert [line[2] for line in lines if line[0] == "a"] == list(PHASES)


def test_the_report_on_syncs_measures_every_run_and_the_reference():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.sync", "--small"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    measured = [(int(size), name) for size, name, *_ in lines]
    runs = [*sync.RUNS, "dlt"]
    assert measured == [(size, name) for size in sync.SMALL_SIZES for name in runs]
