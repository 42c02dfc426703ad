"""Applies the journal again after a restore: for a message, or for whoever may invoke functions."""

from datetime import timedelta
from itertools import chain
from typing import Any

from aws_lambda_powertools import Logger

from stageline import bootstrap
from stageline.domain.ids import random_id
from stageline.domain.work import Work
from stageline.domain.workspace import Workspace
from stageline.use_cases.restoring import (
    begin_restore_check,
    check_restore,
    restore_check_document,
    unknown_workspaces,
)

# The function has 15 minutes; a job that takes longer goes on with another message.
ENDS_AFTER = timedelta(minutes=10)
BY_HAND = "operator"

logger = Logger(child=True)


class NoWorkspace(ValueError):
    """There is none in the table or the journal, where the job could be stored."""


def go_on(workspace: Workspace, job_id: str) -> Work:
    """Work on a job for some minutes, and return it."""
    restoring = bootstrap.restoring(workspace)
    unknown = unknown_workspaces(restoring)
    if unknown:
        logger.warning("workspaces that the table does not know", workspaces=unknown)
    work = check_restore(restoring, job_id, restoring.now() + ENDS_AFTER)
    logger.info(
        "restore check",
        workspace=workspace.id,
        job_id=job_id,
        status=work.status,
        progress=dict(work.progress),
        remaining=dict(work.result["remaining"]),
    )
    return work


def check(workspace_id: str | None) -> dict[str, Any]:
    """Begin a check, or go on with the one that runs; return how it stands after some minutes.

    Its job is stored in that workspace, or in the first one that there is. Raises NoWorkspace.
    """
    if workspace_id is not None:
        workspace = Workspace(workspace_id)
    else:
        known = chain(bootstrap.directory().workspaces(), bootstrap.journal().counts())
        found = next(iter(known), None)
        if found is None:
            raise NoWorkspace('name one: {"action": "restore-check", "workspace": "…"}')
        workspace = found
    restoring = bootstrap.restoring(workspace)
    work = begin_restore_check(restoring, random_id(), requested_by=BY_HAND)
    return restore_check_document(go_on(workspace, work.job_id))
