"""Contacts over the API: people who exist once, their roles, and leads (S3.1, S3.3, S3.7)."""

import pytest

UNKNOWN = "0" * 32


@pytest.fixture
def account(client):
    return client.post("/v1/accounts", {"name": "Glassworks"})["id"]


@pytest.fixture
def deal(client, account):
    return client.post("/v1/deals", {"name": "Panes", "account_id": account})["id"]


def pages(client, address, **query):
    found, cursor = [], None
    while True:
        page = client.get(address, limit=2, **query, **({"cursor": cursor} if cursor else {}))
        assert len(page["items"]) <= 2
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def test_a_contact_holds_several_roles_and_exists_once(client, account, deal):  # S3.3
    sent = {
        "first_name": "Ada",
        "last_name": "Brandt",
        "email": "ada@example.com",
        "phone": "+43 1 234",
        "job_title": "Buyer",
        "accounts": [{"account_id": account, "roles": ["technical", "decision_maker"]}],
        "deals": [{"deal_id": deal, "roles": ["champion"]}],
    }

    made = client.send("POST", "/v1/contacts", sent)

    assert (made.status, made.headers["ETag"]) == (201, '"1"')
    assert made.headers["Location"] == f"/v1/contacts/{made.body['id']}"
    assert made.body["accounts"] == [
        {"account_id": account, "roles": ["decision_maker", "technical"]}
    ]
    assert made.body["lead"] is False
    assert client.get(f"/v1/accounts/{account}/contacts")["items"] == [made.body]
    assert client.get(f"/v1/deals/{deal}/contacts")["items"] == [made.body]
    assert client.get("/v1/contacts")["items"] == [made.body]


def test_the_standard_fields_are_always_there(client):  # S3.31
    contact = client.post("/v1/contacts", {"last_name": "Brandt"})

    said = {name: value for name, value in contact.items() if value is None}
    assert said.keys() == {
        "external_id",
        "first_name",
        "email",
        "phone",
        "job_title",
        "company_name",
        "owner_email",
        "touch",
    }


def test_a_lead_becomes_a_contact_with_its_first_account(client, account):  # S3.7
    lead = client.post("/v1/contacts", {"email": "ada@example.com", "company_name": "Glass"})
    address = f"/v1/contacts/{lead['id']}/accounts/{account}"

    linked = client.send("PUT", address, {"roles": ["user"]}, headers={"If-Match": '"1"'})
    again = client.send("PUT", address, {"roles": ["user"]})
    stale = client.send("PUT", address, {"roles": []}, headers={"If-Match": '"1"'})
    changed = client.put(address, {"roles": ["billing", "user", "user"]})

    assert lead["lead"] is True
    assert (linked.status, linked.body["lead"], linked.headers["ETag"]) == (200, False, '"2"')
    assert again.headers["ETag"] == '"2"'
    assert stale.status == 412
    assert changed["accounts"] == [{"account_id": account, "roles": ["user", "billing"]}]
    unlinked = client.send("DELETE", address)
    assert (unlinked.status, unlinked.body["lead"]) == (200, True)
    assert client.send("DELETE", address).status == 404
    assert client.get(f"/v1/accounts/{account}/contacts")["items"] == []


def test_contacts_are_listed_by_name_leads_and_others_apart(client, account):
    link = {"accounts": [{"account_id": account}]}
    for last, first, owner, more in (
        ("Čermák", "Jan", "s@example.com", {}),
        ("Brandt", "Zoe", "S@example.com", link),
        ("brandt", "Ada", None, link),
        ("Adler", "Max", "t@example.com", {}),
        ("Dietz", "Eva", "s@example.com", link),
    ):
        owned = {"owner_email": owner} if owner else {}
        client.post("/v1/contacts", {"last_name": last, "first_name": first} | owned | more)

    def names(**query):
        return [
            f"{one['first_name']} {one['last_name']}"
            for one in pages(client, "/v1/contacts", **query)
        ]

    assert names() == ["Max Adler", "Ada brandt", "Zoe Brandt", "Jan Čermák", "Eva Dietz"]
    assert names(has_account="false") == ["Max Adler", "Jan Čermák"]
    assert names(owner="s@example.com") == ["Zoe Brandt", "Jan Čermák", "Eva Dietz"]
    assert names(owner="s@example.com", has_account="true") == ["Zoe Brandt", "Eva Dietz"]
    assert names(owner="-") == ["Ada brandt"]


def test_contacts_of_an_account_come_in_pages(client, account):
    link = {"accounts": [{"account_id": account, "roles": ["user"]}]}
    made = {client.post("/v1/contacts", {"last_name": f"N{n}"} | link)["id"] for n in range(5)}
    gone = made.pop()
    client.send("DELETE", f"/v1/contacts/{gone}")

    assert [one["id"] for one in pages(client, f"/v1/accounts/{account}/contacts")] == sorted(made)


def test_a_deleted_contact_is_gone_with_its_links(client, account):
    link = {"accounts": [{"account_id": account}]}
    contact = client.post("/v1/contacts", {"last_name": "Brandt"} | link)["id"]

    deleted = client.send("DELETE", f"/v1/contacts/{contact}", headers={"If-Match": '"1"'})

    assert (deleted.status, deleted.body) == (204, "")
    assert client.send("GET", f"/v1/contacts/{contact}").status == 404
    assert client.get("/v1/contacts")["items"] == []
    assert client.send("DELETE", f"/v1/accounts/{account}").status == 204


def test_change_says_which_revision_it_changes(client):
    made = client.post("/v1/contacts", {"last_name": "Brandt", "phone": "123"})
    path = f"/v1/contacts/{made['id']}"

    missing = client.send("PATCH", path, {"phone": "1"})
    changed = client.send("PATCH", path, {"phone": None}, headers={"If-Match": '"1"'})
    stale = client.send("PATCH", path, {"phone": "2"}, headers={"If-Match": '"1"'})
    nameless = client.send("PATCH", path, {"last_name": None}, headers={"If-Match": "*"})

    assert (missing.status, missing.body["code"]) == (428, "if_match_missing")
    assert (changed.body["phone"], changed.headers["ETag"]) == (None, '"2"')
    assert (stale.status, stale.body["code"]) == (412, "stale")
    assert (nameless.status, nameless.body["field"]) == (422, "last_name")


def test_the_same_key_creates_once(client):
    replies = [
        client.send("POST", "/v1/contacts", {"last_name": name}, headers={"Idempotency-Key": "k"})
        for name in ("Once", "Once", "Else")
    ]

    assert [reply.status for reply in replies] == [201, 201, 422]
    assert replies[0].body == replies[1].body


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "last_name", "missing"),
        ({"job_title": "Buyer"}, "last_name", "missing"),
        ({"last_name": "B", "email": "nobody"}, "email", None),
        ({"last_name": "B", "phone": "call me"}, "phone", None),
        ({"last_name": "B", "colour": "blue"}, "colour", "unknown_field"),
        ({"last_name": "B", "accounts": [{"account_id": UNKNOWN}]}, "accounts", "unknown"),
        ({"last_name": "B", "deals": [{"deal_id": UNKNOWN}]}, "deals", "unknown"),
        (
            {"last_name": "B", "deals": [{"deal_id": UNKNOWN, "roles": ["boss"]}]},
            "deals.0.roles.0",
            None,
        ),
        (
            {
                "last_name": "B",
                "accounts": [{"account_id": f"{n:032x}"} for n in range(30)],
                "deals": [{"deal_id": f"{n:032x}"} for n in range(16)],
            },
            "accounts",
            "too_many",
        ),
    ],
    ids=lambda value: str(value)[:60],
)
def test_field_at_fault_is_named(client, body, field, code):
    reply = client.send("POST", "/v1/contacts", body)

    assert (reply.status, reply.body["field"]) == (422, field)
    assert code in (None, reply.body["errors"][0]["code"])


def test_unknown_records_and_those_of_others_look_the_same(client, other, account):
    contact = client.post("/v1/contacts", {"last_name": "Brandt"})["id"]
    theirs = other.caller()
    their_contact = theirs.post("/v1/contacts", {"last_name": "Theirs"})["id"]
    their_account = theirs.post("/v1/accounts", {"name": "Theirs"})["id"]
    for method, address, body in (
        ("GET", "/v1/contacts/{contact}", None),
        ("DELETE", "/v1/contacts/{contact}", None),
        ("GET", "/v1/contacts/{contact}/activities", None),
        ("GET", "/v1/accounts/{account}/contacts", None),
        ("PUT", f"/v1/contacts/{contact}/accounts/{{account}}", {"roles": []}),
    ):
        unknown = client.send(method, address.format(contact=UNKNOWN, account=UNKNOWN), body)
        strange = client.send(
            method, address.format(contact=their_contact, account=their_account), body
        )

        assert unknown.status == strange.status == 404
        assert unknown.body | {"request_id": ""} == strange.body | {"request_id": ""}


def test_a_viewer_reads_and_does_not_write(deployed, client):
    contact = client.post("/v1/contacts", {"last_name": "Brandt"})["id"]
    viewer = deployed.caller("viewer")

    assert viewer.get(f"/v1/contacts/{contact}")["last_name"] == "Brandt"
    assert viewer.send("DELETE", f"/v1/contacts/{contact}").status == 403
