"""A real backup, restored: nobody but the privacy officer comes in until it was checked."""

import os
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from gdpr import work
from stageline import bootstrap
from stageline.domain.errors import RestoredNotChecked
from stageline.use_cases.erasure_requests import Asked, approve, execute, request_erasure
from tests.api_client import ApiClient
from tests.fakes.privacy import KeySigner
from tests.integration.api.conftest import _forget

JANE = {"first_name": "Jane", "last_name": "Doequist", "email": "jane.doequist@example.com"}
CONTEXT = cast(
    LambdaContext,
    SimpleNamespace(
        function_name="privacy",
        memory_limit_in_mb=128,
        invoked_function_arn="arn:aws:lambda:eu-central-1:123456789012:function:privacy",
        aws_request_id="a-request",
    ),
)


class Drill:
    """Jane is erased, and then the table is restored as it was before."""

    def __init__(self, deployed: Any) -> None:
        self.workspace = deployed.workspace
        self.officer: ApiClient = deployed.caller("privacy_officer")
        self.admin: ApiClient = deployed.caller()
        self.jane = self.admin.post("/v1/contacts", JANE)["id"]
        self.namesake = self.admin.post("/v1/contacts", {"last_name": "Doequist"})["id"]
        client: Any = bootstrap.table().client
        backup = client.create_backup(TableName="stageline-test", BackupName="before")
        self.erase()
        client.restore_table_from_backup(
            TargetTableName="stageline-restored",
            BackupArn=backup["BackupDetails"]["BackupArn"],
        )

    def erase(self) -> None:
        privacy = bootstrap.privacy(self.workspace)
        asked = Asked(way="erase", ground="objection", reason="Jane", contact_ids=[self.jane])
        request_erasure(privacy, "r1", asked, by="an-admin")
        self.work_off()
        preview = privacy.erasing.records.erasures.get("r1").preview
        assert preview is not None
        approve(privacy, "r1", preview.hash, None, by="the-officer")
        execute(privacy, "r1")
        self.work_off()

    def work_off(self) -> None:
        """Hand the function what is in the queue, until it is empty."""
        queue: Any = boto3.client("sqs")
        url = os.environ["PRIVACY_QUEUE_URL"]
        while found := queue.receive_message(QueueUrl=url).get("Messages"):
            (message,) = found
            queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            event = {"messageId": "1", "eventSource": "aws:sqs", "body": message["Body"]}
            assert work.handler({"Records": [event]}, CONTEXT) == {"batchItemFailures": []}


@pytest.fixture
def drill(deployed):
    with patch.object(bootstrap, "signer", KeySigner):
        made = Drill(deployed)
        environment = {"TABLE_NAME": "stageline-restored", "TABLE_ID": "the restored table"}
        with patch.dict(os.environ, environment):
            _forget()
            yield made
            bootstrap.table().client.delete_table(TableName="stageline-restored")
    _forget()


def health(client):
    return client.get("/health")["status"]


def test_restored_fenced_checked_and_open_again(drill):
    refused = drill.admin.send("GET", f"/v1/contacts/{drill.jane}")
    assert (refused.status, refused.body["code"]) == (503, "restored_not_checked")
    assert "stageline privacy restore-check" in refused.body["detail"]
    assert refused.headers["Retry-After"] == "60"
    assert health(drill.admin) == "fenced"

    begun = drill.officer.send("POST", "/v1/privacy/restore-checks")
    again = drill.officer.send("POST", "/v1/privacy/restore-checks")
    assert (begun.status, begun.body["status"]) == (202, "running")
    assert again.body["id"] == begun.body["id"]
    assert drill.admin.send("GET", "/v1/me").status == 503
    drill.work_off()

    check = drill.officer.get(begun.headers["Location"])
    assert check["status"] == "completed"
    entries = sum(bootstrap.journal().counts().values())
    assert check["progress"] == {"entries": entries, "applied": entries, "read_back": entries}
    assert (check["remaining"], check["unknown_workspaces"]) == ({}, 0)
    assert health(drill.admin) == "ok"
    assert drill.officer.send("GET", f"/v1/contacts/{drill.jane}").status == 410
    assert drill.admin.get(f"/v1/contacts/{drill.namesake}")["last_name"] == "Doequist"
    assert drill.admin.send("POST", "/v1/contacts", JANE).body["code"] == "suppressed"


def test_who_may_invoke_functions_needs_no_api(drill):
    done = work.handler({"action": "restore-check"}, CONTEXT)

    assert (done["status"], done["requested_by"]) == ("completed", "operator")
    assert health(drill.admin) == "ok"


def test_erasures_wait_for_the_check(drill):
    by_hand = {"action": "status", "workspace": drill.workspace.id, "actor": drill.officer.subject}

    with pytest.raises(RestoredNotChecked):
        work.handler({"action": "tick"}, CONTEXT)
    # What it was told about somebody must not end in a queue.
    refused = work.handler(by_hand, CONTEXT)["refused"]
    assert refused["code"] == "restored_not_checked"
    work.handler({"action": "restore-check"}, CONTEXT)

    assert work.handler({"action": "tick"}, CONTEXT)["taken"] == 0


@pytest.mark.parametrize("role", ["viewer", "seller", "manager"])
def test_a_check_is_for_those_who_protect_peoples_data(deployed, role):
    refused = deployed.caller(role).send("POST", "/v1/privacy/restore-checks")

    assert (refused.status, refused.body["code"]) == (403, "role_may_not")


def test_a_fresh_deployment_is_open(deployed):
    assert health(deployed.caller()) == "ok"
