"""The function's door: what it takes, and what nobody of ours sent."""

import json
from types import SimpleNamespace
from typing import cast

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from aws_lambda_powertools.utilities.typing import LambdaContext

from gdpr import work

CONTEXT = cast(
    LambdaContext,
    SimpleNamespace(
        function_name="privacy",
        memory_limit_in_mb=128,
        invoked_function_arn="arn:aws:lambda:eu-central-1:123456789012:function:privacy",
        aws_request_id="a-request",
    ),
)


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
