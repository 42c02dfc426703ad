"""`stageline counts`: waits for a pending job, prints stages by accounts and groups."""

import pytest

from tools import client
from tools.client import get_counts
from tools.errors import ApiError, JobStuck

PATH = "GET /v1/schemes/crm_stage/counts"
SCHEME = {
    "stages": [{"key": "in_crm", "name": "In CRM"}, {"key": "client", "name": "Client"}],
}
PENDING = {"code": "counts_pending", "detail": "are being made", "job": {"id": "0f" * 16}}


def day(as_of="2026-03-02", **more):
    return {
        "as_of": as_of,
        "predicted": False,
        "reason": None,
        "accounts": {"in_crm": 12, "client": 3},
        "groups": {"in_crm": 7, "client": 2},
        **more,
    }


def answer(**more):
    about = {"known_at": None, "counted_at": "2026-03-02T12:00:00Z"}
    return {"scheme": {"key": "crm_stage", "version": 1}, **about, **more}


@pytest.fixture
def stages(fake):
    fake.routes["GET /v1/schemes/crm_stage"] = lambda asked: (200, SCHEME)
    return fake


def lines(text):
    return [line.split() for line in text.splitlines()]


def test_pending_counts_are_waited_for(stageline, stages, stack, monkeypatch):
    monkeypatch.setattr(client, "_FIRST_PAUSE_SECONDS", 0)
    replies = [(409, PENDING), (409, PENDING), (200, answer() | day())]
    stages.routes[PATH] = lambda asked: replies.pop(0)

    ran = stageline("counts", "--as-of", "2026-03-02", "--known-at", "2026-03-02T10:00:00Z")

    assert ran.code == 0
    assert lines(ran.out)[-3:] == [
        ["Stage", "Accounts", "Groups"],
        ["In", "CRM", "12", "7"],
        ["Client", "3", "2"],
    ]
    assert stages.asked[0].query == {"as_of": ["2026-03-02"], "known_at": ["2026-03-02T10:00:00Z"]}


def test_a_range_has_a_line_for_each_day(stageline, stages, stack):
    days = [day("2026-03-01"), day("2026-03-02", accounts={"-": 4}, groups={"-": 3})]
    stages.routes[PATH] = lambda asked: (200, answer(items=days))

    ran = stageline("counts", "--from", "2026-03-01", "--to", "2026-03-02")

    assert lines(ran.out)[-2:] == [
        ["2026-03-01", "12", "/", "7", "3", "/", "2"],
        ["2026-03-02", "4", "/", "3"],
    ]


def test_without_stages_it_says_why(stageline, stages, stack):
    dash = {"accounts": {"-": 4}, "groups": {"-": 3}, "reason": "NO_INTEGRATION"}
    stages.routes[PATH] = lambda asked: (200, answer() | day(**dash))

    ran = stageline("counts")

    assert lines(ran.out)[1:] == [
        ["NO_INTEGRATION"],
        ["Stage", "Accounts", "Groups"],
        ["-", "4", "3"],
    ]


def test_json_is_the_answer(stageline, fake, stack):
    fake.routes[PATH] = lambda asked: (200, answer() | day())

    assert stageline("counts", "--json").json == answer() | day()


def test_it_does_not_wait_for_ever(monkeypatch):
    class Pending:
        def get(self, path, **query):
            raise ApiError(409, PENDING)

    monkeypatch.setattr(client, "_FIRST_PAUSE_SECONDS", 0)

    with pytest.raises(JobStuck, match="0f0f"):
        get_counts(Pending(), {}, patience_seconds=0)  # type: ignore[arg-type]
