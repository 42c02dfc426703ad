"""Start a run of an integration, one at a time; begin to check its mapping."""

from dataclasses import replace
from datetime import datetime

from stageline.domain.errors import NotFound, SyncNotPossible, SyncRunning
from stageline.domain.integration import Integration
from stageline.domain.job_states import RECORDS
from stageline.domain.sync import Mode, SyncRun
from stageline.domain.sync_check import MappingCheck
from stageline.sync_ports import Checks, Syncs
from stageline.use_cases.again import again


def start_run(
    syncs: Syncs,
    integration: Integration,
    mode: Mode,
    run_id: str,
    requested_by: str,
    now: datetime,
) -> SyncRun:
    """Return the run, which the caller has to queue; the same id again starts nothing.

    Raises SyncRunning, SyncNotPossible.
    """
    if mode != "leave":
        refuse_impossible(integration)

    def attempt() -> SyncRun:
        try:
            return syncs.run(run_id)
        except NotFound:
            pass
        before = syncs.state(integration.key)
        if before.running is not None:
            raise SyncRunning(before.running)
        run = SyncRun(
            run_id=run_id,
            integration=integration.key,
            mode=mode,
            requested_by=requested_by,
            requested_at=now,
            left=RECORDS if mode == "leave" else integration.pulled,
            moved_at=now,
        )
        after = replace(before, running=run_id, rev=before.rev + 1)
        if mode in ("changes", "full"):
            # Others read nothing new, so what is planned stays so.
            after = replace(after, last_started_at=now)
        syncs.save(before, after, run)
        return run

    return again(attempt)


def begin_check(
    checks: Checks,
    integration: Integration,
    mapping: str | None,
    check_id: str,
    requested_by: str,
    now: datetime,
) -> MappingCheck:
    """Return the check, which the caller has to queue; the integration need not be active.

    Raises SyncNotPossible.
    """
    _refuse_without_credentials(integration)
    check = MappingCheck(
        check_id=check_id,
        integration=integration.key,
        mapping=mapping,
        requested_by=requested_by,
        requested_at=now,
    )
    checks.begin(check)
    return check


def refuse_impossible(integration: Integration) -> None:
    """Raise SyncNotPossible for one whose CRM is not to be asked, or cannot."""
    if not integration.active:
        raise SyncNotPossible("the integration is not active; activate it first")
    _refuse_without_credentials(integration)


def _refuse_without_credentials(integration: Integration) -> None:
    if integration.connection is None or integration.connection.sign_in is None:
        raise SyncNotPossible("the integration has no credentials; give them first")
