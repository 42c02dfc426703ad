"""The command, run in this process against a fake Stageline."""

import json
import socket
import sys
from typing import NamedTuple

import pytest

from tests.unit.cli.fake_stageline import FakeStageline
from tools.cli.app import main


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def stageline(monkeypatch, capsys):
    """Run `stageline ARGUMENT...`."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["stageline", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Ran(int(ended.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture
def fake():
    with FakeStageline() as server:
        yield server


@pytest.fixture
def stack(fake, tmp_path, monkeypatch):
    """A stack file that names the fake."""
    return write_stack(fake.url, tmp_path, monkeypatch)


@pytest.fixture
def stale_stack(tmp_path, monkeypatch):
    """A stack file that was left behind: nothing listens there any more."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return write_stack(f"http://127.0.0.1:{port}", tmp_path, monkeypatch)


def write_stack(url, tmp_path, monkeypatch):
    roles = ("admin", "viewer")
    content = {
        "api_url": url,
        "endpoint_url": url,
        "region": "eu-west-1",
        "table_name": "stageline-table",
        "functions": {"tick": "stageline-tick"},
        "workspaces": {"main": "ws-main", "other": "ws-other"},
        "tokens": {
            name: {role: f"token-{name}-{role}" for role in roles} for name in ("main", "other")
        },
    }
    path = tmp_path / "stack.json"
    path.write_text(json.dumps(content))
    monkeypatch.setenv("STAGELINE_STACK", str(path))
    return content
