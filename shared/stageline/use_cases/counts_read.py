"""Read how many accounts and groups are in each stage on any day, as now or earlier believed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import NamedTuple

from stageline.domain.calendar import day_in_zone
from stageline.domain.count_runs import end_of
from stageline.domain.counts import ByStage, Totals, by_day
from stageline.domain.errors import CountsPending, Invalid
from stageline.domain.explanation import NOT_KNOWN
from stageline.domain.integration import Configured
from stageline.domain.overlay import overlay_on
from stageline.domain.scheme import DASH, Scheme
from stageline.use_cases.again import again
from stageline.use_cases.counts import Counting, ask_for_counts, is_current


class CountsOfDay(NamedTuple):
    """`reason` says why there are no stages to count in: all are "-" then, or nothing is known."""

    day: date
    reason: str | None
    accounts: Mapping[str, int]
    groups: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CountsAnswer:
    scheme_version: int
    counted_at: datetime
    days: tuple[CountsOfDay, ...]


def read_counts(
    counting: Counting,
    first: date,
    last: date,
    *,
    known_at: datetime | None = None,
    requested_by: str,
) -> CountsAnswer:
    """Return the counts of each day from `first` to `last`.

    With `known_at`, as they were believed at the end of that day; today, as they are now. Raises
    CountsPending with a job when they have to be made first, Invalid when `known_at` lies ahead.
    """
    if known_at is not None and known_at > counting.now():
        raise Invalid("known_at", "in_the_future", "nothing is known of the future yet")
    # A set that another takes the place of meanwhile is looked for again.
    return again(partial(_read, counting, first, last, known_at, requested_by))


def _read(
    counting: Counting,
    first: date,
    last: date,
    known_at: datetime | None,
    requested_by: str,
) -> CountsAnswer:
    configured = counting.configuration.read()
    now, zone = counting.now(), configured.zone
    today = day_in_zone(now, zone)
    recorded_on = today if known_at is None else day_in_zone(known_at, zone)
    counts, scheme = counting.counts, counting.scheme
    run = counts.newest(scheme.key)
    believed_at = None
    if recorded_on < today:
        believed_at = end_of(recorded_on, zone)
        if run is not None and run.knows_nothing_of(recorded_on, zone):
            return CountsAnswer(
                run.scheme_version, run.counted_at, tuple(_unknown(scheme, first, last))
            )
        run = counts.run(scheme.key, recorded_on)
        is_there = run is not None and run.is_final(zone)
    else:
        is_there = run is not None and is_current(counting, run, configured, now, today)
    if run is None or not is_there:
        job = ask_for_counts(counting, recorded_on, requested_by=requested_by)
        raise CountsPending(job.job_id)
    months = counts.months(scheme.key, run.set_id, first.toordinal(), last.toordinal())
    found = by_day(months, first.toordinal(), last.toordinal())
    days = (shown(scheme, configured, believed_at, day, totals) for day, totals in found)
    return CountsAnswer(run.scheme_version, run.counted_at, tuple(days))


def shown(
    scheme: Scheme,
    configured: Configured,
    believed_at: datetime | None,
    day: int,
    totals: Totals,
) -> CountsOfDay:
    """Return the totals of a day as they are told: as "-" while there are no stages."""
    on = date.fromordinal(day)
    dash = overlay_on(configured.overlay.entries, on, believed_at)
    if dash is not None:
        accounts, groups = (sum(one.values()) for one in totals)
        return CountsOfDay(on, dash, {DASH: accounts}, {DASH: groups})
    return CountsOfDay(
        on, None, _by_stage(scheme, totals.accounts), _by_stage(scheme, totals.groups)
    )


def _unknown(scheme: Scheme, first: date, last: date) -> Iterator[CountsOfDay]:
    none = _by_stage(scheme, {})
    for day in range(first.toordinal(), last.toordinal() + 1):
        yield CountsOfDay(date.fromordinal(day), NOT_KNOWN, none, none)


def _by_stage(scheme: Scheme, counts: ByStage) -> Mapping[str, int]:
    """Return how many there are of every stage, in the order of the progression."""
    stages = sorted(scheme.stages.values(), key=lambda stage: stage.rank)
    return {stage.key: counts.get(stage.key, 0) for stage in stages}
