"""What the API says of contacts that were erased, masked or anonymized."""

import pytest

from stageline import bootstrap
from stageline.domain.stamp import Stamp
from tests.integration.api.conftest import SET_UP_AT

STAMP = Stamp("officer", "a-request", SET_UP_AT)
JANE = {
    "first_name": "Jane",
    "last_name": "Doe",
    "email": "jane.doe@example.com",
    "phone": "+12025550143",
}


@pytest.fixture
def erase(deployed):
    def erased(contact_id):
        contacts = bootstrap.contacts(deployed.workspace)
        before = contacts.get(contact_id)
        hashing = bootstrap.hashing(deployed.workspace)
        hashes = [one[0] for one in hashing.of(before.person).values()]
        contacts.suppress(hashes, "erasure-1")
        contacts.save(before, before.erased("erasure-1", STAMP))

    return erased


def test_how_old_the_data_is_and_what_was_done_about_it_stand_on_a_contact(client):  # S2.40
    made = client.post("/v1/contacts", JANE)

    assert made["gdpr_date"] == made["created_at"]
    assert (made["touch"], made["pinned"], made["anonymous"]) == (None, [], False)


def test_only_the_privacy_officer_is_told_who_was_erased(deployed, client, erase):
    contact = client.post("/v1/contacts", JANE)["id"]
    erase(contact)
    officer = deployed.caller("privacy_officer")

    for path in (f"/v1/contacts/{contact}", f"/v1/contacts/{contact}/activities"):
        gone = officer.send("GET", path)
        assert (gone.status, gone.body["code"]) == (410, "erased")
        assert gone.body["erasure_id"] == "erasure-1"
        for role in ("admin", "viewer"):
            told = deployed.caller(role).send("GET", path)
            assert (told.status, told.body["code"]) == (404, "not_found")
            assert "erasure" not in str(told.body)


@pytest.mark.parametrize(
    ("offered", "fields"),
    [
        ({"last_name": "Other", "email": "JANE.DOE@example.com "}, ["email"]),
        (JANE, ["email", "phone"]),
    ],
)
def test_who_was_erased_is_not_created_again(client, erase, offered, fields):
    erase(client.post("/v1/contacts", JANE)["id"])

    reply = client.send("POST", "/v1/contacts", offered)

    assert (reply.status, reply.body["code"], reply.body["fields"]) == (409, "suppressed", fields)
    assert not any(text in str(reply.body).casefold() for text in ("jane", "doe", "2025550143"))
    assert client.get("/v1/contacts")["items"] == []


def test_nor_by_a_call_that_comes_again_nor_as_somebody_else(client, erase):
    nameless = {"last_name": "Doe"}
    key = {"Idempotency-Key": "k"}
    made = client.send("POST", "/v1/contacts", nameless, headers=key).body["id"]
    erase(made)
    erase(client.post("/v1/contacts", JANE)["id"])
    colleague = client.post("/v1/contacts", {"last_name": "Smith"})["id"]

    again = client.send("POST", "/v1/contacts", nameless, headers=key)
    changed = client.send(
        "PATCH", f"/v1/contacts/{colleague}", {"email": JANE["email"]}, headers={"If-Match": "*"}
    )

    assert (again.status, again.body["fields"]) == (409, ["id"])
    assert (changed.status, changed.body["fields"]) == (409, ["email"])


def test_a_field_that_was_erased_stays_empty(deployed, client):  # S2.39
    made = client.post("/v1/contacts", JANE)["id"]
    contacts = bootstrap.contacts(deployed.workspace)
    before = contacts.get(made)
    contacts.save(before, before.pin({"first_name", "last_name", "phone"}, STAMP))
    path, any_revision = f"/v1/contacts/{made}", {"If-Match": "*"}

    refused = client.send("PATCH", path, {"phone": "+1 2025550143"}, headers=any_revision)
    changed = client.patch(path, {"job_title": "Buyer", "phone": None})

    assert (refused.status, refused.body["code"], refused.body["field"]) == (409, "pinned", "phone")
    assert changed["pinned"] == ["first_name", "last_name", "phone"]
    assert (changed["phone"], changed["job_title"]) == (None, "Buyer")


def test_an_anonymous_contact_takes_no_changes_and_has_no_age(deployed, client):
    account = client.post("/v1/accounts", {"name": "Glassworks"})["id"]
    made = client.post("/v1/contacts", {**JANE, "accounts": [{"account_id": account}]})["id"]
    contacts = bootstrap.contacts(deployed.workspace)
    shell = contacts.get(made).anonymous("f" * 32, STAMP)
    contacts.add([shell])
    path, any_revision = f"/v1/contacts/{shell.contact_id}", {"If-Match": "*"}

    shown = client.get(path)
    replies = [
        client.send("PATCH", path, {"job_title": "Buyer"}, headers=any_revision),
        client.send("DELETE", f"{path}/accounts/{account}"),
    ]

    assert (shown["anonymous"], shown["last_name"], shown["lead"]) == (True, None, False)
    assert [(one.status, one.body["code"]) for one in replies] == [(409, "anonymized")] * 2
    assert [one.contact_id for _, one in contacts.by_age(page=9)] == [made]
