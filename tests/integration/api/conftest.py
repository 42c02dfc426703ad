"""The API over the deployed table's design in moto, with the pipeline run after each write."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from os import environ
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from api import app, owners
from stageline import bootstrap
from stageline.domain.principal import ROLES
from stageline.domain.stamp import Stamp
from stageline.domain.workspace import Workspace
from stageline.use_cases import erasure_steps
from stageline.use_cases.following import Worker, follow
from stageline.use_cases.link_carrying import carry
from stageline.use_cases.loading import settle
from stageline.use_cases.members import add_member
from stageline.use_cases.touches import refresh_touch
from stageline.use_cases.workspaces import create_workspace
from tests.api_client import ApiClient
from tests.fakes.audit import handle
from tests.fakes.executions import KeptExecutions
from tests.fakes.outside import FakeClock
from tests.table import table_properties

SET_UP_AT = datetime(2026, 3, 1, tzinfo=UTC)
_numbers = count(1)


@dataclass(frozen=True)
class Deployment:
    """One workspace with a member in each role; `settle` does what the stream would."""

    workspace: Workspace
    clock: FakeClock

    def caller(self, role: str = "admin") -> ApiClient:
        return ApiClient(f"{role}-of-{self.workspace.id}")

    def settle(self, *account_ids: str) -> None:
        stores = bootstrap.pipeline(self.workspace)
        today = self.clock.today(bootstrap.configuration(self.workspace).zone())
        settle(stores, account_ids, today=today, now=self.clock.now())
        for account_id in account_ids:
            refresh_touch(bootstrap.touches(self.workspace), account_id)

    def work_off(self, job_id: str) -> None:
        """Do what a worker does about a move."""
        worker = Worker(self.clock.now() + timedelta(minutes=1), lambda account_id: None)
        follow(bootstrap.moving(self.workspace), job_id, worker)

    def carry(self, job_id: str) -> None:
        """Do what a worker does about a link."""
        worker = Worker(self.clock.now() + timedelta(minutes=1), lambda account_id: None)
        carry(bootstrap.linking(self.workspace), job_id, worker)

    def work_off_erasures(self) -> None:
        """Do every step of erasures that the queue asks for, in this workspace."""
        for body in self.erasure_messages():
            asked, privacy = json.loads(body), bootstrap.privacy(self.workspace)
            erasure_steps.work(privacy, asked["request"], asked["step"], asked["part"])

    def erasure_messages(self) -> Iterator[str]:
        """Take what the queue of erasures has about this workspace, until it is empty."""
        sqs, url = boto3.client("sqs"), environ["PRIVACY_QUEUE_URL"]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                if json.loads(message["Body"])["workspace"] == self.workspace.id:
                    yield message["Body"]


@pytest.fixture(scope="module")
def aws() -> Any:
    environment = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "TABLE_NAME": "stageline-test",
        "TABLE_ID": "the only table",
        "AUDIT_TABLE_NAME": "stageline-test-audit",
        "JOURNAL_BUCKET_NAME": "stageline-test-journal",
        "BUCKET_NAME": "stageline-test-uploads",
        "ID_KEY_SECRET_NAME": "stageline-test-id-key",
        "INTEGRATION_SECRETS_PREFIX": "stageline/test/integrations/",
        "PRIVACY_KEY_SECRET_NAME": "stageline-test-privacy-key",
    }
    with patch.dict("os.environ", environment), mock_aws():
        _forget()
        for name in ("stageline-test-uploads", "stageline-test-journal"):
            boto3.client("s3").create_bucket(
                Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
            )
        made_key = boto3.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        environ["SIGNING_KEY_ID"] = made_key["KeyMetadata"]["KeyId"]
        asked = boto3.client("sqs").create_queue(QueueName="stageline-test-privacy")
        environ["PRIVACY_QUEUE_URL"] = asked["QueueUrl"]
        pages = boto3.client("sqs").create_queue(QueueName="stageline-test-sync")
        environ["SYNC_QUEUE_URL"] = pages["QueueUrl"]
        url = boto3.client("sqs").create_queue(QueueName="stageline-test-work")["QueueUrl"]
        environ["WORK_QUEUE_URL"] = url
        boto3.client("secretsmanager").create_secret(
            Name="stageline-test-id-key", SecretString="a key of tests"
        )
        boto3.client("secretsmanager").create_secret(
            Name="stageline-test-privacy-key",
            SecretString='{"1": "a key of tests that is long enough, surely"}',
        )
        cognito = boto3.client("cognito-idp")
        pool_id = cognito.create_user_pool(PoolName="test")["UserPool"]["Id"]
        made = cognito.create_user_pool_client(
            UserPoolId=pool_id, ClientName="people", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
        )
        environ["USER_POOL_ID"] = pool_id
        environ["USER_POOL_CLIENT_ID"] = made["UserPoolClient"]["ClientId"]
        yield
    _forget()


@contextmanager
def deployment() -> Iterator[Deployment]:
    """Deploy a table of its own: moto copies the whole table in each transaction."""
    clock = FakeClock()
    bootstrap.verifications.cache_clear()
    bootstrap.verifier.cache_clear()
    client = bootstrap.table().client
    client.create_table(**table_properties("stageline-test"))
    client.create_table(**table_properties("stageline-test-audit", "AuditTable"))
    bootstrap.fence.cache_clear()
    bootstrap.fences().open(environ["TABLE_ID"], None)
    executions = KeptExecutions()
    with patch.multiple(bootstrap, clock=lambda: clock, executions=lambda workspace: executions):
        app.known_callers.cache_clear()
        owners.forget()
        made = Deployment(_workspace(), clock)
        made.caller().put("/v1/integrations/file", {"active": True, "opportunity_pull": True})
        yield made
    for name in ("stageline-test", "stageline-test-audit"):
        client.delete_table(TableName=name)


@pytest.fixture
def deployed(aws: None) -> Iterator[Deployment]:
    """A workspace with the file integration on."""
    with deployment() as made:
        yield made


@pytest.fixture
def other(deployed: Deployment) -> Deployment:
    """Another customer's workspace."""
    return Deployment(_workspace(), deployed.clock)


@pytest.fixture
def audited(deployed: Deployment) -> Callable[[], None]:
    """Return what audits all that was written since this was asked for."""
    client = bootstrap.table().client
    client.update_table(
        TableName="stageline-test",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )

    def audit_all() -> None:
        # moto's server of streams does not answer here; its table keeps the records.
        stored = dynamodb_backends[DEFAULT_ACCOUNT_ID]["eu-central-1"].tables["stageline-test"]
        assert stored.stream_shard is not None
        records: list[Any] = deepcopy([one.to_json() for one in stored.stream_shard.items])
        for record in records:
            seen_at = record["dynamodb"]["ApproximateCreationDateTime"]
            record["dynamodb"]["ApproximateCreationDateTime"] = seen_at.timestamp()
        assert handle(records) == {"batchItemFailures": []}

    return audit_all


@pytest.fixture
def client(deployed: Deployment) -> ApiClient:
    return deployed.caller()


def _workspace() -> Workspace:
    workspace = Workspace(f"test-{next(_numbers)}")
    directory = bootstrap.directory()
    configuration, stamp = bootstrap.configuration(workspace), Stamp("operator", "tests", SET_UP_AT)
    create_workspace(directory, configuration, workspace, "Europe/Vienna", stamp)
    for role in ROLES:
        subject, address = f"{role}-of-{workspace.id}", f"{role}@{workspace.id}.example"
        add_member(directory, workspace, subject, role, email=address)
    return workspace


def _forget() -> None:
    for built in vars(bootstrap).values():
        if hasattr(built, "cache_clear"):
            built.cache_clear()
