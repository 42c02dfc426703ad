"""Closing a part of a run when its job has ended, and the run when no part is left."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from stageline.domain.crm_errors import CrmError
from stageline.domain.errors import NotFound, UrlNotAllowed
from stageline.domain.integration import Integration
from stageline.domain.job_states import Records
from stageline.domain.jobs import ImportJob
from stageline.domain.stamp import Stamp
from stageline.domain.sync import Attention, Part, Progress, Reading, RunStatus, SyncRun, SyncState
from stageline.use_cases.integrations import note_attention
from stageline.use_cases.sync_attention import CREDENTIALS
from stageline.use_cases.sync_missing import held, merged_in, not_stored

if TYPE_CHECKING:
    from stageline.use_cases.sync_reading import Reader
    from stageline.use_cases.sync_runs import Syncing


def close_part(
    syncing: "Syncing",
    run: SyncRun,
    integration: Integration,
    reading: Reading,
    job: ImportJob | None,
) -> SyncRun:
    """Note how far the kind is now, and go on to the next one. Raises Stale."""
    records = reading.records
    state = syncing.syncs.state(run.integration)
    counts = job.counts if job is not None else {}
    progress = _progress(run, reading, state.of(records))
    here = progress.held + counts.get("came", 0) - counts.get("went", 0)
    if _is_all(run, reading):
        reader, epoch = syncing.reader(integration), reading.window.epoch
        # An erasure takes records away that no row told of.
        here = held(reader.seen, reader.store, reader.refused, records, epoch)
        for other in reader.seen.epochs(records):
            if other not in (epoch, merged_in(epoch)):
                reader.seen.forget(records, other)
    part = Part(records, reading.job_id if job else None, counts, reading.stopped)
    after = run.moved(
        syncing.now(), reading=None, parts=(*run.parts, part), left=_left(run, reading)
    )
    with_held = state.with_progress(records, replace(progress, held=here))
    syncing.syncs.save(state, replace(with_held, rev=state.rev + 1), after)
    return after


def _is_all(run: SyncRun, reading: Reading) -> bool:
    """Tell whether everything that the CRM has was read, and what it has no more was found."""
    return run.mode in ("changes", "full") and reading.window.since is None and not reading.stopped


def _progress(run: SyncRun, reading: Reading, before: Progress) -> Progress:
    window = reading.window
    if run.mode not in ("changes", "full") or reading.stopped == "refused":
        return before
    if reading.stopped == "lost":
        return replace(before, window=None, place=None)
    if reading.stopped is not None:
        # The ids that were not seen are found again when all there is was read.
        place = reading.place if reading.missing is None else before.place
        return replace(before, window=window, place=place)
    return replace(
        before,
        window=None,
        place=None,
        epoch=window.epoch,
        read_until=window.until,
        full_at=window.until if window.since is None else before.full_at,
    )


def _left(run: SyncRun, reading: Reading) -> tuple[Records, ...]:
    match reading.stopped:
        case "quota" | "unavailable":
            return ()
        case "refused" if run.attention is not None and run.attention.code in CREDENTIALS:
            return ()
        case "refused":
            return run.left[1:]
        case "lost":
            was_lost = any(part.stopped == "lost" for part in run.parts)
            return () if was_lost else run.left
    # What an earlier run had begun is through; what changed since comes next.
    is_behind = run.mode in ("changes", "full") and reading.window.until < run.requested_at
    return run.left if is_behind else run.left[1:]


def end_run(syncing: "Syncing", run: SyncRun, integration: Integration) -> SyncRun:
    """End a run of which no part is left: count, say how fresh, and let the next one begin.

    Raises Stale.
    """
    now = syncing.now()
    status = _status(syncing, run)
    ended = run.moved(now, status=status, finished_at=now)
    is_completed = status.startswith("completed")
    if run.mode == "leave" and is_completed:
        syncing.remove(run.integration, run.run_id)
        syncing.syncs.save(None, None, ended)
        return ended
    if is_completed or _hides_stages(run.attention):
        note_attention(
            syncing.imports.configuration,
            run.integration,
            run.attention.code if run.attention else None,
            today=syncing.today(),
            stamp=Stamp(by=run.requested_by, request=run.run_id, at=now),
        )
    state = syncing.syncs.state(run.integration)
    reader = syncing.reader(integration)
    counted = _counted(reader, run, state, now)
    after = replace(
        counted,
        running=None,
        last_run=run.run_id,
        as_of=_as_of(integration, counted),
        last_completed_at=now if is_completed else state.last_completed_at,
        failures=0 if is_completed else state.failures + 1,
        attention=None if is_completed else run.attention or state.attention,
        quota_left=reader.source.quota_left(),
        rev=state.rev + 1,
    )
    syncing.syncs.save(state, after, ended)
    return ended


def _status(syncing: "Syncing", run: SyncRun) -> RunStatus:
    stopped = {part.stopped for part in run.parts}
    if "refused" in stopped:
        return "failed"
    if stopped & {"quota", "unavailable"} or (run.parts and run.parts[-1].stopped == "lost"):
        return "partial"
    jobs = (syncing.imports.jobs.get(part.job_id) for part in run.parts if part.job_id)
    has_problems = any(job.problems for job in jobs)
    return "completed_with_errors" if has_problems else "completed"


def _hides_stages(attention: Attention | None) -> bool:
    """Stages rest on deals: without them there is none to show (S0.17)."""
    return attention is not None and (attention.code in CREDENTIALS or attention.records == "deals")


def _counted(reader: "Reader", run: SyncRun, state: SyncState, now: datetime) -> SyncState:
    """Hold what is here against what the CRM says that it has, where it can say so.

    A number from before says nothing of what is here now.
    """
    stopped = {part.records for part in run.parts if part.stopped not in (None, "lost")}
    for records in dict.fromkeys(part.records for part in run.parts):
        progress = replace(state.of(records), counted=None, counted_at=None)
        if records not in stopped and not _is_out(run):
            with suppress(CrmError, UrlNotAllowed, NotFound):
                counted = reader.source.count(records)
                progress = replace(progress, counted=counted, counted_at=now)
        refused = not_stored(reader.store, reader.refused, records)
        state = state.with_progress(records, replace(progress, refused=refused))
    return state


def _is_out(run: SyncRun) -> bool:
    """Tell whether the CRM is not to be asked any more."""
    return bool(run.parts) and run.parts[-1].stopped in ("quota", "unavailable")


def _as_of(integration: Integration, state: SyncState) -> datetime | None:
    """Return when the CRM was as it is here: what is read oldest decides."""
    until = [state.of(records).read_until for records in integration.pulled]
    known = [instant for instant in until if instant is not None]
    return min(known) if known and len(known) == len(until) else None
