"""Bad requests, and what each gets."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.e2e.world import caller, eventually, stage_of


@pytest.fixture(scope="module")
def client(stack):
    client = caller(stack)
    client.put("/v1/integrations/file", {"active": True, "opportunity_pull": True})
    return client


@pytest.fixture(scope="module")
def account(client):
    return client.post("/v1/accounts", {"name": "Badly Asked Ltd"})


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"sort": "foo"}, "sort"),
        ({"limit": "0"}, "limit"),
        ({"limit": "5000"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"q": "ab"}, "q"),
        ({"stage": "rich"}, "stage"),
        ({"in_crm": "maybe"}, "in_crm"),
        ({"colour": "blue"}, "colour"),
    ],
    ids=lambda value: str(value),
)
def test_parameter_of_the_list_is_refused_by_name(client, query, field):
    reply = client.send("GET", "/v1/accounts", query=query)

    assert (reply.status, reply.body["field"]) == (422, field)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"as_of": "2024-02-30"}, "as_of"),
        ({"as_of": "yesterday"}, "as_of"),
        ({"known_at": "2999-01-01T00:00:00Z"}, "known_at"),
        ({"known_at": "2024-01-01"}, "known_at"),
        ({"at": "2024-01-01"}, "at"),
    ],
    ids=lambda value: str(value),
)
def test_parameter_of_a_stage_is_refused_by_name(client, account, query, field):
    reply = client.send("GET", f"/v1/accounts/{account['id']}/stages/crm_stage", query=query)

    assert (reply.status, reply.body["field"]) == (422, field)


def test_tampered_cursor_is_refused(client):
    for name in ("Cursored One", "Cursored Two", "Cursored Three"):
        client.post("/v1/accounts", {"name": name})
    cursor = eventually(
        lambda: client.get("/v1/accounts", limit=1)["next_cursor"], bool, within_seconds=3
    )
    tampered = ("B" if cursor[0] == "A" else "A") + cursor[1:]

    for query in ({"limit": 1, "cursor": tampered}, {"limit": 1, "cursor": cursor, "q": "curs"}):
        reply = client.send("GET", "/v1/accounts", query=query)
        assert (reply.status, reply.body["code"]) == (400, "cursor_invalid")


def test_before_anything_was_known(client, account):
    answer = stage_of(client, account["id"], known_at="2001-01-01T00:00:00Z")

    assert (answer["stage"], answer["reason"]) == (None, "NOT_KNOWN")


def test_day_ahead_is_predicted(client, account):
    answer = stage_of(client, account["id"], as_of="2199-01-01")

    assert answer["predicted"] is True
    assert answer["stage"] == "in_crm"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"opened_on": "2024-05-05", "closed_on": "2024-05-04", "status": "won"}, "closed_on"),
        ({"status": "won"}, "closed_on"),
        ({"amount": {"amount": "-1", "currency": "EUR"}}, "amount"),
        ({"probability": 1.2}, "probability"),
        ({"amount": {"amount": "1"}}, "currency"),
        ({"amount": {"amount": "1", "currency": "EURO"}}, "currency"),
        ({"colour": "blue"}, "colour"),
        ({"status": "gone"}, "status"),
        ({"opened_on": "2024-02-30"}, "opened_on"),
    ],
    ids=lambda value: str(value),
)
def test_field_of_a_deal_is_refused_by_name(client, account, fields, field):
    deal = {"account_id": account["id"], "name": "Deal", "status": "open", **fields}

    reply = client.send("POST", "/v1/deals", body=deal)

    assert reply.status == 422
    assert field in {error["field"].split(".")[-1] for error in reply.body["errors"]}, reply.body


def test_circle_of_parents_is_refused_with_its_chain(client):
    top, middle = (client.post("/v1/accounts", {"name": f"Circle {n}"})["id"] for n in "AB")
    client.put(f"/v1/accounts/{middle}/parent", {"parent_id": top})

    own = client.send("PUT", f"/v1/accounts/{top}/parent", body={"parent_id": top})
    below = client.send("PUT", f"/v1/accounts/{top}/parent", body={"parent_id": middle})

    for reply in (own, below):
        assert (reply.status, reply.body["code"]) == (409, "group_cycle")
        assert top in reply.body["chain"]


def test_parent_of_another_workspace_is_not_found(stack, client, account):
    strange = caller(stack, workspace="other").post("/v1/accounts", {"name": "Theirs"})["id"]
    path = f"/v1/accounts/{account['id']}/parent"

    theirs, unknown = (
        client.send("PUT", path, body={"parent_id": parent}) for parent in (strange, "0" * 32)
    )

    assert (theirs.status, theirs.body["code"]) == (404, "not_found")
    assert unknown.body["detail"] == theirs.body["detail"]


def test_account_in_use_is_not_deleted(client):
    parent = client.post("/v1/accounts", {"name": "In Use"})
    child = client.post("/v1/accounts", {"name": "Using It"})
    client.put(f"/v1/accounts/{child['id']}/parent", {"parent_id": parent["id"]})
    client.post("/v1/deals", {"account_id": parent["id"], "name": "D", "status": "open"})

    reply = client.send("DELETE", f"/v1/accounts/{parent['id']}", headers={"If-Match": "*"})

    assert (reply.status, reply.body["code"]) == (409, "account_in_use")
    assert 1 in reply.body.values()


def test_change_needs_the_revision_it_was_read_in(client):
    made = client.send("POST", "/v1/accounts", body={"name": "Revised Ltd"})
    path = f"/v1/accounts/{made.body['id']}"
    etag = made.headers["etag"]

    assert client.send("PATCH", path, body={"industry": "Glass"}).status == 428
    changed = client.send("PATCH", path, body={"industry": "Glass"}, headers={"If-Match": etag})
    assert changed.status == 200
    stale = client.send("PATCH", path, body={"industry": "Steel"}, headers={"If-Match": etag})
    assert stale.status == 412
    fresh = client.send("GET", path)
    assert fresh.body["industry"] == "Glass"


def test_unreadable_body_unknown_route_and_method(client, stack):
    assert client.send("GET", "/v1/nothing").status == 404
    assert client.send("PUT", "/v1/accounts", body={}).status == 405
    plain = client.send(
        "POST", "/v1/accounts", body={"name": "x"}, headers={"Content-Type": "text/plain"}
    )
    assert plain.status == 415


def test_known_at_of_now_is_fine(client, account):
    just_now = (datetime.now(UTC) - timedelta(milliseconds=20)).isoformat()

    assert (
        stage_of(client, account["id"], known_at=just_now)["as_of"] >= date(2020, 1, 1).isoformat()
    )
