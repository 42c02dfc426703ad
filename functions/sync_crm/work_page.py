"""Work on pages of imports (SQS): store them, link accounts to their parents, settle stages."""

import json
from typing import Any, get_args

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
from stageline.domain.errors import NotFound
from stageline.domain.job_states import Step
from stageline.domain.workspace import Workspace
from stageline.use_cases.import_steps import work_page

logger = Logger()
processor = BatchProcessor(event_type=EventType.SQS)

_STEPS = get_args(Step.__value__)


class NotAPage(ValueError):
    """A message that no reader of ours sent; it ends in the dead-letter queue."""


def handle_record(record: SQSRecord) -> None:
    bootstrap.fence().refuse()
    match json.loads(record.body):
        case {
            "workspace": str(workspace_id),
            "job": str(job_id),
            "step": step,
            "page": int(number),
        } if step in _STEPS:
            workspace = Workspace(workspace_id)
        case _:
            raise NotAPage("a message of another form")
    names = {"workspace": workspace.id, "job_id": job_id, "step": step, "page": number}
    today = bootstrap.clock().today(bootstrap.configuration(workspace).zone())
    try:
        job = work_page(bootstrap.imports(workspace), job_id, step, number, today)
    except NotFound:
        logger.info("no such job", **names)
        return
    logger.info("page done", status=job.status, done=job.tasks.done, of=job.tasks.total, **names)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    return process_partial_response(event, handle_record, processor, context)
