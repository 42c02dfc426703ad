"""The function's door: what it takes, and what nobody of ours sent."""

import json
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from aws_lambda_powertools.utilities.typing import LambdaContext

from gdpr import work
from stageline import bootstrap
from stageline.domain.certificate import fingerprint
from tests.fakes.privacy import KeptJournal, KeySigner

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


def test_a_tick_tells_which_keys_there_are():
    signer = KeySigner()
    behind: dict[str, Any] = {
        "signer": lambda: signer,
        "privacy_keys": lambda: {1: b"one", 2: b"two"},
        "journal": KeptJournal,
    }
    with patch.multiple(bootstrap, **behind):
        told = work.handler({"action": "tick"}, CONTEXT)

    assert told == {
        "signing_key": fingerprint(signer.public_key()),
        "privacy_keys": [1, 2],
        "journal_is_empty": True,
    }
