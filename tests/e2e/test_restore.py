"""A drill: the table is restored from a backup that still has somebody who was erased since."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from tests.api_client import ApiClient
from tests.e2e.test_erasure import erased
from tests.e2e.world import caller
from tools.local.aws import Aws

MARK = f"drill{uuid4().hex[:8]}"
JANE = {"first_name": "Jane", "last_name": MARK, "email": f"jane@{MARK}.example"}
ROLES = ("api", "privacy")


@pytest.fixture(scope="module")
def aws(stack):
    return Aws(stack["endpoint_url"])


def test_nobody_comes_in_until_who_was_erased_is_gone_again(stack, aws):
    admin, officer = caller(stack), caller(stack, "privacy_officer")
    jane = admin.post("/v1/contacts", JANE)["id"]
    namesake = admin.post("/v1/contacts", {"first_name": "Jane", "last_name": MARK})["id"]
    backup = aws.dynamodb().create_backup(TableName=stack["table_name"], BackupName=MARK)
    erased(admin, officer, [jane])
    restored = f"{stack['table_name']}-restored"
    aws.dynamodb().restore_table_from_backup(
        TargetTableName=restored, BackupArn=backup["BackupDetails"]["BackupArn"]
    )
    assert JANE["email"] in repr(items(aws, restored))
    subject = admin.get("/v1/me")["id"]

    with redeployed(stack, aws, restored):
        assert asked(stack, aws, subject, f"/v1/contacts/{jane}") == 503
        assert asked(stack, aws, subject, "/health") == 200
        check = invoke(aws, stack["functions"]["privacy"], {"action": "restore-check"})
        assert (check["status"], check["remaining"]) == ("completed", {})
        assert asked(stack, aws, subject, f"/v1/contacts/{jane}") == 404
        assert asked(stack, aws, subject, f"/v1/contacts/{namesake}") == 200

    left = [item for item in items(aws, restored) if namesake not in repr(item)]
    assert MARK not in repr(left)
    aws.dynamodb().delete_table(TableName=restored)


@contextmanager
def redeployed(stack, aws, table: str) -> Iterator[None]:
    """Let API and privacy function use another table, as a deployment with it would.

    The API's alias, by which all others call, stays as it is.
    """
    functions, iam = aws.functions(), aws.client("iam")
    arn = aws.dynamodb().describe_table(TableName=table)["Table"]["TableArn"]
    may = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": [arn, f"{arn}/index/*"]}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    before = {}
    for name in (stack["functions"][role] for role in ROLES):
        found = functions.get_function_configuration(FunctionName=name)
        before[name] = found["Environment"]["Variables"]
        role = found["Role"].rpartition("/")[2]
        iam.put_role_policy(RoleName=role, PolicyName=MARK, PolicyDocument=policy)
        after = before[name] | {"TABLE_NAME": table, "TABLE_ID": arn}
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": after})
    yield
    for name, variables in before.items():
        functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": variables}
        )


def asked(stack, aws, subject: str, path: str) -> int:
    """Return the status of a GET that the function of today answers, not its alias."""
    event = ApiClient(subject, stack["workspaces"]["main"]).event("GET", path)
    status: int = invoke(aws, stack["functions"]["api"], event)["statusCode"]
    return status


def invoke(aws, name: str, event):
    reply = aws.functions().invoke(FunctionName=name, Payload=json.dumps(event).encode())
    return json.loads(reply["Payload"].read())


def items(aws, table: str):
    pages = aws.dynamodb().get_paginator("scan").paginate(TableName=table)
    return [item for page in pages for item in page["Items"]]
