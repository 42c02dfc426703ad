"""Events on the bus, what is set aside in its queue, and which errors of AWS pass."""

import json
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from stageline.adapters.events import EventBridgeEvents
from stageline.adapters.faults import is_transient
from stageline.adapters.set_aside import SqsSetAside
from stageline.domain.group import StageChanged
from stageline.domain.workspace import Workspace

EVENT = StageChanged(
    account_id="a1",
    seq=3,
    scheme="crm_stage",
    scheme_version=1,
    from_stage=None,
    to_stage="client",
    since=date(2026, 3, 2),
    root_id="a1",
    at=datetime(2026, 3, 2, 12, tzinfo=UTC),
)


@pytest.fixture
def queue():
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="a-queue")["QueueUrl"]
    return sqs, url


def bodies(queue):
    sqs, url = queue
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in messages]


def test_stage_changes_reach_the_bus_in_batches(queue):
    events = boto3.client("events")
    events.create_event_bus(Name="a-bus")
    events.put_rule(
        Name="all", EventBusName="a-bus", EventPattern=json.dumps({"source": ["stageline"]})
    )
    arn = "arn:aws:sqs:eu-central-1:123456789012:a-queue"
    events.put_targets(Rule="all", EventBusName="a-bus", Targets=[{"Id": "q", "Arn": arn}])

    left = EventBridgeEvents(events, "a-bus").publish([(Workspace("acme"), EVENT)] * 12)

    assert left == []
    assert len(bodies(queue) + bodies(queue)) == 12


def test_events_that_the_bus_does_not_take_are_told():
    entries = [{"ErrorCode": "ThrottlingException"}, {}]
    busy: Any = SimpleNamespace(put_events=lambda Entries: {"Entries": entries})

    left = EventBridgeEvents(busy, "a-bus").publish([(Workspace("acme"), EVENT)] * 2)

    assert left == [0]


def test_what_is_set_aside_is_named(queue):
    SqsSetAside(*queue).send("acme", "account", "a1")

    assert {"workspace": "acme", "item": "account", "id": "a1"} in bodies(queue)


def client_error(code, *reasons):
    reasons_given = [{"Code": one} for one in reasons]
    answer: Any = {"Error": {"Code": code}, "CancellationReasons": reasons_given}
    return ClientError(answer, "TransactWriteItems")


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (client_error("ProvisionedThroughputExceededException"), True),
        (client_error("InternalServerError"), True),
        (client_error("AccessDeniedException"), True),
        (client_error("TransactionInProgressException"), True),
        (client_error("TransactionCanceledException", "None", "ThrottlingError"), True),
        (client_error("TransactionCanceledException", "None", "ValidationError"), False),
        (client_error("ValidationException"), False),
        (ReadTimeoutError(endpoint_url="x"), True),
        (TimeoutError(), True),
        (ValueError(), False),
    ],
)
def test_only_errors_that_pass_by_themselves_are_tried_again(error, passes):
    assert is_transient(error) is passes
