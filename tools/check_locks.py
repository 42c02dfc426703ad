"""Are the lock files what pyproject.toml says, without a host or a path of anyone's machine?

    python -m tools.check_locks [--write]

`--write` makes them anew with uv. The check needs no network: it compares the pins.
"""

import argparse
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.build import ROOT

RUNTIME = "shared/requirements.txt"
LOCKS: dict[str, tuple[str, ...]] = {
    RUNTIME: ("pyproject.toml",),
    "locks/dev.txt": ("pyproject.toml", "--group", "dev"),
    "locks/dlt.txt": ("--group", "dlt"),
    "locks/ministack.txt": ("--group", "ministack"),
    "locks/sam.txt": ("--group", "sam"),
}
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
_FOREIGN = re.compile(r"://|--(?:extra-)?index-url|--find-links|(?<![\w.])/\w")


def problems(root: Path) -> Iterator[str]:
    """Yield one line for each thing that is wrong."""
    project = tomllib.loads((root / "pyproject.toml").read_text())
    runtime = _locked((root / RUNTIME).read_text())
    for lock in LOCKS:
        text = (root / lock).read_text()
        locked = _locked(text)
        for requirement in _required(project, lock):
            pin = _PIN.match(requirement)
            if pin is None:
                yield f"pyproject.toml: {requirement} is not pinned"
            elif locked.get(_name(pin[1])) != pin[2]:
                yield f"{lock}: {pin[1]} is not {pin[2]}, as pyproject.toml has it"
        for line in text.splitlines():
            if _FOREIGN.search(line):
                yield f"{lock}: names a host or a path: {line.strip()}"
        if lock == "locks/dev.txt":
            for name in sorted(runtime.keys() & locked.keys()):
                if runtime[name] != locked[name]:
                    yield f"{lock}: {name} is tested as {locked[name]}, deployed as {runtime[name]}"


def write(root: Path) -> None:
    """Resolve again. Raises CalledProcessError when uv says no."""
    for lock, sources in LOCKS.items():
        command = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.13"]
        command += ["--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url"]
        subprocess.run([*command, *sources, "--output-file", lock], cwd=root, check=True)


def _required(project: dict[str, Any], lock: str) -> list[str]:
    runtime: list[str] = project["project"]["dependencies"]
    if lock == RUNTIME:
        return runtime
    group: list[str] = project["dependency-groups"][Path(lock).stem]
    return runtime + group if lock == "locks/dev.txt" else group


def _locked(text: str) -> dict[str, str]:
    return {_name(name): version for name, version in _PIN.findall(text)}


def _name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> int:
    parser = argparse.ArgumentParser(description="Check the lock files.")
    parser.add_argument("--write", action="store_true", help="make them anew with uv")
    if parser.parse_args().write:
        write(ROOT)
    found = list(problems(ROOT))
    print("\n".join(found) or "locks: ok", file=sys.stderr if found else sys.stdout)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
