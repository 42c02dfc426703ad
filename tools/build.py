"""Build the layer and the functions: `sam build`, then bytecode that stays valid in a zip file.

    python -m tools.build [--architecture arm64|x86_64]

The result lies in .aws-sam/<architecture>/ and is kept while no source has changed.
"""

import argparse
import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("template.yaml", "shared", "functions", "locks/sam.txt", "tools/build.py")
LAYER = "SharedLayer"
_CLIENT = re.compile(r"""\b(?:create_)?client\(\s*["']([a-z0-9-]+)["']""")


class BuildFailed(Exception):
    """`sam build` or the compiler said no; the text is what it printed."""


def machine_architecture() -> str:
    """Return this machine's processor as Lambda names it."""
    return "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"


def build(architecture: str) -> Path:
    """Return the directory of an up-to-date build. Raises BuildFailed."""
    with built(architecture) as directory:
        return directory


@contextmanager
def built(architecture: str) -> Iterator[Path]:
    """Give the directory of an up-to-date build, which no one changes meanwhile.

    Raises BuildFailed.
    """
    directory = ROOT / ".aws-sam" / architecture
    directory.mkdir(parents=True, exist_ok=True)
    with (directory.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = directory / ".sources"
        fingerprint = _fingerprint(architecture)
        if not stamp.exists() or stamp.read_text() != fingerprint:
            stamp.unlink(missing_ok=True)
            _sam_build(directory, architecture)
            keep_used_services(directory / LAYER / "python", aws_services(ROOT))
            for part in sorted(path for path in directory.iterdir() if path.is_dir()):
                _compile(part, "/opt" if part.name == LAYER else "/var/task")
            stamp.write_text(fingerprint)
        yield directory


def aws_services(root: Path) -> set[str]:
    """Return the AWS services that the deployed code makes clients of."""
    return {
        service
        for source in _files(root, ("shared/stageline", "functions"))
        if source.suffix == ".py"
        for service in _CLIENT.findall(source.read_text())
    }


def keep_used_services(site_packages: Path, services: set[str]) -> None:
    """Remove the descriptions of the hundreds of AWS services that nothing calls (24 MB)."""
    for data in (site_packages / "botocore/data", site_packages / "boto3/data"):
        for service in data.iterdir() if data.is_dir() else ():
            if service.is_dir() and service.name not in services:
                shutil.rmtree(service)


def _sam_build(directory: Path, architecture: str) -> None:
    venv = ROOT / ".venv-sam" / "bin"
    command = [str(venv / "sam"), "build", "--template-file", "template.yaml"]
    command += ["--build-dir", str(directory)]
    command += ["--parameter-overrides", f"Architecture={architecture}"]
    environment = os.environ | {
        "PATH": f"{venv}{os.pathsep}{os.environ.get('PATH', '')}",
        "SAM_CLI_TELEMETRY": "0",
        "AWS_DEFAULT_REGION": os.environ.get("AWS_DEFAULT_REGION", "eu-west-1"),
    }
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise BuildFailed(done.stdout + done.stderr)


def _compile(directory: Path, prefix: str) -> None:
    """Write bytecode that is never compared with its source: zip files carry old dates.

    `prefix` is where Lambda unpacks it: tracebacks name that path, not this machine's.
    """
    for stale in directory.rglob("__pycache__"):
        shutil.rmtree(stale)
    command = [sys.executable, "-m", "compileall", "-q", "-j0", str(directory)]
    command += ["-s", str(directory), "-p", prefix, "--invalidation-mode", "unchecked-hash"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise BuildFailed(done.stdout + done.stderr)


def _files(root: Path, sources: tuple[str, ...]) -> Iterator[Path]:
    for name in sources:
        path = root / name
        found = [path] if path.is_file() else sorted(path.rglob("*"))
        yield from (file for file in found if file.is_file() and "__pycache__" not in file.parts)


def _fingerprint(architecture: str) -> str:
    digest = hashlib.sha256(f"{architecture} {sys.version_info[:2]}".encode())
    for file in _files(ROOT, SOURCES):
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the layer and the functions.")
    parser.add_argument("--architecture", choices=("arm64", "x86_64"), default="arm64")
    try:
        directory = build(parser.parse_args().architecture)
    except BuildFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    print(f"built: {directory.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
