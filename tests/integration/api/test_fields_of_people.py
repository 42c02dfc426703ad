"""Custom fields and tags of contacts, activities and tasks over the API."""

from typing import Any

import pytest

from tests.api_client import ApiClient

RECORDS: dict[str, tuple[str, dict[str, Any]]] = {
    "contact": ("/v1/contacts", {"last_name": "Brandt"}),
    "activity": ("/v1/activities", {"kind": "call", "occurred_at": "2026-01-01T00:00:00Z"}),
    "task": ("/v1/tasks", {"title": "Call", "due_on": "2026-04-01"}),
}
LEVEL = {"key": "level", "name": "Level", "type": "picklist", "options": ["gold", "silver"]}
CODE = {"key": "code", "name": "Code", "type": "text", "unique": True}

pytestmark = pytest.mark.parametrize("module", RECORDS)


@pytest.fixture
def account(client, module):
    for field in (LEVEL | {"default": "silver"}, CODE):
        client.post("/v1/fields", {"module": module} | field)
    return client.post("/v1/accounts", {"name": "Glassworks"})["id"]


def body(module: str, account: str, **more: Any) -> dict[str, Any]:
    """Return what makes a record of the account."""
    id_ = {"account_id": account}
    return RECORDS[module][1] | ({"accounts": [id_]} if module == "contact" else id_) | more


def made(client, module, account, **more):
    """Return a new record and its address."""
    address = RECORDS[module][0]
    record = client.post(address, body(module, account, **more))
    return record, f"{address}/{record['id']}"


def told(reply):
    names = ("code", "field", "other_id")
    return reply.status, *(reply.body.get(name) for name in names)


def test_values_have_defaults_are_merged_and_shown_wherever_the_record_is(client, module, account):
    plain, _ = made(client, module, account)
    record, address = made(client, module, account, custom={"code": "A"}, tags=["Key", "büro"])
    again = client.patch(address, {"custom": {"code": "A"}})
    changed = client.patch(address, {"custom": {"code": None, "level": "gold"}, "tags": ["New"]})
    unknown = client.send("PATCH", address, {"custom": {"x": 1}}, headers={"If-Match": "*"})

    assert (plain["custom"], plain["tags"]) == ({"level": "silver"}, [])
    assert record["custom"] == {"level": "silver", "code": "A"}
    assert (record["tags"], again["rev"]) == (["büro", "Key"], 1)
    assert (changed["custom"], changed["tags"], changed["rev"]) == ({"level": "gold"}, ["New"], 2)
    assert told(unknown) == (422, "invalid_field", "custom.x", None)
    assert client.get(address) == changed
    lists = RECORDS[module][0].removeprefix("/v1/")
    listed = client.get(f"/v1/accounts/{account}/{lists}")["items"]
    assert {str(one) for one in listed} == {str(plain), str(changed)}
    assert client.patch(address, {"tags": None})["tags"] == []


def test_a_value_that_another_one_has_is_refused_until_that_one_is_gone(client, module, account):
    record, address = made(client, module, account, custom={"code": "A"}, tags=["Key"])
    other, other_address = made(client, module, account)
    path = RECORDS[module][0]
    sent = body(module, account, custom={"code": "a "})

    taken = client.send("POST", path, sent)
    patched = client.send(
        "PATCH", other_address, {"custom": {"code": "a"}}, headers={"If-Match": "*"}
    )
    client.send("DELETE", address)
    keyed = [client.send("POST", path, sent, headers={"Idempotency-Key": "k"}) for _ in range(2)]

    assert told(taken) == told(patched) == (409, "value_not_unique", "custom.code", record["id"])
    assert client.get(other_address)["rev"] == other["rev"]
    assert [reply.status for reply in keyed] == [201, 201]
    assert keyed[0].body == keyed[1].body


def test_a_value_moves_with_its_record_and_is_let_go_on_the_way(client, module, account):
    _, address = made(client, module, account, custom={"code": "A"})
    elsewhere = client.post("/v1/accounts", {"name": "Other"})["id"]
    if module == "contact":
        client.put(f"{address}/accounts/{elsewhere}", {"roles": []})
        moved = client.patch(address, {"custom": {"code": "B"}})
    else:
        moved = client.patch(address, {"account_id": elsewhere, "custom": {"code": "B"}})

    made(client, module, account, custom={"code": "A"})
    taken = client.send("POST", RECORDS[module][0], body(module, account, custom={"code": "B"}))

    assert told(taken)[3] == moved["id"]


def test_who_does_not_see_the_other_record_is_not_told_which_it_is(
    deployed, client, module, account
):
    made(client, module, account, custom={"code": "A"})
    seller = deployed.caller("seller")
    own = seller.post("/v1/accounts", {"name": "Mine"})["id"]
    mine, address = made(seller, module, own, custom={"code": "B"})

    hidden, seen = (
        seller.send("POST", RECORDS[module][0], body(module, own, custom={"code": code}))
        for code in "AB"
    )
    changed = seller.send("PATCH", address, {"custom": {"code": "A"}}, headers={"If-Match": "*"})

    assert told(hidden) == told(changed) == (409, "value_not_unique", "custom.code", None)
    assert told(seen)[3] == mine["id"]


def test_a_profile_hides_values_and_tags(deployed, client, module, account):
    record, address = made(client, module, account, custom={"code": "A"}, tags=["Key"])
    plural = RECORDS[module][0].removeprefix("/v1/")
    fields = {f"{plural}.custom.code": "none", f"{plural}.tags": "read"}
    client.put("/v1/profiles/p", {"name": "P", "fields": fields})
    email = f"reader@{deployed.workspace.id}.example"
    person = {"email": email, "name": "R", "role": "manager", "profile": "p"}
    client.patch("/v1/settings", {"ownership": "shared"})
    reader = ApiClient(client.post("/v1/members", person)["id"])

    shown = reader.get(address)
    any_revision = {"If-Match": "*"}
    unreadable = reader.send("PATCH", address, {"custom": {"code": "B"}}, headers=any_revision)
    read_only = reader.send("PATCH", address, {"tags": []}, headers=any_revision)

    assert (shown["custom"], shown["unreadable"]) == ({"level": "silver"}, ["custom.code"])
    assert shown["tags"] == record["tags"]
    assert told(unreadable)[:3] == (403, "field_not_readable", "custom.code")
    assert told(read_only)[:3] == (403, "field_not_writable", "tags")


def test_the_audit_names_the_values_that_changed(client, audited, module, account):
    _, address = made(client, module, account, custom={"code": "A"})
    elsewhere = client.post("/v1/accounts", {"name": "Other"})["id"]
    changes = {} if module == "contact" else {"account_id": elsewhere}
    client.patch(address, changes | {"custom": {"code": "B"}, "tags": ["Key"]})
    audited()

    entries = [one for one in client.get("/v1/audit")["items"] if one["kind"] == module]

    assert entries[0]["fields"] == [*changes, "custom.code", "tags"]
    assert {"custom.code", "custom.level"} < set(entries[1]["fields"])
