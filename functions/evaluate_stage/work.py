"""Works on what takes longer than a request or a batch of the stream (SQS)."""

import json
from datetime import timedelta
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from stageline import bootstrap
from stageline.domain.workspace import Workspace
from stageline.use_cases.counts import ask_if_changed, count
from stageline.use_cases.following import Worker, follow
from stageline.use_cases.link_carrying import carry
from stageline.use_cases.pipeline import refresh_rows, settle_account
from stageline.use_cases.redrive import redrive_account, redrive_event, redrive_group
from stageline.use_cases.touches import refresh_touch

# The function has 15 minutes; a job that takes longer goes on with another message.
ENDS_AFTER = timedelta(minutes=10)

logger = Logger()
processor = BatchProcessor(event_type=EventType.SQS)


class NoSuchWork(ValueError):
    """A message that nobody of ours sent; it ends in the dead-letter queue."""


def handle_record(record: SQSRecord) -> None:
    match json.loads(record.body):
        case {"workspace": str(workspace_id), "work": "rows", "accounts": [*account_ids]}:
            _refresh_rows(Workspace(workspace_id), account_ids)
        case {"workspace": str(workspace_id), "work": "counts", "job": str(job_id)}:
            _count(Workspace(workspace_id), job_id)
        case {"workspace": str(workspace_id), "work": "move", "job": str(job_id)}:
            _follow(Workspace(workspace_id), job_id)
        case {"workspace": str(workspace_id), "work": "link", "job": str(job_id)}:
            _carry(Workspace(workspace_id), job_id)
        case {"workspace": str(workspace_id), "work": "redrive", "item": item, "id": str(item_id)}:
            _redrive(Workspace(workspace_id), item, item_id)
        case _:
            raise NoSuchWork("a message of another form")


def _refresh_rows(workspace: Workspace, account_ids: list[str]) -> None:
    now = bootstrap.clock().now()
    written = refresh_rows(bootstrap.pipeline(workspace), account_ids, now=now)
    logger.info("rows done", workspace=workspace.id, of=len(account_ids), written=written)


def _count(workspace: Workspace, job_id: str) -> None:
    job = count(bootstrap.counting(workspace), job_id)
    result = dict(job.result)
    logger.info("counts", workspace=workspace.id, job_id=job_id, status=job.status, result=result)


def _follow(workspace: Workspace, job_id: str) -> None:
    job = follow(bootstrap.moving(workspace), job_id, _worker(workspace))
    status = job.status if job else "withdrawn"
    logger.info("move", workspace=workspace.id, job_id=job_id, status=status)


def _carry(workspace: Workspace, job_id: str) -> None:
    job = carry(bootstrap.linking(workspace), job_id, _worker(workspace))
    status = job.status if job else "not there"
    logger.info("link", workspace=workspace.id, job_id=job_id, status=status)


def _worker(workspace: Workspace) -> Worker:
    now = bootstrap.clock().now()
    settle = partial(settle_account, bootstrap.pipeline(workspace), now=now)
    return Worker(now + ENDS_AFTER, settle)


def _redrive(workspace: Workspace, item: object, item_id: str) -> None:
    clock, stores = bootstrap.clock(), bootstrap.pipeline(workspace)
    today, now = clock.today(bootstrap.configuration(workspace).zone()), clock.now()
    match item:
        case "account":
            redrive_account(stores, item_id, today=today, now=now)
            refresh_touch(bootstrap.touches(workspace), item_id)
        case "group":
            redrive_group(stores, item_id, today=today, now=now)
        case "event":
            verifier = bootstrap.verifier(workspace)
            redrive_event(verifier.inspection, verifier.outbox, verifier.publish, item_id)
        case "counts":
            ask_if_changed(bootstrap.counting(workspace), requested_by="redrive")
        case _:
            raise NoSuchWork("an item of another kind")
    logger.info("redriven", workspace=workspace.id, item=item, item_id=item_id)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    return process_partial_response(event, handle_record, processor, context)
