"""Importing the API function from the unzipped build, against freshly written bytecode.

Zip files carry dates of 1980, so bytecode that is compared with its source's date would be thrown
away and every module compiled again at each cold start.
"""

import compileall
import shutil
from pathlib import Path
from py_compile import PycInvalidationMode
from tempfile import TemporaryDirectory

from benchmarks.frame import Measurement, median_ratio, pairs, ratio
from benchmarks.packaged import run_fresh, unpacked_build

GOAL = 1.05
HANDLER = "api.app"


def measure(small: bool) -> Measurement:
    with unpacked_build() as packaged, TemporaryDirectory(prefix="stageline-fresh-") as directory:
        fresh = _freshly_compiled(packaged, Path(directory))

        def ours() -> float:
            done = run_fresh("import_only", packaged, HANDLER)
            assert not done["compiled"], f"compiled again: {done['compiled'][:5]}"
            return float(done["seconds"])

        def reference() -> float:
            done = run_fresh("import_only", fresh, HANDLER)
            assert not done["compiled"], "the reference has to have bytecode"
            return float(done["seconds"])

        return ratio(median_ratio(ours, reference, pairs=pairs(small)), GOAL)


def _freshly_compiled(packaged: list[Path], directory: Path) -> list[Path]:
    """Copy the modules with today's dates and bytecode that Python itself would write."""
    copies = [directory / path.name for path in packaged]
    for path, copy in zip(packaged, copies, strict=True):
        shutil.copytree(
            path, copy, ignore=shutil.ignore_patterns("__pycache__"), copy_function=shutil.copyfile
        )
        for folder in [copy, *(found for found in copy.rglob("*") if found.is_dir())]:
            folder.chmod(0o755)
        compileall.compile_dir(
            copy, quiet=2, maxlevels=20, invalidation_mode=PycInvalidationMode.TIMESTAMP
        )
    return copies
