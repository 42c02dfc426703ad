"""Who gets in, and what they see: tokens, roles and the wall between workspaces."""

import base64
import json
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.world import caller, pages, stage_of
from tools.client import Client
from tools.local.aws import Aws
from tools.local.people import PASSWORD, sign_in


def answered(stack, token):
    client = Client(stack["api_url"], token, stack["workspaces"]["main"])
    return client.send("GET", "/v1/accounts")


def with_role_changed(token):
    head, claims, signature = token.split(".")
    padded = claims + "=" * (-len(claims) % 4)
    changed = json.loads(base64.urlsafe_b64decode(padded)) | {"sub": "somebody-else"}
    made = base64.urlsafe_b64encode(json.dumps(changed).encode()).rstrip(b"=").decode()
    return f"{head}.{made}.{signature}"


def token_of_another_pool(stack):
    cognito = Aws(stack["endpoint_url"]).cognito()
    policy: Any = {"MinimumLength": 8} | {
        f"Require{kind}": False for kind in ("Uppercase", "Lowercase", "Numbers", "Symbols")
    }
    made = cognito.create_user_pool(PoolName="not-ours", Policies={"PasswordPolicy": policy})
    pool = made["UserPool"]["Id"]
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="not-ours", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    return signed_in(stack, pool, client_id, "stranger")


def signed_in(stack, pool, client_id, user):
    """Create a user and return their access token."""
    aws = Aws(stack["endpoint_url"])
    aws.cognito().admin_create_user(
        UserPoolId=pool,
        Username=user,
        MessageAction="SUPPRESS",
        TemporaryPassword="Only-for-0nce-local",
    )
    aws.cognito().admin_set_user_password(
        UserPoolId=pool, Username=user, Password=PASSWORD, Permanent=True
    )
    return sign_in(aws, client_id, user)["AccessToken"]


def test_only_access_tokens_of_our_pool_get_in(stack):
    ours = stack["tokens"]["main"]["admin"]
    id_token = sign_in(Aws(stack["endpoint_url"]), stack["client_id"], "admin-main")["IdToken"]

    statuses = {
        name: answered(stack, token).status
        for name, token in {
            "ours": ours,
            "none": None,
            "garbage": "garbage",
            "tampered": with_role_changed(ours),
            "signature cut": ours[:-8],
            "ID token": id_token,
            "another pool's": token_of_another_pool(stack),
        }.items()
    }

    assert statuses == dict.fromkeys(statuses, 401) | {"ours": 200}


def test_member_of_nothing_gets_no_further(stack):
    token = signed_in(stack, stack["user_pool_id"], stack["client_id"], f"newcomer-{uuid4().hex}")

    reply = answered(stack, token)

    assert (reply.status, reply.body["code"]) == (401, "no_membership")


@pytest.mark.parametrize("role", ["viewer", "privacy_officer"])
def test_some_roles_only_read(stack, role):
    client = caller(stack, role)

    assert client.send("GET", "/v1/accounts").status == 200
    refused = client.send("POST", "/v1/accounts", body={"name": "Not Mine To Make"})
    assert refused.status == 403


@pytest.mark.parametrize("role", ["seller", "manager", "admin"])
def test_other_roles_write(stack, role):
    made = caller(stack, role).send("POST", "/v1/accounts", body={"name": f"Made By {role}"})

    assert made.status == 201


def test_workspaces_never_see_each_other(stack):
    main, other = caller(stack), caller(stack, workspace="other")
    account = main.post("/v1/accounts", {"name": "Walled In Ltd"})
    deal = main.post("/v1/deals", {"account_id": account["id"], "name": "D", "status": "open"})
    unknown = "0" * 32

    for path in (
        "/v1/accounts/{}",
        "/v1/accounts/{}/stages/crm_stage",
        "/v1/accounts/{}/stages/crm_stage/history",
        "/v1/accounts/{}/deals",
    ):
        theirs = other.send("GET", path.format(account["id"]))
        nobodys = other.send("GET", path.format(unknown))
        assert theirs.status == nobodys.status == 404, path
        assert without_request(theirs.body) == without_request(nobodys.body), path
    assert other.send("GET", f"/v1/deals/{deal['id']}").status == 404
    assert account["id"] not in {row["id"] for row in pages(other, "/v1/accounts", limit=200)}
    adopted = other.send(
        "POST", "/v1/deals", body={"account_id": account["id"], "name": "D", "status": "open"}
    )
    assert adopted.status in (404, 422)
    assert stage_of(main, account["id"])["account_id"] == account["id"]


def test_workspace_of_others_is_unknown(stack):
    token = stack["tokens"]["main"]["admin"]

    for named in (stack["workspaces"]["other"], "nowhere"):
        reply = Client(stack["api_url"], token, named).send("GET", "/v1/accounts")
        assert reply.status == 404


def without_request(problem):
    return {name: value for name, value in problem.items() if name != "request_id"}
