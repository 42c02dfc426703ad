"""Which part of a run comes next: what kind of records, and which window of it."""

from datetime import date, datetime, timedelta
from hashlib import blake2b

from stageline.domain.crm_records import Place
from stageline.domain.integration import Integration
from stageline.domain.jobs import ImportJob
from stageline.domain.sync import SCHEDULE, Progress, Reading, SyncRun, SyncState, Window
from stageline.domain.sync_schedule import full_due

# The CRM's clock is not ours, its search is late, and long transactions show what is older: what
# changed so long before is read again, compared, and mostly not written.
OVERLAP = timedelta(minutes=15)


def opened(run: SyncRun, integration: Integration, state: SyncState, now: datetime) -> Reading:
    """Return the reading of the run's next kind: on from where the last run ended, if it did."""
    records = run.left[0]
    progress = state.of(records)
    is_full = run.mode == "full"
    if is_full and run.requested_by == SCHEDULE:
        # What was read in full is not begun again because a day's quota ended before the rest was.
        is_full = full_due(integration, progress, now)
    window, place = _window(run, progress, now, is_full=is_full)
    return Reading(records=records, job_id=_job_id(run), window=window, place=place)


def _window(
    run: SyncRun, progress: Progress, now: datetime, *, is_full: bool
) -> tuple[Window, Place]:
    epoch = progress.epoch or run.run_id
    if run.mode in ("retry", "leave"):
        return Window(None, now, epoch), None
    if progress.window is not None and (not is_full or progress.window.since is None):
        return progress.window, progress.place
    if is_full or progress.read_until is None:
        return Window(None, now, run.run_id), None
    return Window(progress.read_until - OVERLAP, now, epoch), None


def _job_id(run: SyncRun) -> str:
    """Return the id of the job of the run's next part: the same at every try."""
    return blake2b(f"{run.run_id}#{len(run.parts)}".encode(), digest_size=16).hexdigest()


def job_of(run: SyncRun, reading: Reading, today: date, now: datetime) -> ImportJob:
    """Return the job that stores what is read."""
    return ImportJob(
        job_id=reading.job_id,
        records=reading.records,
        dry_run=False,
        mapping=None,
        requested_by=run.requested_by,
        requested_at=now,
        upload_until=now,
        status="reading",
        today=today,
        started_at=now,
        integration=run.integration,
        run_id=run.run_id,
    )
