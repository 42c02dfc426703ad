"""Deals over the API: their life, what each change makes of the stage, and what is refused."""

import pytest


@pytest.fixture
def account(client):
    return client.post("/v1/accounts", {"name": "Glassworks"})["id"]


def stage_of(client, account, **query):
    return client.get(f"/v1/accounts/{account}/stages/crm_stage", **query)


def test_life_of_a_deal_moves_the_stage(deployed, client, account):
    sent = {
        "name": "Panes",
        "account_id": account,
        "opened_on": "2026-01-10",
        "amount": {"amount": "1234.50", "currency": "EUR"},
        "probability": 0.25,
    }
    made = client.send("POST", "/v1/deals", sent)
    deal = made.body["id"]
    deployed.settle(account)
    stages = [stage_of(client, account)["stage"]]
    for address, body in (
        ("close", {"status": "won", "closed_on": "2026-02-01"}),
        ("reopen", None),
        ("close", {"status": "lost", "closed_on": "2026-03-02"}),
    ):
        client.post(f"/v1/deals/{deal}/{address}", body)
        deployed.settle(account)
        stages.append(stage_of(client, account)["stage"])
    deleted = client.send("DELETE", f"/v1/deals/{deal}")
    deployed.settle(account)
    stages.append(stage_of(client, account)["stage"])

    assert made.status == 201
    assert made.body["amount"] == {"amount": "1234.50", "currency": "EUR"}
    assert made.body["probability"] == 0.25
    assert stages == ["pipeline", "client", "pipeline", "recently_lost", "in_crm"]
    assert deleted.status == 204
    assert client.send("GET", f"/v1/deals/{deal}").status == 404


def test_reopening_an_open_deal_is_a_conflict(client, account):
    deal = client.post("/v1/deals", {"name": "Panes", "account_id": account})["id"]

    reply = client.send("POST", f"/v1/deals/{deal}/reopen")

    assert (reply.status, reply.body["code"]) == (409, "outcome_conflict")


def test_deal_without_an_account_is_unassigned_until_it_gets_one(client, account):
    deals = [client.post("/v1/deals", {"name": f"D{n}"})["id"] for n in range(3)]

    first = client.get("/v1/deals/unassigned", limit=2)
    rest = client.get("/v1/deals/unassigned", limit=2, cursor=first["next_cursor"])
    client.patch(f"/v1/deals/{deals[0]}", {"account_id": account})
    left = client.get("/v1/deals/unassigned")

    assert [deal["id"] for deal in first["items"] + rest["items"]] == sorted(deals)
    assert rest["next_cursor"] is None
    assert {deal["id"] for deal in left["items"]} == set(deals[1:])
    assert client.get(f"/v1/deals/{deals[0]}")["account_id"] == account


def test_amount_is_changed_with_its_currency_or_removed(client, account):
    deal = client.post("/v1/deals", {"name": "Panes", "account_id": account})["id"]

    valued = client.patch(f"/v1/deals/{deal}", {"amount": {"amount": 10, "currency": "JPY"}})
    cleared = client.patch(f"/v1/deals/{deal}", {"amount": None})

    assert valued["amount"] == {"amount": "10", "currency": "JPY"}
    assert cleared["amount"] is None


def test_the_same_key_creates_one_deal(client, account):
    body = {"name": "Panes", "account_id": account}
    replies = [
        client.send("POST", "/v1/deals", body, headers={"Idempotency-Key": "d"}) for _ in range(2)
    ]

    assert [reply.status for reply in replies] == [201, 201]
    assert replies[0].body == replies[1].body


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"status": "won", "opened_on": "2024-05-05", "closed_on": "2024-05-04"}, "closed_on"),
        ({"status": "won"}, "closed_on"),
        ({"closed_on": "2024-05-04"}, "closed_on"),
        ({"amount": {"amount": "-1", "currency": "EUR"}}, "amount"),
        ({"amount": {"amount": "1"}}, "amount.currency"),
        ({"amount": {"amount": "1", "currency": "XXQ"}}, "amount.currency"),
        ({"amount": {"amount": "NaN", "currency": "EUR"}}, "amount.amount"),
        ({"amount": 5}, "amount"),
        ({"probability": 1.2}, "probability"),
        ({"status": "gone"}, "status"),
        ({"account_id": "0" * 32}, "account_id"),
        ({"stage": "client"}, "stage"),
    ],
    ids=str,
)
def test_field_at_fault_is_named(client, body, field):
    reply = client.send("POST", "/v1/deals", {"name": "Panes"} | body)

    assert (reply.status, reply.body["field"]) == (422, field)


def test_changed_dates_are_held_against_each_other(client, account):
    sent = {"name": "P", "account_id": account, "status": "won", "closed_on": "2026-01-05"}
    deal = client.post("/v1/deals", sent)["id"]

    reply = client.send(
        "PATCH", f"/v1/deals/{deal}", {"opened_on": "2026-01-06"}, headers={"If-Match": '"1"'}
    )

    assert (reply.status, reply.body["field"]) == (422, "closed_on")
