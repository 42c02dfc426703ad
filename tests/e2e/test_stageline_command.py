"""The installed `stageline` command against the deployed stack."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

STAGELINE = Path(sys.executable).with_name("stageline")


@pytest.fixture
def stageline(stack, tmp_path):
    """Run the command with this stack's file, as a user with settings of their own for AWS."""
    path = tmp_path / "stack.json"
    path.write_text(json.dumps(stack))
    environment = os.environ | {
        "STAGELINE_STACK": str(path),
        "AWS_PROFILE": "somebody-elses",
        "AWS_ACCESS_KEY_ID": "AKIAsomebodyelse",
        "HTTP_PROXY": "http://127.0.0.1:1",
    }

    def run(*arguments, code=0):
        done = subprocess.run(
            [STAGELINE, *map(str, arguments)], env=environment, capture_output=True, text=True
        )
        assert done.returncode == code, done.stderr
        return done

    return run


@pytest.fixture
def files(tmp_path):
    accounts = tmp_path / "accounts.csv"
    accounts.write_text('external_id,name,in_crm\nCLI-1,"Commanded, Ltd",true\nCLI-2,Bad,perhaps\n')
    deals = tmp_path / "deals.csv"
    deals.write_text(
        "external_id,account_external_id,name,status,opened_on\nCLI-D,CLI-1,Deal,open,2024-02-29\n"
    )
    return accounts, deals


def test_import_list_and_stage(stageline, files):
    accounts, deals = files

    told = stageline("import", "--accounts", accounts, "--deals", deals, code=3).stdout

    assert "accounts from accounts.csv: completed with errors" in told
    assert "in_crm" in told
    assert "deals from deals.csv: completed\n" in told
    listed = json.loads(stageline("accounts", "--q", "commanded", "--json").stdout)
    assert [row["stage"] for row in listed["items"]] == ["pipeline"]
    for meant in ("CLI-1", "commanded, LTD", listed["items"][0]["id"]):
        answer = json.loads(stageline("stage", meant, "--json").stdout)
        assert (answer["stage"], answer["since"]) == ("pipeline", "2024-02-29")
    earlier = stageline("stage", "CLI-1", "--as-of", "2024-02-28").stdout
    assert "New prospect, as of 2024-02-28" in earlier
    assert "Next: Pipeline on 2024-02-29: DEAL_OPENS" in earlier
    assert "as_of" in stageline("stage", "CLI-1", "--as-of", "2024-02-30", code=1).stderr


def test_clock_and_tick(stageline):
    try:
        stageline("clock", "set", "2031-01-01")
        stageline("tick")
        assert json.loads(stageline("tick", "--json").stdout)["groups"] == 0
    finally:
        assert json.loads(stageline("clock", "reset", "--json").stdout)["today"] is None


def test_tokens_are_those_of_the_stack(stageline, stack):
    told = stageline("token", "viewer", "--workspace", "other").stdout

    assert told == stack["tokens"]["other"]["viewer"] + "\n"


def test_busy_port_is_told_in_one_line(stack):
    port = stack["endpoint_url"].rsplit(":", 1)[1]

    done = subprocess.run(
        [sys.executable, "-m", "tools.local", "up", "--port", port],
        env=os.environ | {"STAGELINE_STACK": os.devnull},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert port in done.stderr


def test_after_a_tick_stages_are_fresh(stageline):  # S0.18
    stageline("tick")

    told = stageline("freshness").stdout
    answer = json.loads(stageline("freshness", "--json").stdout)

    assert told.startswith("fresh, current as of ")
    assert (answer["stale"], answer["current_as_of"]) == (False, answer["tick"]["completed_at"])
