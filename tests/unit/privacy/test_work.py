"""The function's door: what it takes, and what nobody of ours sent."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast
from unittest.mock import patch

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from aws_lambda_powertools.utilities.typing import LambdaContext

from gdpr import work
from stageline import bootstrap
from stageline.domain.errors import RestoredNotChecked
from stageline.use_cases.fence import Fence
from tests.fakes.privacy import KeptFences, KeptJournal

CONTEXT = cast(
    LambdaContext,
    SimpleNamespace(
        function_name="privacy",
        memory_limit_in_mb=128,
        invoked_function_arn="arn:aws:lambda:eu-central-1:123456789012:function:privacy",
        aws_request_id="a-request",
    ),
)


@pytest.fixture(autouse=True)
def fences() -> Iterator[KeptFences]:
    kept = KeptFences("this table")
    fence = Fence("this table", kept, KeptJournal)
    with patch.object(bootstrap, "fence", lambda: fence):
        yield kept


def message(body):
    return {"messageId": "1", "eventSource": "aws:sqs", "body": json.dumps(body)}


def test_no_messages_ask_for_nothing():
    assert work.handler({"Records": []}, CONTEXT) == {"batchItemFailures": []}


@pytest.mark.parametrize("body", [{}, {"workspace": "acme", "work": "unknown"}])
def test_a_message_of_another_form_ends_in_the_dead_letters(body):
    with pytest.raises(BatchProcessingError):
        work.handler({"Records": [message(body)]}, CONTEXT)


@pytest.mark.parametrize("event", [{}, {"action": "erase"}, {"Records": "all"}])
def test_an_event_of_another_form_is_refused(event):
    with pytest.raises(work.NoSuchWork):
        work.handler(event, CONTEXT)


@pytest.mark.parametrize("work_", ["erasure", "unknown"])
def test_while_the_table_is_not_checked_messages_come_again(fences, work_):
    fences.table = "the table before"
    body = {"workspace": "acme", "work": work_, "request": "r1", "step": "erase", "part": 1}

    with pytest.raises(BatchProcessingError, match="RestoredNotChecked"):
        work.handler({"Records": [message(body)]}, CONTEXT)


def test_while_the_table_is_not_checked_nothing_is_taken_up(fences):
    fences.table = "the table before"

    with pytest.raises(RestoredNotChecked):
        work.handler({"action": "tick"}, CONTEXT)
