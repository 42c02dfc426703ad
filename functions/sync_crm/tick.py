"""Start the runs that are due, and nudge those that stand still (every quarter of an hour)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from stageline import bootstrap
from stageline.domain.errors import SyncRunning
from stageline.domain.freshness import STALE_AFTER
from stageline.domain.ids import random_id
from stageline.domain.integration import Configured, Integration
from stageline.domain.sync import SCHEDULE
from stageline.domain.sync_schedule import is_due, mode_due
from stageline.domain.workspace import Workspace
from stageline.use_cases.sync_start import start_run

logger = Logger()
metrics = Metrics(namespace="Stageline")

# Failing again and again is an alarm; once may happen to anybody.
_FAILING_AFTER = 3
_STANDS_STILL_AFTER = timedelta(hours=1)
_METRICS = ("SyncsStale", "SyncsFailing", "SyncsDrifting")


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, int]:
    """Return how many integrations there are and how many runs were started.

    `SyncsStale`: how many are behind their CRM by more than a day; `SyncsFailing`: how many failed
    three times in a row, or need an admin; `SyncsDrifting`: how many have another number of records
    than the CRM says. Each of them is in the log.
    """
    found = {
        "integrations": 0,
        "started": 0,
        "SyncsStale": 0,
        "SyncsFailing": 0,
        "SyncsDrifting": 0,
    }
    for workspace in bootstrap.directory().workspaces():
        try:
            _look_at(workspace, found)
        except Exception as error:
            # The other workspaces go on.
            names = {"workspace": workspace.id, "error": type(error).__name__}
            logger.error("syncs not looked at", extra=names)
            found["SyncsFailing"] += 1
    for name in _METRICS:
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=found[name])
    logger.info("sync tick", extra=found)
    return {"integrations": found["integrations"], "started": found["started"]}


def _look_at(workspace: Workspace, found: dict[str, int]) -> None:
    now = bootstrap.clock().now()
    configured = bootstrap.configuration(workspace).read()
    for integration in configured.integrations:
        if integration.connection is None or not (integration.active and integration.sync):
            continue
        found["integrations"] += 1
        found["started"] += _started(workspace, integration, configured, now)
        state = configured.sync(integration.key)
        names: dict[str, Any] = {"workspace": workspace.id, "integration": integration.key}
        if (now - (state.as_of or integration.created_at)) > STALE_AFTER:
            found["SyncsStale"] += 1
            logger.warning("integration is behind", **names)
        if state.failures >= _FAILING_AFTER or state.attention is not None:
            found["SyncsFailing"] += 1
            code = state.attention.code if state.attention else None
            logger.warning("integration fails", **names, failures=state.failures, attention=code)
        drift = {kind: one.drift for kind, one in state.progress.items() if one.drift}
        if drift:
            found["SyncsDrifting"] += 1
            logger.warning("integration has another number of records", **names, drift=drift)


def _started(
    workspace: Workspace, integration: Integration, configured: Configured, now: datetime
) -> bool:
    state = configured.sync(integration.key)
    syncs, queue = bootstrap.syncs(workspace), bootstrap.sync_queue(workspace)
    if state.running is not None:
        run = syncs.run(state.running)
        if now - run.moved_at > _STANDS_STILL_AFTER:
            # Its message may have been lost; one too many does no harm.
            queue.send(run.run_id, run.rev)
        return False
    if not is_due(integration, state, now):
        return False
    mode = mode_due(integration, state, now)
    try:
        run = start_run(syncs, integration, mode, random_id(), SCHEDULE, now)
    except SyncRunning:
        return False
    queue.send(run.run_id, run.rev)
    logger.info("run started", workspace=workspace.id, integration=integration.key, run=run.run_id)
    return True
