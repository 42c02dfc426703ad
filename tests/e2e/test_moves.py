"""Accounts with children move, with all below them, while everything runs (S0.14)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import uuid4

import pytest

from tests.e2e.world import caller, eventually, row_of, stage_of
from tools.cli.local_stack import set_clock


@pytest.fixture(scope="module")
def client(stack):
    client = caller(stack)
    # Stages are shown once there is an active integration (S0.17).
    client.put("/v1/integrations/file", {"active": True, "opportunity_pull": True})
    return client


def new_account(client, parent=None):
    body = {"name": f"Moving {uuid4().hex[:12]}"}
    return client.post("/v1/accounts", body | ({"parent_id": parent["id"]} if parent else {}))


def listed_as(client, account, stage, root):
    return eventually(
        lambda: row_of(client, account["id"], account["name"]),
        lambda row: row is not None and (row["stage"], row["root_id"]) == (stage, root["id"]),
        within_seconds=5,
    )


def ended(client, reply):
    """Return the job of a move when it has ended."""
    return eventually(
        lambda: client.get(reply.headers["location"]),
        lambda job: job["status"] != "running",
        within_seconds=20,
    )


def test_subtree_moves_to_another_group_and_leaves_its_history_there(stack, client):
    top = new_account(client)
    middle = new_account(client, top)
    leaf = new_account(client, middle)
    other = new_account(client)
    today = date.fromisoformat(stage_of(client, leaf["id"])["as_of"])
    won = {"account_id": leaf["id"], "name": "Deal", "status": "won"}
    client.post("/v1/deals", won | {"closed_on": (today - timedelta(days=20)).isoformat()})
    listed_as(client, top, "client", top)
    day_before, moved_on = today + timedelta(days=9), today + timedelta(days=10)
    try:
        set_clock(stack, moved_on)

        reply = client.send(
            "PUT", f"/v1/accounts/{middle['id']}/parent", body={"parent_id": other["id"]}
        )

        assert (reply.status, reply.body["kind"]) == (202, "move")
        job = ended(client, reply)
        assert (job["status"], job["result"]) == ("completed", {"moved": 2})
        for account in (other, middle, leaf):
            listed_as(client, account, "client", other)
        listed_as(client, top, "in_crm", top)
        members = client.get(f"/v1/accounts/{other['id']}")["group"]["members"]
        assert {one["id"] for one in members} == {one["id"] for one in (other, middle, leaf)}
        stages = {
            name: [
                stage_of(client, account["id"], as_of=day.isoformat())["stage"]
                for day in (day_before, moved_on)
            ]
            for name, account in {"top": top, "other": other, "leaf": leaf}.items()
        }
        assert stages == {
            "top": ["client", "in_crm"],
            "other": ["in_crm", "client"],
            "leaf": ["client", "client"],
        }
    finally:
        set_clock(stack, None)


def test_of_two_moves_that_would_make_a_circle_at_once_one_wins(client):
    for _ in range(5):
        one, other = new_account(client), new_account(client)
        below = {one["id"]: new_account(client, one), other["id"]: new_account(client, other)}
        moves = [(one["id"], below[other["id"]]["id"]), (other["id"], below[one["id"]]["id"])]

        with ThreadPoolExecutor() as both:
            replies = list(
                both.map(
                    lambda move: client.send(
                        "PUT", f"/v1/accounts/{move[0]}/parent", body={"parent_id": move[1]}
                    ),
                    moves,
                )
            )

        (won,) = (reply for reply in replies if reply.status == 202)
        (lost,) = (reply for reply in replies if reply.status == 409)
        assert lost.body["code"] in ("group_cycle", "group_busy")
        if lost.body["code"] == "group_busy":
            assert int(lost.headers["retry-after"]) == lost.body["retry_after_seconds"]
        assert ended(client, won)["status"] == "completed"
        account_id, parent_id = moves[replies.index(lost)]
        again = client.send(
            "PUT", f"/v1/accounts/{account_id}/parent", body={"parent_id": parent_id}
        )
        assert (again.status, again.body["code"]) == (409, "group_cycle")
