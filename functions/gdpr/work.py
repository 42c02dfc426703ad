"""Erases people, step by step (SQS), and looks after erasures once an hour (and by hand)."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from stageline import bootstrap
from stageline.domain.certificate import fingerprint

logger = Logger()
processor = BatchProcessor(event_type=EventType.SQS)


class NoSuchWork(ValueError):
    """What nobody of ours asked for; a message ends in the dead-letter queue."""


def handle_record(record: SQSRecord) -> None:
    raise NoSuchWork("a message of another form")


def tick() -> dict[str, Any]:
    """Return which keys there are. Raises when an erasure could not be signed or written down."""
    key = fingerprint(bootstrap.signer().public_key())
    numbers = list(bootstrap.privacy_keys())
    is_empty = bootstrap.journal().is_empty()
    logger.info("tick", signing_key=key, privacy_keys=numbers, journal_is_empty=is_empty)
    return {"signing_key": key, "privacy_keys": numbers, "journal_is_empty": is_empty}


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    match event:
        case {"Records": []}:
            return {"batchItemFailures": []}
        case {"Records": [*_]}:
            answer = process_partial_response(event, handle_record, processor, context)
            return {"batchItemFailures": answer["batchItemFailures"]}
        case {"action": "tick"}:
            return tick()
        case _:
            raise NoSuchWork('neither messages of the queue nor {"action": "tick"}')
