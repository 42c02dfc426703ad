"""Works off verifications: a part of one, its end, and the weekly ones of every workspace.

Started by a state machine for each part and at the end, and by a schedule.
"""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from evaluate_stage.failures import names_of
from stageline import bootstrap
from stageline.domain.errors import VerificationRunning
from stageline.domain.ids import random_id
from stageline.domain.workspace import Workspace
from stageline.use_cases.verifications import do_part, end_verification, request_verification

BY_SCHEDULE = "schedule"

logger = Logger()
metrics = Metrics(namespace="Stageline")


class NoSuchStep(ValueError):
    """An event of another form than those that the template makes."""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    match event:
        case {"step": "part", "workspace": str(workspace), "job": str(job), "part": int(part)}:
            return _part(Workspace(workspace), job, part)
        case {"step": "end", "workspace": str(workspace), "job": str(job)}:
            return _end(Workspace(workspace), job)
        case {"step": "begin"}:
            return {"begun": sum(map(_begun, bootstrap.directory().workspaces()))}
        case _:
            raise NoSuchStep("an event of another form")


def _part(workspace: Workspace, job_id: str, part: int) -> dict[str, Any]:
    found = do_part(bootstrap.works(workspace), bootstrap.verifier(workspace), job_id, part)
    names = {"workspace": workspace.id, "job": job_id, "part": part}
    if found is None:
        logger.info("part was done before", extra=names)
    else:
        drift = sum(found.drift.values())
        logger.info("part verified", extra=names | {"items": found.items, "drift": drift})
    return {}


def _end(workspace: Workspace, job_id: str) -> dict[str, Any]:
    work = end_verification(bootstrap.works(workspace), job_id, bootstrap.clock().now())
    drift = sum(work.result["drift"].values())
    metrics.add_metric(name="Drift", unit=MetricUnit.Count, value=drift)
    names = {"workspace": workspace.id, "job": job_id, "status": work.status, "drift": drift}
    logger.info("verification ended", extra=names)
    return {"status": work.status}


def _begun(workspace: Workspace) -> bool:
    names = {"workspace": workspace.id}
    try:
        request_verification(
            bootstrap.verifications(workspace),
            random_id(),
            repair=False,
            requested_by=BY_SCHEDULE,
            now=bootstrap.clock().now(),
        )
    except VerificationRunning as running:
        logger.info("a verification is running", extra=names | {"job": running.job_id})
        return False
    except Exception as error:
        # The other workspaces go on.
        logger.error("verification not begun", extra=names | names_of(error))
        return False
    return True
