"""Accounts over the API: lists, the whole view, changes, and what is refused."""

import pytest

UNKNOWN = "0" * 32


def test_new_account_is_shown_with_its_stage(deployed, client):
    made = client.send("POST", "/v1/accounts", {"name": "Glassworks", "country": "AT"})
    deployed.settle(made.body["id"])

    shown = client.send("GET", f"/v1/accounts/{made.body['id']}")

    assert (made.status, shown.status) == (201, 200)
    assert made.headers["ETag"] == shown.headers["ETag"] == '"1"'
    assert made.headers["Location"] == shown.body["links"]["self"]
    assert shown.body["stages"]["crm_stage"]["stage"] == "in_crm"
    assert shown.body["group"]["size"] == 1
    segments = client.get(shown.body["links"]["history"])["segments"]
    assert shown.body["history"] == {"crm_stage": segments}  # S3.2
    assert client.get("/v1/accounts")["items"][0]["display"] == "In CRM"


def test_account_is_shown_before_the_pipeline_came_by(client):
    made = client.post("/v1/accounts", {"name": "Glassworks"})
    client.post("/v1/deals", {"name": "Panes", "account_id": made["id"]})

    stage = client.get(f"/v1/accounts/{made['id']}")["stages"]["crm_stage"]

    assert stage["stage"] == "pipeline"


def test_the_same_key_creates_once(client):
    first = client.send("POST", "/v1/accounts", {"name": "Once"}, headers={"Idempotency-Key": "k"})
    again = client.send("POST", "/v1/accounts", {"name": "Once"}, headers={"Idempotency-Key": "k"})
    other = client.send("POST", "/v1/accounts", {"name": "Else"}, headers={"Idempotency-Key": "k"})

    assert (first.status, again.status, other.status) == (201, 201, 422)
    assert first.body == again.body
    assert other.body["code"] == "idempotency_key_reused"


def test_change_says_which_revision_it_changes(client):
    made = client.post("/v1/accounts", {"name": "Revised", "industry": "Glass"})
    path = f"/v1/accounts/{made['id']}"

    missing = client.send("PATCH", path, {"industry": "Steel"})
    changed = client.send("PATCH", path, {"industry": None}, headers={"If-Match": '"1"'})
    stale = client.send("PATCH", path, {"industry": "Wood"}, headers={"If-Match": '"1"'})

    assert (missing.status, missing.body["code"]) == (428, "if_match_missing")
    assert (changed.body["industry"], changed.headers["ETag"]) == (None, '"2"')
    assert (stale.status, stale.body["code"]) == (412, "stale")


def test_group_is_shown_and_pooled(deployed, client):
    parent = client.post("/v1/accounts", {"name": "Holding"})["id"]
    child = client.post("/v1/accounts", {"name": "Subsidiary", "parent_id": parent})["id"]
    client.post(
        "/v1/deals",
        {"name": "D", "account_id": child, "status": "won", "closed_on": "2026-01-05"},
    )
    deployed.settle(parent, child)

    view = client.get(f"/v1/accounts/{parent}")

    assert view["stages"]["crm_stage"]["stage"] == "client"  # S0.12
    assert view["group"]["size"] == 2
    assert view["children"] == [{"id": child, "name": "Subsidiary", "parent_id": parent}]
    assert view["deals"]["items"] == []


def test_circle_and_use_are_refused_with_what_is_in_the_way(client):
    top = client.post("/v1/accounts", {"name": "Top"})["id"]
    below = client.post("/v1/accounts", {"name": "Below", "parent_id": top})["id"]

    circle = client.send("PUT", f"/v1/accounts/{top}/parent", {"parent_id": below})
    in_use = client.send("DELETE", f"/v1/accounts/{top}")

    assert (circle.status, circle.body["code"]) == (409, "group_cycle")
    assert circle.body["chain"] == [top, below, top]
    assert (in_use.status, in_use.body["children"], in_use.body["deals"]) == (409, 1, 0)


@pytest.fixture
def tree(client):
    """`top` over `mid` over `leaf`, and `aside` under `top`; `other` alone."""
    made: dict[str, str] = {}
    for name, parent in (
        ("top", None),
        ("mid", "top"),
        ("leaf", "mid"),
        ("aside", "top"),
        ("other", None),
    ):
        body = {"name": name} | ({"parent_id": made[parent]} if parent else {})
        made[name] = client.post("/v1/accounts", body)["id"]
    return made


def test_an_account_with_children_moves_by_a_job(deployed, client, tree):
    address = f"/v1/accounts/{tree['mid']}/parent"

    accepted = client.send("PUT", address, {"parent_id": tree["other"]})
    deployed.work_off(accepted.body["id"])
    job = client.get(accepted.headers["Location"])
    again = client.send("PUT", address, {"parent_id": tree["other"]})

    assert (accepted.status, accepted.body["kind"], accepted.body["status"]) == (
        202,
        "move",
        "running",
    )
    assert (job["status"], job["result"]) == ("completed", {"moved": 2})
    assert client.get(f"/v1/accounts/{tree['leaf']}")["root_id"] == tree["other"]
    assert (again.status, again.body["parent_id"]) == (200, tree["other"])


def test_a_group_that_is_moving_is_busy_for_others_with_children(deployed, client, tree):
    accepted = client.send("PUT", f"/v1/accounts/{tree['mid']}/parent", {"parent_id": None})
    address = f"/v1/accounts/{tree['top']}/parent"

    busy = client.send("PUT", address, {"parent_id": tree["other"]})
    alone = client.send("PUT", f"/v1/accounts/{tree['aside']}/parent", {"parent_id": None})

    assert (busy.status, busy.body["code"]) == (409, "group_busy")
    assert (busy.body["retry_after_seconds"], busy.headers["Retry-After"]) == (5, "5")
    assert busy.body["job_id"] == accepted.body["id"]
    assert alone.status == 200


def test_a_stale_revision_moves_nothing(client, tree):
    headers = {"If-Match": '"9"'}

    reply = client.send(
        "PUT", f"/v1/accounts/{tree['mid']}/parent", {"parent_id": None}, headers=headers
    )

    assert (reply.status, reply.body["code"]) == (412, "stale")
    assert client.get(f"/v1/accounts/{tree['mid']}")["parent_id"] == tree["top"]


def test_a_parent_that_is_unknown_or_of_others_is_not_found(client, other, tree):
    strange = other.caller().post("/v1/accounts", {"name": "Theirs"})["id"]
    for account in ("mid", "leaf"):
        replies = [
            client.send("PUT", f"/v1/accounts/{tree[account]}/parent", {"parent_id": parent})
            for parent in (UNKNOWN, strange)
        ]

        assert [reply.status for reply in replies] == [404, 404]
        assert {reply.body["code"] for reply in replies} == {"not_found"}
        assert replies[0].body["detail"] == replies[1].body["detail"]


def test_deleted_account_is_gone_from_every_answer(deployed, client):
    account = client.post("/v1/accounts", {"name": "Leaving"})["id"]
    deployed.settle(account)

    deleted = client.send("DELETE", f"/v1/accounts/{account}", headers={"If-Match": '"1"'})
    deployed.settle(account)

    assert (deleted.status, deleted.body) == (204, "")
    assert client.send("GET", f"/v1/accounts/{account}").status == 404
    assert client.get("/v1/accounts", q="leaving")["items"] == []
    assert client.get("/v1/accounts")["items"] == []


def test_unknown_account_and_one_of_another_workspace_look_the_same(client, other):
    strange = other.caller().post("/v1/accounts", {"name": "Theirs"})["id"]
    for address in (
        "/v1/accounts/{}",
        "/v1/accounts/{}/deals",
        "/v1/accounts/{}/stages/crm_stage",
        "/v1/accounts/{}/stages/crm_stage/history",
    ):
        unknown = client.send("GET", address.format(UNKNOWN))
        theirs = client.send("GET", address.format(strange))

        assert unknown.status == theirs.status == 404
        assert unknown.body | {"request_id": ""} == theirs.body | {"request_id": ""}


def test_deals_of_an_account_come_in_pages(client):
    account = client.post("/v1/accounts", {"name": "Busy"})["id"]
    made = {
        client.post("/v1/deals", {"name": f"D{n}", "account_id": account})["id"] for n in range(5)
    }
    gone = made.pop()
    client.send("DELETE", f"/v1/deals/{gone}")

    found, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = client.get(f"/v1/accounts/{account}/deals", **query)
        found += [deal["id"] for deal in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert found == sorted(made)


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "name", "missing"),
        ({"name": "  "}, "name", "string_too_short"),
        ({"name": "x", "colour": "blue"}, "colour", "unknown_field"),
        ({"name": "x", "created_on": "2024-02-30"}, "created_on", None),
        ({"name": "x", "created_on": 20240201}, "created_on", None),
        ({"name": "x", "in_crm": "yes"}, "in_crm", "bool_type"),
        ({"name": "x", "owner_email": "nobody"}, "owner_email", None),
        ({"name": "x", "domain": "https://x.example"}, "domain", None),
        ({"name": "x", "parent_id": "no id"}, "parent_id", None),
        ({"name": "x", "parent_id": UNKNOWN}, "parent_id", "unknown"),
        ({"name": "x\u0000"}, "name", None),
    ],
    ids=str,
)
def test_field_at_fault_is_named(client, body, field, code):
    reply = client.send("POST", "/v1/accounts", body)

    assert (reply.status, reply.body["field"]) == (422, field)
    assert reply.body["errors"][0]["field"] == field
    assert code in (None, reply.body["errors"][0]["code"])
