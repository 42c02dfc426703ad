"""The view of contacts by age, and touches, over the API (S2.40, S2.41)."""

from collections import Counter
from datetime import timedelta

import pytest

from stageline import bootstrap
from stageline.adapters.dynamodb.record_keys import open_erasure_key
from tests.api_client import ApiClient

VIEW, TOUCHES = "/v1/privacy/contacts", "/v1/privacy/touches"
REASON = "asked her again"


@pytest.fixture
def add(deployed, client):
    """Create a contact and let so many days pass by."""

    def added(name, days=0, *accounts, **more):
        links = [{"account_id": one, "roles": ["user"]} for one in accounts]
        made = client.post("/v1/contacts", {"last_name": name, "accounts": links, **more})
        deployed.clock.pass_by(timedelta(days=days))
        return made["id"]

    return added


@pytest.fixture
def officer(deployed):
    return deployed.caller("privacy_officer")


def open_erasure(deployed, contact_id):
    """Do what a request to erase the contact does."""
    key = open_erasure_key(deployed.workspace, contact_id)
    bootstrap.table().put({**key, "id": contact_id, "request": "erasure-1"})


def names(client, **query):
    found, cursor = [], None
    while True:
        page = client.get(VIEW, limit=2, **query, **({"cursor": cursor} if cursor else {}))
        found += [one["last_name"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def test_contacts_stand_in_the_order_of_their_age(add, officer):  # S2.40
    for name, days in (("Old", 365), ("Older than a quarter", 80), ("Young", 10), ("New", 0)):
        add(name, days)

    assert names(officer) == ["Old", "Older than a quarter", "Young", "New"]
    assert names(officer, sort="-gdpr_date") == ["New", "Young", "Older than a quarter", "Old"]
    assert names(officer, older_than="P3M") == ["Old"]
    assert names(officer, older_than="P30D") == ["Old", "Older than a quarter"]
    assert names(officer, younger_than="P89D", sort="-gdpr_date") == ["New", "Young"]
    assert names(officer, older_than="P5D", younger_than="P1Y") == ["Older than a quarter", "Young"]
    assert names(officer, older_than="P1Y", younger_than="P5D") == []
    ages = [one["age_days"] for one in officer.get(VIEW)["items"]]
    assert ages == [455, 90, 10, 0]


def test_each_has_its_owner_its_links_and_the_stages_of_its_accounts(
    deployed, client, add, officer
):
    accounts = [client.post("/v1/accounts", {"name": name})["id"] for name in ("Won", "Plain")]
    client.post("/v1/deals", {"name": "Panes", "account_id": accounts[0]})
    deployed.settle(*accounts)
    address = f"seller@{deployed.workspace.id}.example"
    contact = add("Brandt", 0, *accounts, owner_email=address)
    add("Lead")

    shown, lead = officer.get(VIEW)["items"]

    stages = shown["stages"]
    whole = client.get(f"/v1/contacts/{contact}")
    assert shown == whole | {"age_days": 0, "stages": stages}
    assert shown["owner"] == f"seller-of-{deployed.workspace.id}"
    assert {one["account_id"]: (one["name"], one["stage"]) for one in stages} == {
        accounts[0]: ("Won", "pipeline"),
        accounts[1]: ("Plain", "in_crm"),
    }
    assert lead["stages"] == []
    client.put("/v1/integrations/file", {"active": False, "opportunity_pull": True})
    assert {one["display"] for one in officer.get(VIEW)["items"][0]["stages"]} == {"-"}


def test_a_page_reads_the_stages_of_all_its_contacts_at_once(deployed, client, add, officer):
    accounts = [client.post("/v1/accounts", {"name": f"A{n}"})["id"] for n in range(6)]
    deployed.settle(*accounts)
    for one in accounts:
        add("Brandt", 0, one)
    asked: Counter[str] = Counter()
    events = bootstrap.table().client.meta.events

    def note(model, **_):
        asked[model.name] += 1

    events.register("before-call.dynamodb", note)
    found = officer.get(VIEW)["items"]
    events.unregister("before-call.dynamodb", note)

    assert [len(one["stages"]) for one in found] == [1] * 6
    assert asked["BatchGetItem"] == 1


def test_a_profile_counts_here_too(deployed, client, add):
    account = client.post("/v1/accounts", {"name": "Glassworks"})["id"]
    deployed.settle(account)
    contact = add("Brandt", 0, account, email="b@example.com")
    client.post(f"/v1/contacts/{contact}/touch", {"reason": REASON})

    def reader(key, **body):
        client.put(f"/v1/profiles/{key}", {"name": "P", **body})
        email = f"{key}@{deployed.workspace.id}.example"
        person = {"email": email, "name": "O", "role": "privacy_officer", "profile": key}
        return ApiClient(client.post("/v1/members", person)["id"])

    hidden = {"contacts.email": "none", "contacts.touch": "none"}
    half = reader("half", fields=hidden, modules={"accounts": "none"})
    (shown,) = half.get(VIEW)["items"]
    assert (shown["email"], shown["touch"], shown["stages"]) == (None, None, None)
    assert {"email", "touch"} <= set(shown["unreadable"])
    assert "Glassworks" not in str(shown) and REASON not in str(shown)
    closed = reader("closed", modules={"contacts": "none"})
    for reply in (
        closed.send("GET", VIEW),
        closed.send("POST", TOUCHES, {"contact_ids": [contact], "reason": REASON}),
        closed.send("POST", f"/v1/contacts/{contact}/touch", {"reason": REASON}),
    ):
        assert (reply.status, reply.body["code"]) == (403, "module_closed")


def test_a_touch_moves_the_age_only_and_says_who_and_why(deployed, add, officer, audited):  # S2.41
    contact = add("Brandt", 400)
    path = f"/v1/contacts/{contact}"
    before = officer.get(path)

    touched = officer.send("POST", f"{path}/touch", {"reason": REASON}, headers={"If-Match": '"1"'})
    stale = officer.send("POST", f"{path}/touch", {"reason": REASON}, headers={"If-Match": '"1"'})
    audited()

    by = f"privacy_officer-of-{deployed.workspace.id}"
    assert (touched.status, touched.headers["ETag"], stale.status) == (200, '"2"', 412)
    assert touched.body["gdpr_date"] == touched.body["updated_at"] > before["gdpr_date"]
    assert touched.body == officer.get(path)
    moved = ("gdpr_date", "updated_at", "rev", "touch")
    assert touched.body | {name: before[name] for name in moved} == before
    assert touched.body["touch"] == {"by": by, "reason": REASON}
    entry = deployed.caller().get("/v1/audit", kind="contact", id=contact)["items"][0]
    assert (entry["fields"], entry["by"]) == (["gdpr_date", "touch"], by)
    assert REASON not in str(entry)


def test_several_are_touched_at_once(deployed, client, add, officer):
    contacts = [add(f"N{number}", 1) for number in range(3)]
    open_erasure(deployed, contacts[1])
    asked = [*contacts, contacts[0], "0" * 32]

    told = officer.post(TOUCHES, {"contact_ids": asked, "reason": REASON})["items"]

    assert [(one["contact_id"], one["outcome"]) for one in told] == [
        (contacts[0], "touched"),
        (contacts[1], "erasure_open"),
        (contacts[2], "touched"),
        ("0" * 32, "not_found"),
    ]
    # The others were touched in the same instant.
    oldest, *others = names(officer)
    assert (oldest, set(others)) == ("N1", {"N0", "N2"})


def test_nobody_is_touched_while_their_erasure_is_open(deployed, add, officer):
    contact = add("Brandt")
    open_erasure(deployed, contact)

    reply = officer.send("POST", f"/v1/contacts/{contact}/touch", {"reason": REASON})

    assert (reply.status, reply.body["code"]) == (409, "erasure_open")
    assert reply.body["erasure_id"] == "erasure-1"
    assert officer.get(f"/v1/contacts/{contact}")["touch"] is None


def test_only_who_protects_people_sees_ages_and_touches(deployed, add):
    contact = add("Brandt")
    body = {"contact_ids": [contact], "reason": REASON}

    for role, status in (
        ("admin", 200),
        ("privacy_officer", 200),
        ("manager", 403),
        ("seller", 403),
        ("viewer", 403),
    ):
        caller = deployed.caller(role)
        for reply in (
            caller.send("GET", VIEW),
            caller.send("POST", TOUCHES, body),
            caller.send("POST", f"/v1/contacts/{contact}/touch", {"reason": REASON}),
        ):
            assert reply.status == status, role


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"contact_ids": ["0" * 32]}, "reason"),
        ({"contact_ids": ["0" * 32], "reason": "  "}, "reason"),
        ({"contact_ids": [], "reason": REASON}, "contact_ids"),
        ({"contact_ids": ["0" * 32] * 1001, "reason": REASON}, "contact_ids"),
        ({"contact_ids": ["x"], "reason": REASON}, "contact_ids.0"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_what_is_wrong_is_named(officer, body, field):
    reply = officer.send("POST", TOUCHES, body)

    assert (reply.status, reply.body["field"]) == (422, field)


@pytest.mark.parametrize(
    "query",
    [{"older_than": "2 years"}, {"younger_than": "P"}, {"owner": "a@example.com"}, {"sort": "age"}],
)
def test_what_the_view_cannot_do_is_refused(officer, query):
    reply = officer.send("GET", VIEW, query=query)

    assert (reply.status, reply.body["field"]) == (422, next(iter(query)))
