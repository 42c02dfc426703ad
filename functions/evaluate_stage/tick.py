"""Moves on every group whose stage changes with the day (hourly, and by hand).

It also sees that moves of accounts go on whose messages were lost.
"""

from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from evaluate_stage.failures import names_of
from stageline import bootstrap
from stageline.adapters.faults import is_transient
from stageline.domain.errors import Stale
from stageline.domain.freshness import freshness
from stageline.domain.workspace import Workspace
from stageline.use_cases.counts import ask_for_day_before
from stageline.use_cases.moves import send_again
from stageline.use_cases.tick import Ticked, tick

logger = Logger()
metrics = Metrics(namespace="Stageline")


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, int]:
    """Tick every workspace; return how many there are and how many groups moved on.

    `TickCompleted` is 1 when all of them went through, else 0; what is left stays due.
    `StaleWorkspaces` is how many show stages that are not known to be right since 24 hours.
    """
    workspaces = list(bootstrap.directory().workspaces())
    ticked = [_ticked(workspace) for workspace in workspaces]
    failed = sum(one.failed for one in ticked)
    metrics.add_metric(name="TickCompleted", unit=MetricUnit.Count, value=0 if failed else 1)
    stale = sum(_is_stale(workspace) for workspace in workspaces)
    metrics.add_metric(name="StaleWorkspaces", unit=MetricUnit.Count, value=stale)
    moved = sum(one.moved for one in ticked)
    logger.info("tick", workspaces=len(workspaces), groups=moved, failed=failed, stale=stale)
    return {"workspaces": len(workspaces), "groups": moved}


def _ticked(workspace: Workspace) -> Ticked:
    clock = bootstrap.clock()
    try:
        configuration = bootstrap.configuration(workspace)
        ticked = tick(
            bootstrap.pipeline(workspace),
            bootstrap.lists(workspace),
            configuration,
            today=clock.today(configuration.zone()),
            now=clock.now(),
            failed=_set_aside_in(workspace),
        )
        sent_again = send_again(bootstrap.moving(workspace), clock.now())
        links_sent_again = send_again(bootstrap.moving(workspace), clock.now(), "link")
    except Exception as error:
        # The other workspaces go on; the metric stays 0, and the alarm says so.
        names = {"workspace": workspace.id, **names_of(error)}
        logger.error("workspace not ticked", extra=names)
        return Ticked(moved=0, failed=1)
    logger.info(
        "workspace ticked",
        workspace=workspace.id,
        groups=ticked.moved,
        failed=ticked.failed,
        moves_sent_again=sent_again,
        links_sent_again=links_sent_again,
    )
    _ask_for_counts(workspace)
    return ticked


def _ask_for_counts(workspace: Workspace) -> None:
    """Have yesterday counted. What fails here is asked for again in an hour."""
    try:
        job = ask_for_day_before(bootstrap.counting(workspace), requested_by="tick")
    except Exception as error:
        logger.error("counts not asked for", extra={"workspace": workspace.id, **names_of(error)})
        return
    if job is not None:
        logger.info("counts asked for", workspace=workspace.id, job=job.job_id)


def _is_stale(workspace: Workspace) -> bool:
    """Tell whether the stages are stale after the tick; so they are when nobody can tell."""
    try:
        configured = bootstrap.configuration(workspace).read()
        found = freshness(configured, bootstrap.clock().now())
    except Exception as error:
        names = {"workspace": workspace.id, **names_of(error)}
        logger.error("freshness not known", extra=names)
        return True
    if found.stale:
        as_of = found.current_as_of and found.current_as_of.isoformat()
        logger.warning("stages are stale", workspace=workspace.id, current_as_of=as_of)
    return found.stale


def _set_aside_in(workspace: Workspace) -> Callable[[str, Exception], None]:
    def failed(root_id: str, error: Exception) -> None:
        names = {"workspace": workspace.id, "item": "group", "item_id": root_id, **names_of(error)}
        if isinstance(error, Stale) or is_transient(error):
            # It is still due when the next tick comes.
            logger.warning("left for the next tick", extra=names)
            return
        bootstrap.set_aside().send(workspace.id, "group", root_id)
        logger.error("set aside", extra=names)

    return failed
