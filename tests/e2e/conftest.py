"""A local stack of this session's own, on a free port, that enforces the deployed policies."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.crms import Crms, running_crms
from tools.build import ROOT
from tools.local.ministack import free_port

START_TIMEOUT_SECONDS = 600


@pytest.fixture(scope="session")
def crms() -> Iterator[Crms]:
    """HubSpot and Salesforce on this machine; a running stack does not know them."""
    with running_crms() as found:
        yield found


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, crms: Crms) -> Iterator[dict[str, Any]]:
    """What stack.json says of a stack with empty workspaces, which finds the CRMs.

    STAGELINE_E2E_STACK names the stack.json of a running one to use instead.
    """
    running = os.environ.get("STAGELINE_E2E_STACK")
    if running:
        yield json.loads(Path(running).read_text())
        return
    directory = tmp_path_factory.mktemp("stack")
    stack_path, log_path = directory / "stack.json", directory / "up.log"
    command = [sys.executable, "-m", "tools.local", "up", "--port", str(free_port())]
    command += ["--sample", "none", "--auth", "--directory", str(directory)]
    command += ["--hosts", str(crms.write_hosts(directory / "hosts.json"))]
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | {"STAGELINE_STACK": str(stack_path)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield _started(process, stack_path, log_path)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def _started(process: subprocess.Popen[bytes], stack_path: Path, log_path: Path) -> dict[str, Any]:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if stack_path.exists():
            stack: dict[str, Any] = json.loads(stack_path.read_text())
            return stack
        time.sleep(0.1)
    pytest.fail(f"the local stack did not start:\n{log_path.read_text()}")
