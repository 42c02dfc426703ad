"""Working off a run of an integration, one turn for each message.

A turn opens a part (a window of one kind of records), reads a page of it, hands what was read to
its import job, or closes the part when the job has ended; after the last part it ends the run. Each
turn is written over the run's revision, which the message names, and sends the message of the next.
Messages may come twice, late, or from a worker that died before it sent the next one.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from stageline.domain.crm_errors import (
    CrmError,
    CrmQuotaSpent,
    CrmThrottled,
    CrmUnavailable,
)
from stageline.domain.crm_records import PlaceLost
from stageline.domain.errors import NotFound, Stale, UrlNotAllowed
from stageline.domain.integration import Integration
from stageline.domain.sync import Attention, Reading, RunStatus, Stopped, SyncRun
from stageline.sync_ports import ANY_TURN, SyncQueue, Syncs
from stageline.use_cases.import_steps import Imports, end_reading
from stageline.use_cases.sync_attention import attention_of
from stageline.use_cases.sync_closing import close_part, end_run
from stageline.use_cases.sync_missing import NothingListed
from stageline.use_cases.sync_opening import opened
from stageline.use_cases.sync_reading import Reader, read_page

# SQS holds no message back for longer.
_LONGEST_DELAY = timedelta(minutes=15)
_FIRST_DELAY = timedelta(seconds=15)
_TRIES = 6
# Of a CRM that asks to wait, which is no failure.
_WAITS = 24


@dataclass(frozen=True, slots=True)
class Syncing:
    """What runs of one workspace read and write. `reader` opens an integration's CRM."""

    syncs: Syncs
    queue: SyncQueue
    imports: Imports
    reader: Callable[[Integration], Reader]
    remove: Callable[[str, str], None]
    today: Callable[[], date]
    now: Callable[[], datetime]


class _NotYet(Exception):
    """The page has to be asked for again later; the place is where it was."""

    def __init__(self, delay: timedelta) -> None:
        super().__init__()
        self.delay = delay


def work_run(syncing: Syncing, run_id: str, turn: int, attempts: int = 0) -> SyncRun:
    """Take a turn of a run, and ask for the next one; return the run as it is then.

    A turn that was taken is not taken again: only the message of the next is sent once more, since
    whoever took it may have died before. `attempts`: how often it failed before. Raises NotFound.
    """
    run = syncing.syncs.run(run_id)
    if run.is_finished:
        return run
    if turn != run.rev:
        waits = run.reading is not None and run.reading.is_through
        if turn == run.rev - 1 or (turn == ANY_TURN and waits):
            syncing.queue.send(run_id, run.rev)
        return run
    try:
        after, wait = _turn(syncing, run, attempts)
    except _NotYet as error:
        syncing.queue.send(run_id, run.rev, attempts=attempts + 1, delay=error.delay)
        return run
    except Stale:
        return run
    if after.rev != run.rev and not after.is_finished:
        syncing.queue.send(run_id, after.rev, delay=min(wait or timedelta(), _LONGEST_DELAY))
    return after


def _turn(syncing: Syncing, run: SyncRun, attempts: int) -> tuple[SyncRun, timedelta | None]:
    integration = syncing.imports.configuration.read().integration(run.integration)
    if integration is None:
        # It was deleted; perhaps by this run, which was cut off before it could say so.
        now = syncing.now()
        status: RunStatus = "completed" if run.mode == "leave" else "failed"
        return _save(syncing, run.moved(now, status=status, finished_at=now)), None
    reading = run.reading
    if reading is None:
        if not run.left:
            return end_run(syncing, run, integration), None
        state = syncing.syncs.state(run.integration)
        reading = opened(run, integration, state, syncing.now())
        return _save(syncing, run.moved(syncing.now(), reading=reading)), None
    if not reading.is_through:
        after, attention, wait = _read(syncing, run, integration, reading, attempts)
        moved = run.moved(syncing.now(), reading=after, attention=attention or run.attention)
        return _save(syncing, moved), wait
    job = None
    if reading.pages:
        job = end_reading(syncing.imports, reading.job_id, rows=reading.rows, pages=reading.pages)
        if not job.is_finished:
            return run, None
    return close_part(syncing, run, integration, reading, job), None


def _save(syncing: Syncing, run: SyncRun) -> SyncRun:
    syncing.syncs.save(None, None, run)
    return run


def _read(
    syncing: Syncing, run: SyncRun, integration: Integration, reading: Reading, attempts: int
) -> tuple[Reading, Attention | None, timedelta | None]:
    """Read a page; or end the part early, and say what is to be done about it. Raises _NotYet."""
    try:
        after, wait = read_page(syncing.reader(integration), run, reading, syncing.today())
        return after, None, wait
    except CrmThrottled as error:
        if attempts < _WAITS:
            raise _NotYet(_delay(error.retry_after, attempts)) from error
        return _stopped(reading, "unavailable"), None, None
    except CrmUnavailable as error:
        if attempts < _TRIES:
            raise _NotYet(_delay(error.retry_after, attempts)) from error
        return _stopped(reading, "unavailable"), None, None
    except CrmQuotaSpent:
        return _stopped(reading, "quota"), None, None
    except PlaceLost:
        return _stopped(reading, "lost"), None, None
    except (CrmError, UrlNotAllowed, NotFound, NothingListed) as error:
        attention = attention_of(error, reading.records, syncing.now())
        return _stopped(reading, "refused"), attention, None


def _delay(given: timedelta | None, attempts: int) -> timedelta:
    return min(given or _FIRST_DELAY * 2**attempts, _LONGEST_DELAY)


def _stopped(reading: Reading, why: Stopped) -> Reading:
    return replace(reading, is_through=True, stopped=why)
