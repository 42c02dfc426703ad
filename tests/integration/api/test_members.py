"""Members over the API: invited, changed, suspended, removed, by administrators (S3.24)."""

import boto3

from api import app
from stageline import bootstrap
from tests.api_client import ApiClient

MEMBERS = "/v1/members"


def invited(client, name, **more):
    body = {"email": f"{name}@example.com", "name": name.title(), "role": "seller", **more}
    return client.post(MEMBERS, body)


def test_a_person_is_invited_once_and_is_in(deployed, client):
    body = {"email": "Ann@example.com", "name": "Ann", "role": "viewer", "team": "sales"}

    first = client.send("POST", MEMBERS, body)
    again = client.send("POST", MEMBERS, body)
    otherwise = client.send("POST", MEMBERS, body | {"role": "admin"})

    assert (first.status, again.status, otherwise.status) == (201, 200, 409)
    assert first.body == again.body == client.get(f"{MEMBERS}/{first.body['id']}")
    ann = ApiClient(first.body["id"])
    me = ann.get("/v1/me")
    assert (me["email"], me["workspace"]) == ("Ann@example.com", deployed.workspace.id)
    assert ann.send("POST", MEMBERS, body).body["code"] == "role_may_not"


def test_a_person_is_one_subject_in_two_workspaces(deployed, other):
    ids = {invited(each.caller(), "both")["id"] for each in (deployed, other)}

    assert len(ids) == 1
    assert ApiClient(ids.pop()).send("GET", "/v1/accounts").status == 422


def test_suspended_or_removed_a_member_is_out_when_what_is_known_is_too_old(client):
    ann = invited(client, "ann")
    path, caller = f"{MEMBERS}/{ann['id']}", ApiClient(ann["id"])

    def answered():
        app.known_callers.cache_clear()
        reply = caller.send("GET", "/v1/accounts")
        return reply.status, reply.body.get("code")

    assert answered() == (200, None)
    client.patch(path, {"suspended": True})
    assert answered() == (401, "membership_suspended")
    client.patch(path, {"suspended": False})
    assert answered() == (200, None)
    assert client.send("DELETE", path).status == 204
    assert answered() == (401, "no_membership")
    assert client.send("GET", path).status == 404


def test_the_rules_of_a_workspace_hold(client):
    ann = invited(client, "ann", role="manager")["id"]
    ben = invited(client, "ben", manager_id=ann)["id"]

    def patch(member, **changes):
        return client.send("PATCH", f"{MEMBERS}/{member}", changes, headers={"If-Match": "*"})

    circle = patch(ann, manager_id=ben)
    last = client.send("DELETE", f"{MEMBERS}/{client.subject}")
    demoted = patch(client.subject, role="viewer")
    above = client.send("DELETE", f"{MEMBERS}/{ann}")
    nobody = patch(ben, manager_id="nobody")
    profile = patch(ben, profile="unknown")

    assert (circle.status, circle.body["chain"]) == (409, [ann, ben, ann])
    assert (last.status, last.body["code"]) == (409, "last_admin")
    assert (demoted.status, demoted.body["code"]) == (409, "last_admin")
    assert (above.status, above.body["members"]) == (409, [{"id": ben, "name": "Ben"}])
    assert [reply.body["field"] for reply in (nobody, profile)] == ["manager_id", "profile"]


def test_two_administrators_at_once_one_is_told(client):
    member = invited(client, "ann")
    path, tag = f"{MEMBERS}/{member['id']}", {"If-Match": f'"{member["rev"]}"'}

    first = client.send("PATCH", path, {"team": "sales"}, headers=tag)
    second = client.send("PATCH", path, {"team": "inside_sales"}, headers=tag)

    assert (first.status, second.status) == (200, 412)


def test_a_profile_is_removed_when_nobody_has_it(client):
    client.put("/v1/profiles/p", {"name": "P"})
    member = invited(client, "ann", profile="p")["id"]

    used = client.send("DELETE", "/v1/profiles/p")
    client.patch(f"{MEMBERS}/{member}", {"profile": None})

    assert (used.status, used.body["members"]) == (409, [member])
    assert client.send("DELETE", "/v1/profiles/p").status == 204
    assert client.send("GET", "/v1/profiles/p").status == 404


def test_a_client_that_cannot_be_is_refused_before_it_is_made(client):
    good = {"name": "R", "role": "viewer", "scopes": ["deals:read"]}
    for body, field in (
        ({"role": "boss"}, "role"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2001-01-01"}, "expires_at"),
        ({"scopes": []}, "scopes"),
    ):
        sent = good | {"expires_at": "2099-01-01T00:00:00Z"} | body
        reply = client.send("POST", "/v1/clients", sent)
        assert (reply.status, reply.body["field"]) == (422, field)


def test_a_client_is_made_once_for_its_key_and_its_secret_told_once(client):
    body = {"name": "R", "role": "viewer", "scopes": ["deals:read"]}
    body |= {"expires_at": "2099-01-01T00:00:00Z"}
    key = {"Idempotency-Key": "one"}

    first, again = (client.send("POST", "/v1/clients", body, headers=key) for _ in range(2))

    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body | {"secret": None}
    assert len([one for one in client.get(MEMBERS)["items"] if one["kind"] == "client"]) == 1


def test_nobody_is_invited_who_could_not_be_let_in(client):
    refused = [
        client.send("POST", MEMBERS, {"email": "no@example.com", "name": "No", **wrong})
        for wrong in ({"role": "boss"}, {"role": "seller", "manager_id": "nobody"})
    ]

    assert [reply.status for reply in refused] == [422, 422]
    pool_id = bootstrap.settings().user_pool_id
    users = boto3.client("cognito-idp").list_users(UserPoolId=pool_id)["Users"]
    assert "no@example.com" not in {user["Username"] for user in users}


def test_everybody_says_how_they_want_to_see_days(deployed):  # S3.33
    seller = deployed.caller("seller")

    seller.send("PATCH", "/v1/me", {"zone": "Asia/Tokyo", "date_format": "DD.MM.YYYY"})
    refused = seller.send("PATCH", "/v1/me", {"zone": "Mars/Base"})

    assert seller.get("/v1/me")["preferences"] == {
        "zone": "Asia/Tokyo",
        "locale": None,
        "date_format": "DD.MM.YYYY",
    }
    assert (refused.status, refused.body["field"]) == (422, "zone")
