"""Work off runs of integrations, turn by turn, and checks (SQS): the function that reads CRMs."""

import json
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
from stageline.domain.errors import NotFound
from stageline.domain.workspace import Workspace
from stageline.domain.write_back import WriteBack
from stageline.use_cases.crm_writes import work_stage, work_write
from stageline.use_cases.sync_runs import work_run
from sync_crm.opening import Deadline, syncing_of
from sync_crm.work_check import work_check
from sync_crm.write_back import writing_of

logger = Logger()
processor = BatchProcessor(event_type=EventType.SQS)
deadline = Deadline()


class NotATurn(ValueError):
    """A message that nobody of ours sent; it ends in the dead-letter queue."""


def handle_record(record: SQSRecord) -> None:
    bootstrap.fence().refuse()
    match json.loads(record.body):
        case {
            "workspace": str(workspace_id),
            "run": str(run_id),
            "turn": int(turn),
            "attempts": int(attempts),
        }:
            _take_turn(Workspace(workspace_id), run_id, turn, attempts)
        case {"workspace": str(workspace_id), "check": str(key)}:
            check = work_check(Workspace(workspace_id), key, deadline)
            status = check.status if check else None
            logger.info("checked", workspace=workspace_id, integration=key, status=status)
        case {"workspace": str(workspace_id), "write": str(write_id)}:
            _write(Workspace(workspace_id), write_id)
        case {"workspace": str(workspace_id), "stage_of": str(account_id)}:
            _write_stage(Workspace(workspace_id), account_id)
        case _:
            raise NotATurn("a message of another form")


def _write(workspace: Workspace, write_id: str) -> None:
    names: dict[str, Any] = {"workspace": workspace.id, "write": write_id}
    try:
        write = work_write(writing_of(workspace, deadline), write_id)
    except NotFound:
        logger.info("no such write", **names)
        return
    _say_written(workspace, write)


def _write_stage(workspace: Workspace, account_id: str) -> None:
    write = work_stage(writing_of(workspace, deadline), account_id)
    if write is None:
        logger.debug("no stage to write", workspace=workspace.id)
    else:
        _say_written(workspace, write)


def _say_written(workspace: Workspace, write: WriteBack) -> None:
    logger.info(
        "written",
        workspace=workspace.id,
        write=write.write_id,
        integration=write.integration,
        what=write.what,
        status=write.status,
        conflict=write.is_conflict,
        attempts=write.attempts,
        vendor_status=write.vendor_status,
        code=write.code,
    )


def _take_turn(workspace: Workspace, run_id: str, turn: int, attempts: int) -> None:
    names: dict[str, Any] = {"workspace": workspace.id, "run_id": run_id, "turn": turn}
    try:
        run = work_run(syncing_of(workspace, deadline), run_id, turn, attempts)
    except NotFound:
        logger.info("no such run", **names)
        return
    reading = run.reading
    logger.info(
        "turn taken",
        **names,
        integration=run.integration,
        status=run.status,
        records=reading.records if reading else None,
        rows=reading.rows if reading else None,
        stopped=reading.stopped if reading else None,
        attention=run.attention.code if run.attention else None,
        attempts=attempts,
    )


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    deadline.set(context.get_remaining_time_in_millis())
    return process_partial_response(event, handle_record, processor, context)
