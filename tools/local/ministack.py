"""MiniStack as a child process on the loopback interface."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

from tools.build import ROOT
from tools.local.aws import REGION

HOST = "127.0.0.1"
START_TIMEOUT_SECONDS = 60


class CannotStart(Exception):
    """Why the local stack did not start, and what to do, in one line."""


class MiniStack:
    """A context manager: the process runs inside it, and only this process is ended after it.

    Its files lie in `directory`; `with_policies` lets it enforce the functions' policies. Raises
    CannotStart.
    """

    def __init__(self, port: int, directory: Path, *, with_policies: bool = False) -> None:
        self.endpoint_url = f"http://{HOST}:{port}"
        self._port = port
        self._directory = directory
        self._with_policies = with_policies
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        check_port(self._port)
        temporary = self._directory / "tmp"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        with (self._directory / "ministack.log").open("wb") as log:
            self._process = subprocess.Popen(
                [str(_python()), "-m", "ministack"],
                cwd=temporary,
                env=self._environment(temporary),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches us, and we end it in order
            )
        try:
            self._wait()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        shutil.rmtree(self._directory / "tmp", ignore_errors=True)

    def has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _environment(self, temporary: Path) -> dict[str, str]:
        # MiniStack hands its environment on to the functions, so it gets only what it needs.
        return {
            "PATH": f"{_python().parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(temporary),
            "TMPDIR": str(temporary),
            "GATEWAY_PORT": str(self._port),
            "BIND_HOST": HOST,
            "IOT_MTLS_ENABLED": "0",
            "MINISTACK_REGION": REGION,
            "AUTH": "true" if self._with_policies else "false",
        }

    def _wait(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            if self.has_ended():
                break
            if _is_healthy(self.endpoint_url):
                return
            time.sleep(0.05)
        raise CannotStart(f"MiniStack did not start: see {self._directory / 'ministack.log'}")

    def _end(self) -> None:
        if self._process is None:
            return
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, signal_number)
                self._process.wait(timeout=5)
            except ProcessLookupError:
                return
            except subprocess.TimeoutExpired:
                continue


def check_port(port: int) -> None:
    """Raise CannotStart when something already listens there."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise CannotStart(
                f"Port {port} is in use: end what listens there, or choose another, make up PORT=n."
            ) from None


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _python() -> Path:
    python = ROOT / ".venv-ministack" / "bin" / "python"
    if not python.exists():
        raise CannotStart("MiniStack is not installed: run make install.")
    return python


def _is_healthy(endpoint_url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{endpoint_url}/_ministack/health", timeout=2) as reply:
            json.load(reply)
            return True
    except (urllib.error.URLError, OSError, ValueError):
        return False
