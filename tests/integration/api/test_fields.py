"""Custom fields and tags over the API."""

from unittest.mock import patch

import pytest

from stageline import bootstrap
from stageline.adapters.dynamodb.fields import DynamoDbFields

LEVEL = {
    "module": "account",
    "key": "level",
    "name": "Level",
    "type": "picklist",
    "options": ["gold", "silver"],
}
VAT = {"module": "account", "key": "vat", "name": "VAT number", "type": "text", "unique": True}


@pytest.fixture
def account(client):
    """An account with a level and a number that is unique."""
    client.post("/v1/fields", LEVEL)
    client.post("/v1/fields", VAT)
    return client.post("/v1/accounts", {"name": "Glassworks", "custom": {"level": "gold"}})


def codes(reply):
    return reply.status, reply.body["code"], reply.body.get("field")


def test_fields_are_made_changed_and_archived_by_admins(deployed, client):
    made = client.send("POST", "/v1/fields", LEVEL)
    again = client.send("POST", "/v1/fields", LEVEL)
    other = client.send("POST", "/v1/fields", LEVEL | {"name": "Rank"})
    address = made.headers["Location"]

    changed = client.patch(address, {"name": "Rank", "required": True}, '"1"')
    fixed = client.send("PATCH", address, {"type": "text"}, headers={"If-Match": "*"})
    stale = client.send("PATCH", address, {"name": "x"}, headers={"If-Match": '"1"'})
    archived = client.send("DELETE", address)

    assert (made.status, again.status, other.status) == (201, 200, 409)
    assert made.body == again.body
    assert (changed["name"], changed["required"], changed["rev"]) == ("Rank", True, 2)
    assert codes(fixed) == (409, "field_fixed", "type")
    assert (stale.status, archived.status) == (412, 204)
    assert client.get(address)["archived"]
    for role in ("viewer", "seller", "manager", "privacy_officer"):
        member = deployed.caller(role)
        assert member.get("/v1/fields", module="account")["items"] == [client.get(address)]
        assert member.send("POST", "/v1/fields", VAT).status == 403
        assert member.send("DELETE", address).status == 403
        reply = member.send("PATCH", address, {"archived": False}, headers={"If-Match": "*"})
        assert reply.status == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"key": "name"}, "key"),
        ({"key": "A"}, "key"),
        ({"type": "formula"}, "type"),
        ({"options": []}, "options"),
        ({"default": "lead"}, "default"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_field_that_makes_no_sense_is_refused(client, body, field):
    reply = client.send("POST", "/v1/fields", LEVEL | body)

    assert codes(reply) == (422, "invalid_field", field)


@pytest.mark.parametrize("address", ["lead/level", "account/none", "account/" + "x" * 2_000])
def test_a_field_that_is_none_is_not_found(client, address):
    assert client.send("GET", f"/v1/fields/{address}").status == 404


def test_fields_of_another_workspace_are_not_seen(client, other, account):
    theirs = other.caller()

    assert theirs.get("/v1/fields") == {"items": []}
    reply = theirs.send("POST", "/v1/accounts", {"name": "A", "custom": {"level": "gold"}})
    assert codes(reply) == (422, "invalid_field", "custom.level")


def test_values_are_merged_and_shown_and_hidden_with_their_field(client, account):
    address = f"/v1/accounts/{account['id']}"
    client.post("/v1/fields", {"module": "account", "key": "n", "name": "N", "type": "number"})

    changed = client.patch(address, {"custom": {"n": 1.5, "vat": "ATU 1"}})
    removed = client.patch(address, {"custom": {"vat": None}})
    client.send("DELETE", "/v1/fields/account/level")
    hidden = client.get(address)
    client.patch("/v1/fields/account/level", {"archived": False})

    assert account["custom"] == {"level": "gold"}
    assert changed["custom"] == {"level": "gold", "n": 1.5, "vat": "ATU 1"}
    assert removed["custom"] == {"level": "gold", "n": 1.5}
    assert hidden["custom"] == {"n": 1.5}
    assert client.get(address)["custom"] == {"level": "gold", "n": 1.5}


def test_an_account_without_custom_values_costs_no_further_read(client):
    made = client.post("/v1/accounts", {"name": "Plain"})

    with patch.object(bootstrap, "fields", side_effect=AssertionError):
        assert client.get(f"/v1/accounts/{made['id']}")["custom"] == {}


def test_fields_are_read_again_for_a_value_of_one_that_is_not_known(deployed, client, account):
    late = DynamoDbFields(bootstrap.table(), deployed.workspace)
    assert set(late.of("account")) == {"level", "vat"}

    client.post("/v1/fields", VAT | {"key": "code"})

    assert set(late.of("account", ["level"])) == {"level", "vat"}
    assert set(late.of("account", ["code"])) == {"level", "vat", "code"}


def test_a_value_that_another_account_has_is_refused_until_that_one_is_gone(client, account):
    address = f"/v1/accounts/{account['id']}"
    body = {"name": "Other", "custom": {"vat": "atu  1"}}
    client.patch(address, {"custom": {"vat": "ATU 1"}})

    taken = client.send("POST", "/v1/accounts", body)
    client.send("DELETE", address)
    made = client.post("/v1/accounts", body)

    assert codes(taken) == (409, "value_not_unique", "custom.vat")
    assert taken.body["other_id"] == account["id"]
    assert made["custom"] == {"vat": "atu  1"}


def test_values_of_deals_are_unique_too_wherever_they_lie(client, account):
    client.post("/v1/fields", VAT | {"module": "deal", "key": "number"})
    one = client.post("/v1/deals", {"name": "D", "custom": {"number": "1"}, "tags": ["Key"]})
    two = client.post("/v1/deals", {"name": "E"})

    moved = client.patch(
        f"/v1/deals/{one['id']}", {"account_id": account["id"], "custom": {"number": "2"}}
    )
    taken = client.patch(f"/v1/deals/{two['id']}", {"custom": {"number": "1"}})
    client.send("DELETE", f"/v1/deals/{one['id']}")
    free = client.patch(f"/v1/deals/{two['id']}", {"custom": {"number": "2"}})

    assert (moved["custom"], moved["tags"]) == ({"number": "2"}, ["Key"])
    assert client.get(f"/v1/accounts/{account['id']}/deals")["items"] == []
    assert (taken["custom"], free["custom"]) == ({"number": "1"}, {"number": "2"})


def test_required_values_and_defaults(client):
    level = LEVEL | {"default": "silver"}
    client.post("/v1/accounts", {"name": "Old"})
    client.post("/v1/fields", level)
    client.post("/v1/fields", VAT | {"required": True, "unique": False})

    missing = client.send("POST", "/v1/accounts", {"name": "New"})
    made = client.post("/v1/accounts", {"name": "New", "custom": {"vat": "1"}})
    address = f"/v1/accounts/{made['id']}"
    removed = client.send("PATCH", address, {"custom": {"vat": None}}, headers={"If-Match": "*"})

    assert codes(missing) == codes(removed) == (422, "invalid_field", "custom.vat")
    assert made["custom"] == {"level": "silver", "vat": "1"}
    assert client.patch(address, {"industry": "Glass"})["industry"] == "Glass"


def test_tags_find_accounts(deployed, client):
    def listed(**query):
        return [row["name"] for row in client.get("/v1/accounts", sort="name", **query)["items"]]

    ids = [
        client.post("/v1/accounts", {"name": name, "tags": tags})["id"]
        for name, tags in (("A", ["Key", "büro"]), ("B", ["KEY"]), ("C", []))
    ]
    deployed.settle(*ids)
    assert (listed(tag="key"), listed(tag=["key", "Büro"])) == (["A", "B"], ["A"])
    assert listed(tag="key", in_crm="false") == []

    client.put(f"/v1/accounts/{ids[2]}/tags/Key", None)
    changed = client.patch(f"/v1/accounts/{ids[0]}", {"tags": None})
    deployed.settle(*ids)

    assert changed["tags"] == []
    assert (listed(tag="key"), listed(tag="büro")) == (["B", "C"], [])
    assert [row["tags"] for row in client.get("/v1/accounts", sort="name")["items"]] == [
        [],
        ["KEY"],
        ["Key"],
    ]


@pytest.mark.parametrize("sent", ["VIP ⭐", "VIP%20%E2%AD%90", 'हिन्दी "x"', "a+b & c"])
def test_a_tag_in_the_address_is_taken_as_gateways_hand_it_over(client, sent):
    account = client.post("/v1/accounts", {"name": "A"})["id"]
    address = f"/v1/accounts/{account}/tags/{sent}"

    added, again = client.put(address, None), client.put(address, None)
    removed = client.send("DELETE", address)

    assert len(added["tags"]) == 1
    assert "%" not in added["tags"][0]
    assert (again["rev"], removed.body["tags"]) == (2, [])


def test_tags_that_are_none_are_refused(client):
    account = client.post("/v1/accounts", {"name": "A"})["id"]

    bad = client.send("PUT", f"/v1/accounts/{account}/tags/{'x' * 51}")
    many = client.send("POST", "/v1/accounts", {"name": "A", "tags": [str(n) for n in range(41)]})
    filtered = client.send("GET", "/v1/accounts", query={"tag": "a/b"})

    assert codes(bad) == (422, "invalid_field", "tag")
    assert codes(many) == (422, "invalid_field", "tags")
    assert codes(filtered) == (422, "invalid_field", "tag")
