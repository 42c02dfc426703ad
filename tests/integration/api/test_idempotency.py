"""Idempotency-Key: a creating call is done once, and refused calls leave their key free."""

import json
from datetime import timedelta
from unittest.mock import patch

import pytest
from botocore.exceptions import ClientError

from api.routing import ROUTES
from stageline import bootstrap
from tests.api_client import ApiClient

ACCOUNTS, DEALS = "/v1/accounts", "/v1/deals"


def create(client, path=ACCOUNTS, body=None, key="k"):
    return client.send("POST", path, body or {"name": "Once"}, headers={"Idempotency-Key": key})


def kept():
    """Return the items that remember calls."""
    pages = bootstrap.table().client.get_paginator("scan").paginate(TableName="stageline-test")
    items = [item for page in pages for item in page["Items"]]
    return [item for item in items if "#K#" in item["PK"]["S"]]


def test_every_call_that_creates_takes_a_key():
    creating = [
        route
        for route in ROUTES
        # What is asked of a record that is there makes no other, and may be repeated as it is.
        if route.method == "POST" and route.status in (201, 202) and "{" not in route.path
    ]

    assert [route.path for route in creating if not route.idempotent] == []


def test_another_body_is_refused_however_the_first_is_called(client):
    create(client)

    other = create(client, body={"name": "Else"})

    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")
    assert other.body["field"] == "Idempotency-Key"


def test_a_key_belongs_to_its_workspace_caller_and_route(deployed, other, client):
    replies = [
        create(client),
        create(client, DEALS),
        create(deployed.caller("seller")),
        create(other.caller()),
    ]

    assert [reply.status for reply in replies] == [201] * 4
    assert len({reply.body["id"] for reply in replies}) == 4


def test_the_answer_is_the_record_as_it_is_now(client):
    made = create(client)
    client.patch(f"{ACCOUNTS}/{made.body['id']}", {"industry": "Glass"})

    again = create(client)

    assert (again.status, again.body["id"], again.body["industry"]) == (
        201,
        made.body["id"],
        "Glass",
    )
    assert again.headers["ETag"] == '"2"'
    assert again.headers["Location"] == made.headers["Location"]


def test_a_repetition_does_not_move_an_account_back(client):
    first, second = (client.post(ACCOUNTS, {"name": name})["id"] for name in ("First", "Second"))
    body = {"name": "Child", "parent_id": first}
    child = create(client, body=body).body["id"]
    client.put(f"{ACCOUNTS}/{child}/parent", {"parent_id": second})
    client.send("DELETE", f"{ACCOUNTS}/{first}")

    again = create(client, body=body)

    assert (again.status, again.body["parent_id"]) == (201, second)


def test_a_deal_is_found_again_when_its_account_is_gone(client):
    account = client.post(ACCOUNTS, {"name": "Gone"})["id"]
    body = {"name": "Panes", "account_id": account}
    deal = create(client, DEALS, body).body["id"]
    client.patch(f"{DEALS}/{deal}", {"account_id": None})
    assert client.send("DELETE", f"{ACCOUNTS}/{account}").status == 204

    again = create(client, DEALS, body)

    assert (again.status, again.body["id"], again.body["account_id"]) == (201, deal, None)


@pytest.mark.parametrize("path", [ACCOUNTS, DEALS])
def test_a_record_that_was_deleted_since_is_not_found(client, path):
    made = create(client, path).body["id"]
    client.send("DELETE", f"{path}/{made}")

    assert create(client, path).status == 404


def test_a_refused_call_leaves_its_key_free(client):
    refused = create(client, body={"name": ""})
    no_json = client.send("POST", ACCOUNTS, raw="{", headers={"Idempotency-Key": "k"})

    assert (refused.status, no_json.status) == (422, 415)
    assert kept() == []
    assert create(client).status == 201


def test_in_flight_until_the_function_must_have_ended(deployed, client):
    with (
        patch("api.routes.accounts.etag", side_effect=SystemExit),
        pytest.raises(SystemExit),
    ):
        create(client)

    early = create(client)
    deployed.clock.pass_by(timedelta(seconds=28))
    late = create(client)

    assert (early.status, early.body["code"]) == (409, "idempotency_in_flight")
    assert early.headers["Retry-After"] == "1"
    # The first made the account, and told nobody.
    assert late.status == create(client).status == 200


def test_a_call_that_met_a_busy_table_may_come_again_at_once(client):
    busy = ClientError({"Error": {"Code": "ThrottlingException"}}, "Query")
    with patch("api.routes.accounts.etag", side_effect=busy):
        first = create(client)

    assert first.status == 503
    assert create(client, body={"name": "Else"}).body["code"] == "idempotency_key_reused"
    assert create(client).status == 200


def test_a_verification_is_begun_once(client):
    first = create(client, "/v1/verifications", {"repair": True})
    again = create(client, "/v1/verifications", {"repair": True})
    other = create(client, "/v1/verifications", {"repair": True}, key="another")

    assert (first.status, again.status, other.status) == (202, 202, 409)
    assert again.body["id"] == first.body["id"]
    assert client.get(f"/v1/verifications/{first.body['id']}")["status"] == "running"


def test_what_is_kept_says_nothing_and_expires(deployed, client):
    create(
        client, body={"name": "Canary-Name", "owner_email": "canary@example.com"}, key="canary-k"
    )
    client.post(ACCOUNTS, {"name": "Without key"})

    (item,) = kept()

    assert set(item) == {
        "PK",
        "SK",
        "call",
        "sent",
        "begun_at",
        "held_until",
        "status",
        "made",
        "rev",
        "expires_at",
    }
    assert "anary" not in json.dumps(item)
    assert client.subject not in json.dumps(item)
    left = int(item["expires_at"]["N"]) - deployed.clock.now().timestamp()
    assert 23.9 * 3600 < left <= 24 * 3600


def test_a_key_that_is_forgotten_still_makes_nothing_twice(client):
    made = create(client)
    (item,) = kept()
    key = {name: item[name] for name in ("PK", "SK")}
    bootstrap.table().client.delete_item(TableName="stageline-test", Key=key)

    other = create(client, body={"name": "Else"})
    again = create(client)

    assert (other.status, other.body["code"]) == (409, "already_exists")
    assert (again.status, again.body) == (200, made.body)


@pytest.mark.parametrize("key", ["", "k" * 256, "schlüssel", "\ud800", "a\nb"])
def test_a_text_that_is_no_key_is_refused(client, key):
    reply = create(client, key=key)

    assert (reply.status, reply.body["field"]) == (422, "Idempotency-Key")


def test_a_caller_who_may_not_write_takes_no_key(deployed):
    assert create(deployed.caller("viewer")).status == 403
    assert create(ApiClient("stranger")).status == 401
    assert kept() == []
