"""The audit over the API: made of what the routes write, through the table's stream."""

import json
from typing import Any

import boto3
import pytest

from stageline import bootstrap
from stageline.domain.audit import Span

NAME = "Erika Mustermann e. K."


def told(entries):
    return [(one["kind"], one["happened"], one["fields"]) for one in entries]


@pytest.fixture
def made(deployed, client, audited):
    """An account and a deal that were changed a few times; the stream was read twice."""
    sellers = {"owner_email": f"seller@{deployed.workspace.id}.example"}
    sent = {"name": NAME, "domain": "mustermann.example.com", **sellers}
    account = client.post("/v1/accounts", sent)
    deal = client.post("/v1/deals", {"name": f"Order of {NAME}", **sellers})
    seller = deployed.caller("seller")
    seller.patch(f"/v1/deals/{deal['id']}", {"account_id": account["id"], "probability": 1})
    audited()
    client.patch(f"/v1/accounts/{account['id']}", {"industry": "Glass", "domain": None})
    client.put("/v1/integrations/file", {"active": False, "opportunity_pull": True})
    audited()
    return account["id"], deal["id"]


def test_a_record_says_who_changed_what_the_newest_first(deployed, made):
    account, deal = made
    reader = deployed.caller("viewer")

    of_account = reader.get(f"/v1/accounts/{account}/audit")
    of_deal = reader.get(f"/v1/deals/{deal}/audit")["items"]

    assert told(of_account["items"]) == [
        ("account", "changed", ["domain", "industry"]),
        ("account", "created", ["domain", "in_crm", "name", "owner_email", "root_id"]),
    ]
    assert [one["rev"] for one in of_account["items"]] == [2, 1]
    assert told(of_deal) == [
        ("deal", "moved", ["account_id", "probability"]),
        ("deal", "created", ["name", "owner_email", "status"]),
    ]
    workspace = deployed.workspace.id
    assert [one["by"] for one in of_deal] == [f"seller-of-{workspace}", f"admin-of-{workspace}"]
    assert of_deal[0]["request"].startswith("request-")
    assert of_deal[0]["at"].endswith("Z")
    assert NAME not in json.dumps([of_account, of_deal])


def test_the_workspace_is_read_in_pages(client, made):
    found, cursor = list[Any](), None
    while not found or cursor:
        page = client.get("/v1/audit", limit=2, **({"cursor": cursor} if cursor else {}))
        found += page["items"]
        cursor = page["next_cursor"]

    assert sorted(one["kind"] for one in found) == [
        "account",
        "account",
        "deal",
        "deal",
        "integration",
        "overlay",
    ]
    assert [one["at"] for one in found] == sorted((one["at"] for one in found), reverse=True)
    assert client.get("/v1/audit")["items"] == found


def test_filters_pick_entries_out(deployed, client, made):
    account, deal = made
    seller = f"seller-of-{deployed.workspace.id}"

    assert told(client.get("/v1/audit", by=seller)["items"]) == [
        ("deal", "moved", ["account_id", "probability"])
    ]
    assert told(client.get("/v1/audit", kind="integration")["items"]) == [
        ("integration", "changed", ["active"])
    ]
    assert len(client.get("/v1/audit", kind="deal", id=deal)["items"]) == 2
    assert client.get("/v1/audit", kind="deal", id=account)["items"] == []


def test_days_are_those_of_the_workspace(client, deployed, made):
    """The clock stands at noon of 2 March in UTC, 13:00 in Vienna."""
    account, _ = made
    for path in ("/v1/audit", f"/v1/accounts/{account}/audit"):
        every = client.get(path)["items"]
        day = {"from": "2026-03-02", "to": "2026-03-02"}
        assert client.get(path, **day)["items"] == every
        assert client.get(path, to="2026-03-01")["items"] == []
        assert client.get(path, **{"from": "2026-03-03"})["items"] == []
        assert client.get(path, **{"from": "0001-01-01", "to": "9999-12-31"})["items"] == every


def test_a_deleted_record_is_found_by_its_id_by_admins_only(deployed, client, made, audited):
    account, deal = made
    client.send("DELETE", f"/v1/deals/{deal}")
    client.send("DELETE", f"/v1/accounts/{account}")
    audited()

    assert client.send("GET", f"/v1/accounts/{account}/audit").status == 404
    assert client.send("GET", f"/v1/deals/{deal}/audit").status == 404
    newest = client.get("/v1/audit", kind="account", id=account)["items"][0]
    assert (newest["happened"], newest["fields"]) == ("deleted", [])


@pytest.mark.parametrize("role", ["viewer", "seller", "manager", "privacy_officer"])
def test_only_admins_read_the_audit_of_the_workspace(deployed, role):
    reply = deployed.caller(role).send("GET", "/v1/audit")

    assert (reply.status, reply.body["code"]) == (403, "role_may_not")


def test_another_workspace_sees_nothing_of_it(made, other):
    account, deal = made
    stranger = other.caller()

    assert stranger.send("GET", f"/v1/accounts/{account}/audit").status == 404
    assert stranger.send("GET", f"/v1/deals/{deal}/audit").status == 404
    assert stranger.get("/v1/audit", kind="account", id=account)["items"] == []
    assert {one["by"] for one in stranger.get("/v1/audit")["items"]} <= {"operator", "unknown"}


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        pytest.param({"kind": "colour"}, "kind", "unknown", id="no kind"),
        pytest.param({"id": "a1"}, "id", "kind_missing", id="an id of nothing"),
        pytest.param(
            {"from": "2026-03-02", "to": "2026-03-01"}, "to", "before_from", id="backwards"
        ),
        pytest.param({"colour": "blue"}, "colour", "unknown_parameter", id="no parameter"),
    ],
)
def test_what_cannot_be_asked_is_named(client, query, field, code):
    reply = client.send("GET", "/v1/audit", query=query)

    assert (reply.status, reply.body["field"]) == (422, field)
    assert reply.body["errors"][0]["code"] == code


def test_an_entry_is_never_written_over(deployed, made):
    account, _ = made
    log = bootstrap.audit_log(deployed.workspace)
    span = Span(("account", account))
    (_, entry), *_ = before = list(log.newest(span, after=None, page=9))

    log.add(entry)

    assert list(log.newest(span, after=None, page=9)) == before


def test_nothing_of_a_person_lies_in_the_audit_table(made):
    items = boto3.client("dynamodb").scan(TableName="stageline-test-audit")["Items"]

    assert items
    text = json.dumps(items).lower()
    assert "mustermann" not in text and "glass" not in text


def test_a_task_that_lies_with_its_account_is_told_once_whatever_points_to_it(client, audited):
    account = client.post("/v1/accounts", {"name": "Glassworks"})["id"]
    contact = client.post("/v1/contacts", {"last_name": "Brandt"})["id"]
    about = {"account_id": account, "contact_id": contact}
    task = client.post("/v1/tasks", {"title": "Call", "due_on": "2026-04-01", **about})["id"]
    client.patch(f"/v1/tasks/{task}", {"due_on": "2026-05-01"})
    client.patch(f"/v1/tasks/{task}", {"contact_id": None})
    audited()

    assert told(client.get("/v1/audit", kind="task", id=task)["items"]) == [
        ("task", "changed", ["contact_ids"]),
        ("task", "changed", ["due_on"]),
        ("task", "created", ["account_id", "contact_ids", "due_on", "title"]),
    ]


def test_what_is_erased_with_a_person_is_told_as_deleted(deployed, client, audited):
    contact = client.post("/v1/contacts", {"last_name": "Brandt"})["id"]
    sent = {"kind": "call", "occurred_at": "2026-01-05T10:00:00Z", "contact_ids": [contact]}
    activity = client.post("/v1/activities", sent | {"text": NAME})["id"]
    stored = bootstrap.activities(deployed.workspace)
    before = stored.get(activity)
    stored.save(before, before.without(contact, None, stamp=before.changed))
    audited()

    entries = client.get("/v1/audit", kind="activity", id=activity)["items"]
    assert told(entries)[0] == ("activity", "deleted", [])
    assert len(entries) == 2
