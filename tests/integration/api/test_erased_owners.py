"""A member who was erased becomes the owner of nothing, and is not invited, by their address."""

import boto3
import pytest

from stageline import bootstrap
from stageline.domain.identifiers import owner_identifier
from stageline.domain.stamp import Stamp

JANE = "jane@example.com"
BODIES = {
    "accounts": {"name": "Acme"},
    "deals": {"name": "Renewal"},
    "contacts": {"last_name": "Smith"},
    "activities": {"kind": "call", "occurred_at": "2026-03-01T10:00:00Z"},
    "tasks": {"title": "Call", "due_on": "2026-03-05"},
}


@pytest.fixture
def erased(deployed):
    hashes = bootstrap.hashing(deployed.workspace).hashes(owner_identifier(JANE))
    bootstrap.contacts(deployed.workspace).suppress(hashes, "a-request")


@pytest.mark.parametrize("module", BODIES)
def test_no_call_makes_them_an_owner(erased, client, module):
    body = dict(BODIES[module])
    if module in ("activities", "tasks"):
        body["account_id"] = client.post("/v1/accounts", BODIES["accounts"])["id"]

    refused = client.send("POST", f"/v1/{module}", body | {"owner_email": "Jane@Example.com"})
    made = client.post(f"/v1/{module}", body | {"owner_email": "ben@example.com"})
    path = f"/v1/{module}/{made['id']}"
    changed = client.send("PATCH", path, {"owner_email": JANE}, headers={"If-Match": "*"})

    for one in (refused, changed):
        assert (one.status, one.body["code"], one.body["fields"]) == (
            409,
            "suppressed",
            ["owner_email"],
        )
    assert client.get(path)["owner_email"] == "ben@example.com"


def test_no_invitation_brings_them_back(erased, client):
    body = {"email": JANE, "name": "Jane", "role": "seller"}

    refused = client.send("POST", "/v1/members", body)

    assert (refused.status, refused.body["code"], refused.body["fields"]) == (
        409,
        "suppressed",
        ["email"],
    )


def test_a_removed_member_is_shown_to_nobody_until_they_are_erased(deployed, client):
    member = client.post("/v1/members", {"email": JANE, "name": "Jane", "role": "seller"})
    client.send("DELETE", f"/v1/members/{member['id']}")

    directory, workspace = bootstrap.directory(), deployed.workspace
    assert JANE not in str(client.get("/v1/members"))
    assert directory.memberships(member["id"]) == []
    removed = directory.removed(workspace, member["id"])
    assert removed is not None
    assert (removed.email, directory.addresses(workspace).get(JANE)) == (JANE, None)
    directory.forget(workspace, removed, Stamp("officer", "r", deployed.clock.now()))
    left = directory.removed(workspace, member["id"])
    assert left is not None and left.email is None


def test_users_are_deleted_by_their_address_while_it_is_theirs(aws):
    users, sign_in = boto3.client("cognito-idp"), bootstrap.sign_in()
    pool_id = bootstrap.settings().user_pool_id
    first = sign_in.invite("Erased@example.com")

    sign_in.delete("somebody else", "Erased@example.com")
    assert sign_in.invite("erased@example.com") == first
    for _ in range(2):
        sign_in.delete(first, "Erased@example.com")

    names = [one["Username"] for one in users.list_users(UserPoolId=pool_id)["Users"]]
    assert "erased@example.com" not in names
