"""People and API clients of a workspace, with the pool, the gateway and the enforced policies."""

from uuid import uuid4

import pytest

from tests.e2e.world import caller, eventually, pages
from tools.client import Client
from tools.local.aws import Aws
from tools.local.people import PASSWORD, address, sign_in

ACCOUNTS = "/v1/accounts"


@pytest.fixture(scope="module")
def admin(stack):
    return caller(stack)


def signed_in(stack, email):
    """Set the password of somebody who was invited, as they would, and sign them in."""
    aws = Aws(stack["endpoint_url"])
    aws.cognito().admin_set_user_password(
        UserPoolId=stack["user_pool_id"], Username=email, Password=PASSWORD, Permanent=True
    )
    token = sign_in(aws, stack["client_id"], email)["AccessToken"]
    return Client(stack["api_url"], token, stack["workspaces"]["main"])


def invited(stack, admin, **more):
    email = f"{uuid4().hex[:12]}@people.example"
    body = {"email": email, "name": "Somebody", "role": "seller", **more}
    made = admin.send("POST", "/v1/members", body=body)
    assert made.status == 201, made.body
    return made.body, signed_in(stack, email)


def test_who_is_invited_signs_in_and_sees_their_own(stack, admin):
    boss, manager = invited(stack, admin, role="manager")
    member, seller = invited(stack, admin, manager_id=boss["id"])
    name = f"Own {uuid4().hex[:12]}"
    account = seller.post(ACCOUNTS, {"name": name})
    path = f"{ACCOUNTS}/{account['id']}"

    def own(client):
        return [row["id"] for row in pages(client, ACCOUNTS)]

    eventually(lambda: seller.get(path)["owner"], lambda owner: owner == member["id"], 5)
    eventually(lambda: own(seller), lambda found: found == [account["id"]], 5)
    assert own(manager) == [account["id"]]
    other = caller(stack, "seller")
    assert other.send("GET", path).status == 404
    assert account["id"] not in own(other)
    gone = admin.send("DELETE", f"/v1/members/{boss['id']}")
    assert (gone.status, [one["id"] for one in gone.body["members"]]) == (409, [member["id"]])


def test_a_client_gets_a_secret_that_signs_it_in(stack, admin):
    body = {
        "name": "Robot",
        "role": "viewer",
        "scopes": ["accounts:read"],
        "expires_at": "2099-01-01T00:00:00Z",
    }
    made = admin.post("/v1/clients", body)
    reply = (
        Aws(stack["endpoint_url"])
        .cognito()
        .initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=stack["client_id"],
            AuthParameters={"USERNAME": made["user_name"], "PASSWORD": made["secret"]},
        )
    )
    robot = Client(stack["api_url"], reply["AuthenticationResult"]["AccessToken"], None)

    assert robot.send("GET", ACCOUNTS).status == 200
    refused = robot.send("POST", ACCOUNTS, body={"name": "R"})
    assert refused.status == 403
    assert robot.send("GET", "/v1/deals/unassigned").body["scope"] == "deals:read"


def test_an_unknown_address_owns_nothing_and_a_member_shows_as_owner(stack, admin):
    sent = {"name": "Owned", "owner_email": address("seller")}
    owner = admin.post(ACCOUNTS, sent)["owner"]
    me = caller(stack, "seller").get("/v1/me")

    assert owner == me["id"]
    nobody = admin.post(ACCOUNTS, {"name": "Owned", "owner_email": "who@else.example"})
    assert nobody["owner"] == "unassigned"
