"""Erases people, step by step (SQS), looks after erasures once an hour, and does so by hand."""

import json
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from gdpr import by_hand, restore
from stageline import bootstrap
from stageline.domain.errors import RestoredNotChecked
from stageline.domain.workspace import Workspace
from stageline.use_cases import erasure_steps

logger = Logger()
metrics = Metrics(namespace="Stageline")
processor = BatchProcessor(event_type=EventType.SQS)


class NoSuchWork(ValueError):
    """What nobody of ours asked for; a message ends in the dead-letter queue."""


def handle_record(record: SQSRecord) -> None:
    match json.loads(record.body):
        case {"workspace": str(workspace_id), "work": "restore", "job": str(job_id)}:
            restore.go_on(Workspace(workspace_id), job_id)
        case _ if bootstrap.fence().is_closed():
            raise RestoredNotChecked
        case {
            "workspace": str(workspace_id),
            "work": "erasure",
            "request": str(request_id),
            "step": "select" | "look" | "check" | "erase" | "finish" as step,
            "part": int(part),
        }:
            workspace = Workspace(workspace_id)
            request = erasure_steps.work(bootstrap.privacy(workspace), request_id, step, part)
            logger.info(
                "erasure",
                workspace=workspace.id,
                erasure_id=request_id,
                step=step,
                part=part,
                status=request.status,
            )
        case _:
            raise NoSuchWork("a message of another form")


def tick() -> dict[str, Any]:
    """Take up what waits in each workspace; return how much that was."""
    bootstrap.fence().refuse()
    taken = partial = 0
    for workspace in bootstrap.directory().workspaces():
        waiting = set(erasure_steps.waiting(bootstrap.privacy(workspace)))
        for request in erasure_steps.tick(bootstrap.privacy(workspace)):
            taken += 1
            if request.is_waiting:
                waiting.add(request.request_id)
            logger.info(
                "taken up",
                workspace=workspace.id,
                erasure_id=request.request_id,
                status=request.status,
            )
        partial += len(waiting)
    metrics.add_metric("ErasuresPartial", MetricUnit.Count, partial)
    metrics.flush_metrics()
    logger.info("tick", taken=taken, partial=partial)
    return {"taken": taken, "partial": partial}


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    match event:
        case {"Records": []}:
            return {"batchItemFailures": []}
        case {"Records": [*_]}:
            answer = process_partial_response(event, handle_record, processor, context)
            return {"batchItemFailures": answer["batchItemFailures"]}
        case {"action": "restore-check"}:
            return restore.check(event.get("workspace"))
        case {"action": "tick"}:
            return tick()
        case {"action": str(action)} if action in by_hand.ACTIONS:
            return by_hand.answer(event, context.aws_request_id)
        case _:
            known = ", ".join(("tick", "restore-check", *by_hand.ACTIONS))
            raise NoSuchWork(f"neither messages of the queue nor an action: one of {known}")
