"""The stage of an account on both axes of time."""

from datetime import date

import pytest

UNKNOWN = "0" * 32


@pytest.fixture
def account(deployed, client):
    account = client.post("/v1/accounts", {"name": "Glassworks", "created_on": "2025-01-01"})["id"]
    deployed.settle(account)
    return account


def stage_of(client, account, **query):
    return client.get(f"/v1/accounts/{account}/stages/crm_stage", **query)


def test_answer_says_since_when_why_and_what_next(deployed, client, account):
    # S0.7, S0.8, S0.9
    sent = {"name": "D", "account_id": account, "opened_on": "2025-02-03"}
    deal = client.post("/v1/deals", sent | {"status": "lost", "closed_on": "2025-12-31"})["id"]
    deployed.settle(account)

    answer = stage_of(client, account)

    assert (answer["stage"], answer["display"], answer["rank"]) == (
        "recently_lost",
        "Recently lost",
        6,
    )
    assert answer["since"] == "2025-12-31"
    assert answer["next_change"]["on"] == "2026-07-01"
    assert answer["next_change"]["to"] == "in_crm"
    assert answer["next_change"]["reason"] == "WINDOW_ENDS"
    assert answer["next_change"]["ids"] == [deal]
    facts = {fact["fact"]: fact for fact in answer["explanation"]["evidence"]["facts"]}
    assert facts["lost_deals"]["deal_ids"] == [deal]
    assert answer["holds"] == ["recently_lost"]
    assert answer["as_of"] == "2026-03-02"
    assert answer["predicted"] is False
    assert answer["current_as_of"] is None


def test_day_in_the_past_and_day_ahead(deployed, client, account):
    sent = {"name": "D", "account_id": account, "opened_on": "2025-06-15"}
    client.post("/v1/deals", sent | {"status": "lost", "closed_on": "2025-12-31"})
    deployed.settle(account)

    asked = {
        day: stage_of(client, account, as_of=day)
        for day in ("2024-12-31", "2025-01-01", "2025-06-15", "2026-06-30", "2026-07-01")
    }

    assert [answer["stage"] for answer in asked.values()] == [
        "new_prospect",
        "in_crm",
        "pipeline",
        "recently_lost",
        "in_crm",
    ]
    assert asked["2024-12-31"]["since"] is None
    assert asked["2025-06-15"]["since"] == "2025-06-15"
    assert asked["2026-07-01"]["predicted"] is True


def test_known_at_keeps_the_old_belief_with_its_evidence(deployed, client, account):
    before = deployed.clock.now().isoformat()
    deal = client.post("/v1/deals", {"name": "D", "account_id": account})["id"]
    deployed.settle(account)

    believed, now = stage_of(client, account, known_at=before), stage_of(client, account)

    assert (believed["stage"], now["stage"]) == ("in_crm", "pipeline")
    assert believed["explanation"]["evidence"]["stage"] == "in_crm"
    assert deal not in str(believed)
    assert deal in str(now["explanation"]["evidence"])
    # What was kept of that belief is what was current then.
    earlier = stage_of(client, account, known_at=before, as_of="2024-01-01")
    assert (earlier["stage"], earlier["explanation"]["evidence"]) == ("new_prospect", None)


def test_before_the_first_version_nothing_was_known(client, account):
    answer = stage_of(client, account, known_at="2020-01-01T00:00:00+01:00")

    assert (answer["stage"], answer["display"], answer["rank"]) == (None, "-", 9)
    assert answer["reason"] == "NOT_KNOWN"
    assert answer["explanation"]["text"]


@pytest.mark.parametrize(
    ("switched", "reason"),
    [
        ({"active": False}, "INTEGRATION_INACTIVE"),
        ({"opportunity_pull": False}, "OPPORTUNITY_PULL_OFF"),
    ],
)
def test_dash_lies_over_the_stage_and_names_its_reason(deployed, client, account, switched, reason):
    # S0.16, S0.17
    believed_at = deployed.clock.now().isoformat()
    client.patch("/v1/integrations/file", switched)

    answer = stage_of(client, account)
    row = client.get("/v1/accounts")["items"][0]

    assert (answer["stage"], answer["display"], answer["reason"]) == (None, "-", reason)
    assert answer["hint"] == row["hint"] is not None
    assert (row["stage"], row["display"], row["rank"], row["reason"]) == (None, "-", 9, reason)
    assert client.get("/v1/integrations")["no_stage"]["reason"] == reason
    assert stage_of(client, account, as_of="2026-03-01")["stage"] == "in_crm"
    assert stage_of(client, account, known_at=believed_at)["stage"] == "in_crm"

    client.patch("/v1/integrations/file", {"active": True, "opportunity_pull": True})
    assert stage_of(client, account)["stage"] == "in_crm"


def test_history_shows_days_groups_and_dashes(deployed, client, account):
    group = client.post("/v1/accounts", {"name": "Holding"})["id"]
    deal = {"name": "D", "account_id": group, "status": "won", "closed_on": "2026-02-01"}
    client.post("/v1/deals", deal)
    deployed.settle(group)
    for _ in range(2):
        deployed.settle(client.put(f"/v1/accounts/{account}/parent", {"parent_id": group})["id"])
        deployed.clock.set_day(date(2026, 3, 10))
        client.put(f"/v1/accounts/{account}/parent", {"parent_id": None})
        deployed.settle(account, group)
    client.patch("/v1/integrations/file", {"active": False})

    history = client.get(f"/v1/accounts/{account}/stages/crm_stage/history")

    shown = [
        (one["from"], one["to"], one["display"], one["root_id"]) for one in history["segments"]
    ]
    assert shown[-1] == ("2026-03-10", None, "-", account)
    assert ("2026-02-01", "2026-03-09", "Client", group) in shown
    assert [one["from"] for one in history["segments"]] == sorted(
        (one["from"] for one in history["segments"]), key=lambda day: day or ""
    )
    assert history["versions"]
    assert history["versions"][0]["recorded_at"] >= history["versions"][-1]["recorded_at"]


def test_history_has_its_versions_in_pages(deployed, client, account):
    for number in range(3):
        day = date(2026, 3, 3 + number)
        deployed.clock.set_day(day)
        sent = {"name": "D", "account_id": account, "status": "won", "closed_on": str(day)}
        deal = client.post("/v1/deals", sent)["id"]
        deployed.settle(account)
        client.send("DELETE", f"/v1/deals/{deal}")
        deployed.settle(account)
    address = f"/v1/accounts/{account}/stages/crm_stage/history"

    whole = client.get(address)["versions"]
    first = client.get(address, limit=2)
    rest = client.get(address, limit=200, cursor=first["next_cursor"])

    assert first["versions"] + rest["versions"] == whole
    assert rest["next_cursor"] is None
    assert len(whole) > 3


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"as_of": "2024-02-30"}, "as_of"),
        ({"as_of": "20240201"}, "as_of"),
        ({"known_at": "2999-01-01T00:00:00Z"}, "known_at"),
        ({"known_at": "2024-01-01T00:00:00"}, "known_at"),
        ({"as_of": ["2024-01-01", "2024-01-02"]}, "as_of"),
        ({"colour": "blue"}, "colour"),
    ],
    ids=str,
)
def test_parameter_at_fault_is_named(client, account, query, field):
    reply = client.send("GET", f"/v1/accounts/{account}/stages/crm_stage", query=query)

    assert (reply.status, reply.body["field"]) == (422, field)
