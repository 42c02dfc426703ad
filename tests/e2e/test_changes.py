"""What a change of a deal, of a parent or of the day does to stages, seen from outside."""

import time
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from tests.e2e.oracle import six_months_after
from tests.e2e.world import caller, events_of, eventually, pages, row_of, stage_of
from tools.cli.local_stack import set_clock, tick


@pytest.fixture(scope="module")
def client(stack):
    client = caller(stack)
    # Stages are shown once there is an active integration (S0.17).
    client.put("/v1/integrations/file", {"active": True, "opportunity_pull": True})
    return client


@pytest.fixture
def today(client):
    account = client.post("/v1/accounts", {"name": "Whatday Ltd"})
    return date.fromisoformat(stage_of(client, account["id"])["as_of"])


def new_account(client, **fields):
    name = f"Changing {uuid4().hex[:12]}"
    return client.post("/v1/accounts", {"name": name, **fields})


def new_deal(client, account, status="open", **fields):
    deal = {"account_id": account["id"], "name": "Deal", "status": status, **fields}
    return client.post("/v1/deals", deal)


def listed_as(client, account, stage, within_seconds=1.0):
    return eventually(
        lambda: row_of(client, account["id"], account["name"]),
        lambda row: row is not None and row["stage"] == stage,
        within_seconds,
    )


def test_changed_deal_moves_the_account_within_a_second(client, today):
    account = new_account(client)
    deal = new_deal(client, account, opened_on=(today - timedelta(days=9)).isoformat())
    listed_as(client, account, "pipeline", within_seconds=3)
    before = datetime.now(UTC).isoformat()
    time.sleep(0.05)

    client.post(f"/v1/deals/{deal['id']}/close", {"status": "won", "closed_on": today.isoformat()})

    row = listed_as(client, account, "client")
    assert row["since"] == today.isoformat()
    answer = stage_of(client, account["id"])
    won = next(f for f in answer["explanation"]["evidence"]["facts"] if f["fact"] == "won_deals")
    assert won["deal_ids"] == [deal["id"]]  # S0.15
    believed = stage_of(client, account["id"], known_at=before)
    assert (believed["stage"], believed["since"]) == (
        "pipeline",
        (today - timedelta(days=9)).isoformat(),
    )


def test_late_data_changes_the_past_and_keeps_the_old_belief(client, today):
    account = new_account(client)
    new_deal(client, account, opened_on=(today - timedelta(days=3)).isoformat())
    listed_as(client, account, "pipeline", within_seconds=3)
    before = datetime.now(UTC).isoformat()
    time.sleep(0.05)
    year_ago = (today - timedelta(days=365)).isoformat()

    new_deal(client, account, "won", closed_on=year_ago)

    listed_as(client, account, "client_pipeline")
    last_month = (today - timedelta(days=30)).isoformat()
    path = f"/v1/accounts/{account['id']}/stages/crm_stage"
    assert client.get(path, as_of=last_month)["stage"] == "client"
    assert client.get(path, as_of=last_month, known_at=before)["stage"] != "client"
    history = client.get(f"{path}/history")
    assert len(history["versions"]) >= 2


def test_deal_lost_and_reopened_and_deleted(client, today):
    account = new_account(client)
    deal = new_deal(client, account)
    client.post(f"/v1/deals/{deal['id']}/close", {"status": "lost", "closed_on": today.isoformat()})
    listed_as(client, account, "recently_lost", within_seconds=3)

    client.post(f"/v1/deals/{deal['id']}/reopen")
    listed_as(client, account, "pipeline")

    client.delete(f"/v1/deals/{deal['id']}")
    listed_as(client, account, "in_crm")


def test_parent_pools_the_deals_of_both(client, today):
    parent, child = new_account(client), new_account(client)
    new_deal(client, child, "won", closed_on=(today - timedelta(days=20)).isoformat())
    listed_as(client, child, "client", within_seconds=3)

    client.put(f"/v1/accounts/{child['id']}/parent", {"parent_id": parent["id"]})

    # The first parent ever seen holds from the beginning (S0.12, S0.14).
    listed_as(client, parent, "client")
    last_week = (today - timedelta(days=7)).isoformat()
    assert stage_of(client, parent["id"], as_of=last_week)["stage"] == "client"


def test_clock_past_a_due_date_moves_exactly_the_due_accounts_once(stack, client, today):
    lost_on = today - timedelta(days=100)
    due_on = six_months_after(lost_on) + timedelta(days=1)
    due, later = new_account(client), new_account(client)
    new_deal(client, due, "lost", closed_on=lost_on.isoformat())
    new_deal(client, later, "lost", closed_on=(lost_on + timedelta(days=5)).isoformat())
    listed_as(client, later, "recently_lost", within_seconds=3)
    listed_as(client, due, "recently_lost", within_seconds=3)
    before = {row["id"]: row for row in pages(client, "/v1/accounts", limit=200)}
    # The whole workspace: whoever else is due by then moves as well.
    expected = {
        one for one, row in before.items() if (row["next_change_on"] or "9") <= due_on.isoformat()
    }
    events = {one: len(events_of(stack, one)) for one in (due["id"], later["id"])}
    try:
        set_clock(stack, due_on - timedelta(days=1))
        tick(stack)
        assert stage_of(client, due["id"])["stage"] == "recently_lost"  # S0.8: last day inclusive

        set_clock(stack, due_on)
        # Reads go by the clock at once; lists by the tick.
        assert stage_of(client, due["id"])["stage"] == "in_crm"
        moved = tick(stack)

        listed_as(client, due, "in_crm")
        after = eventually(
            lambda: {row["id"]: row for row in pages(client, "/v1/accounts", limit=200)},
            lambda rows: all(rows[one]["stage"] == "in_crm" for one in (due["id"],)),
            within_seconds=5,
        )
        assert moved["groups"] >= 1
        changed = {one for one in before if before[one]["stage"] != after[one]["stage"]}
        assert due["id"] in changed
        assert later["id"] not in changed
        assert changed <= expected
        assert tick(stack)["groups"] == 0
        eventually(
            lambda: len(events_of(stack, due["id"])),
            lambda count: count == events[due["id"]] + 1,
            within_seconds=2,
        )
        assert len(events_of(stack, later["id"])) == events[later["id"]]
    finally:
        set_clock(stack, None)
    # Set back, everything shows again what it showed.
    listed_as(client, due, "recently_lost", within_seconds=5)
    again = {row["id"]: row["stage"] for row in pages(client, "/v1/accounts", limit=200)}
    assert again == {one: row["stage"] for one, row in before.items()}
