"""First GET of an account in a fresh process, against three of the routes in FastAPI + Mangum."""

import compileall
import shutil
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.cold import cold
from benchmarks.frame import Measurement, median_ratio, pairs, ratio

GOAL = 0.70
REFERENCE = Path(__file__).with_name("fastapi_app.py")


def measure(small: bool) -> Measurement:
    with cold() as fresh, TemporaryDirectory(prefix="stageline-fastapi-") as directory:
        shutil.copy(REFERENCE, directory)
        compileall.compile_dir(directory, quiet=2)
        # FastAPI and Mangum lie where pip put them, with bytecode that is valid there.
        more = [Path(directory), Path(sysconfig.get_path("purelib"))]
        measured = median_ratio(
            lambda: fresh.answer("api.app"),
            lambda: fresh.answer("fastapi_app", more=more),
            pairs=pairs(small),
        )
    return ratio(measured, GOAL)
