"""Fields and modules that a profile closes: null where they were shown, refused where asked for."""

import pytest

from api import answers
from api.routing import ROUTES
from stageline.domain.access import FIELDS
from stageline.domain.custom_field import MODULES
from tests.api_client import ApiClient

CUSTOM = {"custom": {"note": "canary"}, "tags": ["canary"]}
ACCOUNT = {
    **CUSTOM,
    "domain": "canary.example.com",
    "industry": "canary industry",
    "country": "canary land",
    "owner_email": "canary@example.com",
    "created_on": "1999-09-09",
}
DEAL = {
    **CUSTOM,
    "owner_email": "canary@example.com",
    "opened_on": "1999-09-08",
    "expected_close_on": "1999-09-09",
    "amount": {"amount": "9999.99", "currency": "EUR"},
    "probability": 0.9999,
}
CONTACT = {
    **CUSTOM,
    "last_name": "Glass",
    "email": "canary@example.com",
    "phone": "canary 1",
    "job_title": "canary",
    "company_name": "canary & Co",
    "owner_email": "canary@example.com",
}
ACTIVITY = {
    **CUSTOM,
    "kind": "call",
    "occurred_at": "2026-01-01T00:00:00Z",
    "subject": "canary",
    "text": "canary",
    "owner_email": "canary@example.com",
}
TASK = {
    **CUSTOM,
    "title": "Call",
    "due_on": "2026-04-01",
    "owner_email": "canary@example.com",
}
SIGNS = ("canary", "1999-09-09", "9999.99", "0.9999")


@pytest.fixture
def restricted(deployed, client):
    """Let somebody who sees everybody's records have a profile."""

    def give(**body):
        client.put("/v1/profiles/p", {"name": "P", **body})
        email = f"reader@{deployed.workspace.id}.example"
        person = {"email": email, "name": "R", "role": "manager", "profile": "p"}
        return ApiClient(client.post("/v1/members", person)["id"])

    client.patch("/v1/settings", {"ownership": "shared"})
    return give


@pytest.fixture
def records(deployed, client):
    for module in MODULES:
        client.post("/v1/fields", {"module": module, "key": "note", "name": "N", "type": "text"})
    account = client.post("/v1/accounts", {"name": "Glassworks", **ACCOUNT})["id"]
    deal = client.post("/v1/deals", {"name": "Panes", "account_id": account, **DEAL})["id"]
    client.post("/v1/deals", {"name": "Lonely", **DEAL})
    contact = client.post("/v1/contacts", {**CONTACT, "accounts": [{"account_id": account}]})["id"]
    about = {"account_id": account}
    activity = client.post("/v1/activities", {**ACTIVITY, **about, "contact_ids": [contact]})["id"]
    task = client.post("/v1/tasks", {**TASK, **about})["id"]
    deployed.settle(account)
    return {
        "accounts": account,
        "deals": deal,
        "contacts": contact,
        "activities": activity,
        "tasks": task,
    }


def everything(client, records):
    """Yield what every reading route answers."""
    for route in ROUTES:
        if route.method != "GET" or route.action is None:
            continue
        id_ = records.get(route.path.split("/")[2], "0" * 32)
        names = dict.fromkeys(("key", "member_id", "module", "integration", "run_id"), "x")
        yield route.path, client.send("GET", route.path.format(id=id_, **names))


def test_what_is_hidden_comes_back_nowhere(restricted, records, client):  # S3.26
    hidden = [f"{module}.{name}" for module, names in FIELDS.items() for name in names]
    reader = restricted(fields=dict.fromkeys(hidden, "none"))

    shown = dict(everything(client, records))
    assert any(sign in str(reply.body) for sign in SIGNS for reply in shown.values())
    for path, reply in everything(reader, records):
        assert reply.status < 500, path
        assert not any(sign in str(reply) for sign in SIGNS), path
    account = reader.get(f"/v1/accounts/{records['accounts']}")
    assert (account["name"], account["industry"]) == ("Glassworks", None)
    assert "industry" in account["unreadable"]
    assert "amount" in reader.get(f"/v1/deals/{records['deals']}")["unreadable"]


@pytest.mark.parametrize(
    ("field", "query"),
    [
        ("owner_email", {"owner": "x@example.com"}),
        ("in_crm", {"in_crm": "true"}),
        ("external_id", {"external_id": "1"}),
    ],
)
def test_nobody_filters_by_what_they_may_not_read(restricted, field, query):
    reader = restricted(fields={f"accounts.{field}": "none"})

    reply = reader.send("GET", "/v1/accounts", query=query)

    assert (reply.status, reply.body["code"]) == (403, "field_not_readable")
    assert reply.body["field"] == field


def test_words_of_a_hidden_domain_find_nothing(restricted, records):
    reader = restricted(fields={"accounts.domain": "none"})

    assert reader.get("/v1/accounts", q="canary")["items"] == []
    assert len(reader.get("/v1/accounts", q="glass")["items"]) == 1


def test_what_may_only_be_read_is_not_written(restricted, records):
    fields = {"accounts.industry": "read", "deals.amount": "none", "accounts.country": "read"}
    reader = restricted(fields=fields)
    account, deal = (f"/v1/{kind}/{records[kind]}" for kind in ("accounts", "deals"))
    any_revision = {"If-Match": "*"}

    read_only = reader.send("PATCH", account, {"industry": "X"}, headers=any_revision)
    hidden = reader.send("PATCH", deal, {"amount": None}, headers=any_revision)
    made = reader.send("POST", "/v1/accounts", {"name": "A", "country": "X"})

    assert reader.get(account)["industry"] == ACCOUNT["industry"]
    for reply, code, field in (
        (read_only, "field_not_writable", "industry"),
        (hidden, "field_not_readable", "amount"),
        (made, "field_not_writable", "country"),
    ):
        assert (reply.status, reply.body["code"], reply.body["field"]) == (403, code, field)
    assert reader.patch(account, {"domain": "new.example.com"})["domain"] == "new.example.com"


def test_a_closed_module_is_closed_wherever_it_would_appear(restricted, records):  # S3.25
    reader = restricted(modules={"deals": "none"})
    account = f"/v1/accounts/{records['accounts']}"

    closed = [
        reader.send("GET", f"/v1/deals/{records['deals']}"),
        reader.send("GET", "/v1/deals/unassigned"),
        reader.send("GET", f"{account}/deals"),
        reader.send("POST", "/v1/deals", {"name": "D"}),
    ]
    view = reader.get(account)

    closed.append(reader.send("GET", f"/v1/deals/{records['deals']}/audit"))
    assert {(reply.status, reply.body["code"]) for reply in closed} == {(403, "module_closed")}
    assert view["deals"] is None
    assert records["deals"] not in str(view)
    assert "1 deal that you can't see" in view["stages"]["crm_stage"]["explanation"]["text"]


@pytest.mark.parametrize("module", ["contacts", "activities", "tasks"])
def test_closed_sections_are_null(restricted, records, module):
    reader = restricted(modules={module: "none"})
    account = f"/v1/accounts/{records['accounts']}"

    view = reader.get(account)

    assert view[module] is None
    assert (view["touch"] is None) == (module == "activities")
    # Activities name the contacts that took part, by id only.
    assert module == "contacts" or records[module] not in str(view)
    for path in (f"{account}/{module}", f"/v1/{module}/{records[module]}"):
        assert reader.send("GET", path).body["code"] == "module_closed"


@pytest.mark.parametrize("module", FIELDS)
def test_a_profile_can_take_away_fields_that_are_shown(module):
    singular = {"activities": "Activity"}.get(module, module[:-1].title())

    assert FIELDS[module] <= getattr(answers, singular).model_fields.keys()
    assert "name" not in FIELDS[module]


def test_a_module_may_be_open_for_reading_only(restricted):
    reader = restricted(modules={"accounts": "read"})

    assert reader.send("GET", "/v1/accounts").status == 200
    refused = reader.send("POST", "/v1/accounts", {"name": "A"})
    assert (refused.status, refused.body["code"]) == (403, "module_closed")
