"""Counts by stage over the API: pending, made, read (S3.37)."""

from datetime import timedelta
from unittest.mock import patch

import pytest

from stageline import bootstrap
from stageline.use_cases.counts import count
from tests.fakes.outside import KeptWork

PATH = "/v1/schemes/crm_stage/counts"
STAGES = ["new_prospect", "in_crm", "pipeline", "client", "client_pipeline", "recently_lost"]


@pytest.fixture
def queue(deployed):
    kept = KeptWork()
    with patch.object(bootstrap, "work_queue", lambda workspace: kept):
        yield kept


@pytest.fixture
def counted(deployed, client, queue):
    """Return what asks for counts until they are there."""

    def ask(**query):
        reply = client.send("GET", PATH, query=query)
        if reply.status == 409:
            work_off(deployed, queue)
            reply = client.send("GET", PATH, query=query)
        assert reply.status == 200, reply
        return reply.body

    return ask


def work_off(deployed, queue):
    asked, queue.jobs = queue.jobs, []
    counting = bootstrap.counting(deployed.workspace)
    with patch("stageline.use_cases.counts.INDEX_LAG_SECONDS", 0):
        for _, job_id in asked:
            count(counting, job_id)


@pytest.fixture
def company(deployed, client):
    group = client.post("/v1/accounts", {"name": "Holding", "created_on": "2024-03-01"})["id"]
    sent = {"name": "Glassworks", "parent_id": group, "created_on": "2025-01-01"}
    member = client.post("/v1/accounts", sent)["id"]
    alone = client.post("/v1/accounts", {"name": "Alone", "in_crm": False})["id"]
    deal = {"name": "D", "account_id": member, "opened_on": "2025-02-03"}
    client.post("/v1/deals", deal | {"status": "lost", "closed_on": "2025-12-31"})
    deployed.settle(group, member, alone)
    return [group, member, alone]


def without_zeros(counts):
    return {stage: number for stage, number in counts.items() if number}


def test_counts_are_pending_with_a_job_until_they_are_made(deployed, client, queue, company):
    reply = client.send("GET", PATH)

    assert (reply.status, reply.body["code"]) == (409, "counts_pending")
    assert reply.headers["Retry-After"] == "1"
    job = client.get(reply.body["job"]["href"])
    assert (job["id"], job["kind"], job["status"]) == (
        reply.body["job"]["id"],
        "counts",
        "running",
    )
    assert client.send("GET", PATH).body["job"] == reply.body["job"]

    work_off(deployed, queue)

    finished = client.get(reply.body["job"]["href"])
    assert finished["status"] == "completed"
    assert (finished["result"]["accounts"], finished["result"]["groups"]) == (3, 2)
    answer = client.get(PATH)
    assert list(answer["accounts"]) == list(answer["groups"]) == STAGES
    assert without_zeros(answer["accounts"]) == {"recently_lost": 2, "new_prospect": 1}
    assert without_zeros(answer["groups"]) == {"recently_lost": 1, "new_prospect": 1}
    assert answer["scheme"] == {"key": "crm_stage", "version": 1}
    assert (answer["as_of"], answer["predicted"], answer["reason"]) == ("2026-03-02", False, None)


@pytest.mark.parametrize(
    ("as_of", "predicted", "accounts"),
    [
        pytest.param("0001-01-01", False, {"new_prospect": 3}, id="before everything"),
        pytest.param("2024-03-01", False, {"in_crm": 2, "new_prospect": 1}, id="in the past"),
        pytest.param("2026-06-30", True, {"recently_lost": 2, "new_prospect": 1}, id="ahead"),
        pytest.param("2026-07-01", True, {"in_crm": 2, "new_prospect": 1}, id="window over"),
        pytest.param("9999-12-31", True, {"in_crm": 2, "new_prospect": 1}, id="the last day"),
    ],
)
def test_any_day_can_be_asked_for(counted, company, as_of, predicted, accounts):
    answer = counted(as_of=as_of)

    assert (answer["as_of"], answer["predicted"]) == (as_of, predicted)
    assert without_zeros(answer["accounts"]) == accounts


def test_a_range_has_every_day(counted, company):
    answer = counted(**{"from": "2025-12-30", "to": "2026-01-01"})

    assert (answer["from"], answer["to"]) == ("2025-12-30", "2026-01-01")
    assert [day["as_of"] for day in answer["items"]] == ["2025-12-30", "2025-12-31", "2026-01-01"]
    assert [day["accounts"]["pipeline"] for day in answer["items"]] == [2, 0, 0]
    assert [day["groups"]["recently_lost"] for day in answer["items"]] == [0, 1, 1]


def test_an_earlier_belief(deployed, counted, client, company):
    deployed.clock._now += timedelta(days=2)
    client.post("/v1/accounts", {"name": "Later"})

    believed = counted(known_at="2026-03-02T08:00:00Z")

    assert sum(believed["accounts"].values()) == 3
    assert believed["known_at"] == "2026-03-02T08:00:00Z"
    assert counted(known_at="2026-03-01T22:59:59Z")["reason"] == "NOT_KNOWN"
    # In the workspace's zone the day has begun.
    assert counted(known_at="2026-03-01T23:00:00Z")["reason"] is None


def test_dashes(counted, client, company):
    client.put("/v1/integrations/file", {"active": False, "opportunity_pull": True})

    answer = counted()

    assert (answer["accounts"], answer["groups"]) == ({"-": 3}, {"-": 2})
    assert answer["reason"] == "INTEGRATION_INACTIVE"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-01-01"}, "to"),
        ({"to": "2026-01-01"}, "from"),
        ({"from": "2026-01-02", "to": "2026-01-01"}, "to"),
        ({"from": "2016-01-01", "to": "2026-01-08"}, "to"),
        ({"from": "2026-01-01", "to": "2026-01-01", "as_of": "2026-01-01"}, "as_of"),
        ({"as_of": "2026-02-30"}, "as_of"),
        ({"known_at": "2026-01-01"}, "known_at"),
        ({"known_at": "2030-01-01T00:00:00Z"}, "known_at"),
        ({"owner": "x@example.com"}, "owner"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused_by_name(client, queue, query, field):
    reply = client.send("GET", PATH, query=query)

    assert (reply.status, reply.body["field"]) == (422, field)
    assert queue.jobs == []


def test_the_longest_range(counted, company):
    assert len(counted(**{"from": "2016-01-01", "to": "2026-01-07"})["items"]) == 3_660


def test_another_workspace_has_counts_of_its_own(other, counted, company, queue):
    counted()

    assert other.caller().send("GET", PATH).status == 409
    work_off(other, queue)
    assert other.caller("viewer").get(PATH)["accounts"] == {"-": 0}
