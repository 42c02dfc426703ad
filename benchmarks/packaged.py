"""The build as Lambda unpacks it, and fresh Python processes that use it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tools.build import LAYER, build, machine_architecture

# The date of everything in a zip file made for Lambda, and so of what is unpacked from it.
ZIP_DATE = 315_532_800
CHILD = Path(__file__).with_name("child.py")


@contextmanager
def unpacked_build() -> Iterator[list[Path]]:
    """Yield the import path of the API function as Lambda has it: zip dates, read-only."""
    built = build(machine_architecture())
    with TemporaryDirectory(prefix="stageline-bench-") as directory:
        paths = [Path(directory, "task"), Path(directory, "layer")]
        shutil.copytree(built / "ApiFunction", paths[0])
        shutil.copytree(built / LAYER / "python", paths[1])
        everything = sorted(Path(directory).rglob("*"), reverse=True)
        for path in everything:
            os.utime(path, (ZIP_DATE, ZIP_DATE))
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield paths
        for path in everything:
            if path.is_dir():
                path.chmod(0o755)


def run_fresh(
    task: str,
    import_path: Sequence[Path],
    *arguments: str,
    environment: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return what a task of child.py says, run in a new process that sees only `import_path`."""
    # Isolated and without site-packages; nothing is written, as where the file system refuses it.
    command = [sys.executable, "-I", "-S", "-B", str(CHILD), task]
    command += [os.pathsep.join(map(str, import_path)), *arguments]
    done = subprocess.run(
        command,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"} | dict(environment or {}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the task {task} failed:\n{done.stderr}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
