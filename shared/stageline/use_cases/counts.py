"""Count accounts and groups by stage: ask for it, do it, and read what came of it.

The counting is a job. It may be asked for twice, worked on twice and cut off anywhere: what it
stores under a set of its own is seen when a run points to it, and not before.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

from stageline.count_ports import Counts, Subjects
from stageline.domain.calendar import day_in_zone
from stageline.domain.count_runs import (
    BEGUN_BY,
    LEASE,
    STRAGGLERS,
    Asked,
    Run,
    State,
    end_of,
)
from stageline.domain.counts import Counted, Month, Tally, content_hash, wandered
from stageline.domain.errors import AlreadyExists, NotFound, Stale
from stageline.domain.group import believed
from stageline.domain.ids import random_id
from stageline.domain.integration import Configured
from stageline.domain.scheme import Scheme
from stageline.domain.steps import Interval
from stageline.domain.timeline import Timeline
from stageline.domain.work import Work
from stageline.ports import Configuration, Groups
from stageline.use_cases.again import again
from stageline.work_ports import WorkQueue, Works

# The indexes that are counted are late by milliseconds.
INDEX_LAG_SECONDS = 1.0

_BEGUN_AT = "begun_at_ms"
_TRY = "try"


@dataclass(frozen=True, slots=True)
class Counting:
    """What counting one scheme of one workspace reads and writes. `pause` takes seconds."""

    scheme: Scheme
    counts: Counts
    subjects: Subjects
    groups: Groups
    works: Works
    configuration: Configuration
    queue: Callable[[], WorkQueue]
    now: Callable[[], datetime]
    pause: Callable[[float], None]


def note_change(counting: Counting, written_at: datetime | None = None) -> None:
    """Note that counts made before now no longer hold. Writes only the first time after a run.

    Nor does it when they do hold: the change was written (`written_at`) long enough before them.
    """
    again(partial(_note_change, counting, written_at))


def _note_change(counting: Counting, written_at: datetime | None) -> None:
    counts, scheme = counting.counts, counting.scheme.key
    before = counts.state(scheme)
    after = before.changed(counting.now())
    if after is before:
        return
    if written_at is not None and (run := counts.newest(scheme)) and run.has_counted(written_at):
        return
    counts.save_state(scheme, after)


def ask_if_changed(counting: Counting, *, requested_by: str) -> Work | None:
    """Return the job that counts what changed since the latest counts; None: nothing did."""
    configured, now = counting.configuration.read(), counting.now()
    today = day_in_zone(now, configured.zone)
    newest = counting.counts.newest(counting.scheme.key)
    if newest is not None and is_current(counting, newest, configured, now, today):
        return None
    return ask_for_counts(counting, today, requested_by=requested_by)


def is_current(
    counting: Counting, run: Run, configured: Configured, now: datetime, today: date
) -> bool:
    """Tell whether the counts are good enough for who asks now."""
    if run.scheme_version != counting.scheme.version:
        return False
    state = counting.counts.state(counting.scheme.key)
    return run.is_good(state, _imported_at(configured), now, today)


def _imported_at(configured: Configured) -> Iterable[datetime]:
    return [one.completed_at for one in configured.last_imports]


def ask_for_day_before(counting: Counting, *, requested_by: str) -> Work | None:
    """Have yesterday counted as it was believed at its end, unless it is; None: nothing to do.

    For the tick: may be called at any time, any number of times.
    """
    now, zone = counting.now(), counting.configuration.zone()
    yesterday = day_in_zone(now, zone) - timedelta(days=1)
    complete_at = end_of(yesterday, zone) + STRAGGLERS
    run = counting.counts.run(counting.scheme.key, yesterday)
    if now < complete_at or (run and run.is_final(zone) and run.counted_at >= complete_at):
        return None
    return ask_for_counts(counting, yesterday, requested_by=requested_by)


def ask_for_counts(counting: Counting, recorded_on: date, *, requested_by: str) -> Work:
    """Return the job that counts for a recorded day: the one on its way, or a new one."""
    return again(partial(_ask, counting, recorded_on, requested_by))


def _ask(counting: Counting, recorded_on: date, requested_by: str) -> Work:
    counts, scheme, now = counting.counts, counting.scheme.key, counting.now()
    asked = counts.asked(scheme, recorded_on)
    job = _find(counting.works, asked.job_id) if asked else None
    if job is not None and not job.is_finished and not _is_lost(job, now):
        return job
    if asked is None or job is not None:
        asked = Asked(random_id(), now, asked.rev + 1 if asked else 1)
        counts.save_asked(scheme, recorded_on, asked)
    # Otherwise somebody was cut off here: their job is made now.
    made = Work(
        job_id=asked.job_id,
        kind="counts",
        asked={"scheme": scheme, "recorded_on": recorded_on.isoformat()},
        requested_by=requested_by,
        requested_at=now,
    )
    with suppress(AlreadyExists):
        counting.works.add(made)
    counting.queue().send_job("counts", made.job_id)
    return made


def count(counting: Counting, job_id: str) -> Work:
    """Work on a job: count everything, and let the counts be seen.

    Returns the job, as it is when somebody else is working on it. May be repeated. Raises NotFound,
    Stale.
    """
    job = counting.works.get(job_id)
    now = counting.now()
    if job.is_finished or _is_worked_on(job, now):
        return job
    begun = {_TRY: job.progress.get(_TRY, 0) + 1, _BEGUN_AT: int(now.timestamp() * 1_000)}
    job = job.at(**begun)
    counting.works.save(job)
    try:
        return _count(counting, job)
    except Exception as error:
        # Whoever asks next gets another job at once.
        with suppress(Stale):
            counting.works.save(job.ended("failed", {"error": type(error).__name__}, now))
        raise


def _count(counting: Counting, job: Work) -> Work:
    counts, scheme = counting.counts, counting.scheme
    recorded_on = date.fromisoformat(job.asked["recorded_on"])
    _tidy(counting, job, recorded_on)
    configured, began = counting.configuration.read(), counting.now()
    zone = configured.zone
    end = end_of(recorded_on, zone)
    # A day that is over is counted as it was believed at its end, today as things are.
    cut = end if end < began else None
    state = again(partial(_begin, counting, cut or began, began))
    newest = counts.newest(scheme.key)
    counted = None
    if newest is None or cut is None or not _holds_at(counting, newest, configured, state, cut):
        counting.pause(INDEX_LAG_SECONDS)
        counted = _counted(counting, cut)
        since = day_in_zone(counted.since, zone) if counted.since else None
        content = content_hash(counted.months)
    else:
        since, content = newest.known_since, newest.content
    ended = counting.now()
    run = Run(
        recorded_on=recorded_on,
        set_id=f"{job.job_id}-{job.progress[_TRY]}",
        content=content,
        cut=cut or began,
        counted_at=ended,
        took=ended - began,
        scheme_version=scheme.version,
        known_since=since,
    )
    months = counted.months if counted else ()
    try:
        written = again(partial(_show, counting, job, run, months))
    except Stale:
        counts.forget(scheme.key, run.set_id)
        raise
    result = {"accounts": counted.accounts, "groups": counted.groups} if counted else {}
    job = job.ended("completed", result | {"months": written}, counting.now())
    counting.works.save(job)
    return job


def _begin(counting: Counting, cut: datetime, at: datetime) -> State:
    """Say that a run begins; return what was known of changes before."""
    before = counting.counts.state(counting.scheme.key)
    after = before.counting(cut, at)
    if after is not before:
        counting.counts.save_state(counting.scheme.key, after)
    return before


def _holds_at(
    counting: Counting, newest: Run, configured: Configured, state: State, cut: datetime
) -> bool:
    """Tell whether nothing has changed from the newest counts to the end of a day."""
    return (
        newest.cut <= cut
        and newest.scheme_version == counting.scheme.version
        and state.is_unchanged_since(newest.cut)
        and not newest.is_before(_imported_at(configured))
    )


def _counted(counting: Counting, cut: datetime | None) -> Counted:
    """Count everything, as it was believed at `cut`: two passes, in flat memory.

    The first finds the accounts that have been in several groups, and puts their stays down with
    each; the second goes through the groups.
    """
    subjects, scheme = counting.subjects, counting.scheme.key
    parts: dict[str, list[Interval]] = defaultdict(list)
    since: datetime | None = None
    accounts = groups = 0
    for home in subjects.homes():
        accounts += 1
        recorded_at = home.memberships[0].recorded_at
        since = recorded_at if since is None else min(since, recorded_at)
        for stay in wandered(home, cut) or ():
            if stay.root_id is not None:
                parts[stay.root_id].append((stay.first, stay.end))
    tally = Tally()
    for group, homes in subjects.groups(scheme):
        always = sum(wandered(home, cut) is None for home in homes)
        others = parts.get(group.root_id, ())
        if not always and not others:
            continue
        timeline: Timeline | None = group.timeline
        if cut is not None and group.recorded_at > cut:
            timeline = believed(counting.groups.versions(group.root_id, scheme, cut))
        if timeline is not None:
            groups += 1
            tally.add(timeline, always, others)
    return Counted(tally.months(), accounts, groups, since)


def _show(counting: Counting, job: Work, run: Run, months: Sequence[Month]) -> int:
    """Let the run be seen, in the place of an earlier one of its day; return the months written.

    Counts that are as the newest ones, or as those of the day before, are not written again.
    """
    counts, scheme = counting.counts, counting.scheme.key
    before, newest = counts.run(scheme, run.recorded_on), counts.newest(scheme)
    if before is not None and before.cut > run.cut:
        # Somebody who began later was faster.
        return 0
    same = next((one for one in (before, newest) if one and one.content == run.content), None)
    if same is None:
        if not months:
            raise Stale("counts")
        with suppress(AlreadyExists):
            counts.add_months(scheme, run.set_id, months)
    shown = replace(
        run,
        set_id=same.set_id if same else run.set_id,
        rev=before.rev + 1 if before else 1,
    )
    if before is not None and before.set_id != shown.set_id:
        shown = replace(shown, replaces=before.set_id)
    counts.save_run(scheme, shown, before, job, added=same is None)
    if shown.replaces is not None:
        counts.forget(scheme, shown.replaces)
    return 0 if same else len(months)


def _tidy(counting: Counting, job: Work, recorded_on: date) -> None:
    """Remove what those left behind who were cut off."""
    counts, scheme = counting.counts, counting.scheme.key
    for earlier in range(1, job.progress[_TRY]):
        counts.forget(scheme, f"{job.job_id}-{earlier}")
    run = counts.run(scheme, recorded_on)
    if run is not None and run.replaces is not None:
        counts.forget(scheme, run.replaces)


def _find(works: Works, job_id: str) -> Work | None:
    try:
        return works.get(job_id)
    except NotFound:
        return None


def _begun_at(job: Work) -> datetime | None:
    begun_at_ms = job.progress.get(_BEGUN_AT)
    return None if begun_at_ms is None else datetime.fromtimestamp(begun_at_ms / 1_000, UTC)


def _is_worked_on(job: Work, now: datetime) -> bool:
    begun_at = _begun_at(job)
    return begun_at is not None and now < begun_at + LEASE


def _is_lost(job: Work, now: datetime) -> bool:
    return not _is_worked_on(job, now) and now > job.requested_at + BEGUN_BY
