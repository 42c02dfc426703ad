"""How many accounts of some owners, and groups of them, are in each stage on any day.

Counted when it is asked for, from the rows of these owners: what they own now, on every day.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import batched

from stageline.domain.calendar import day_in_zone
from stageline.domain.count_runs import end_of
from stageline.domain.counts import Tally, by_day, wandered
from stageline.domain.errors import Invalid
from stageline.domain.group import Home, believed
from stageline.domain.steps import Interval
from stageline.domain.timeline import Timeline
from stageline.ports import Lists
from stageline.use_cases.counts import Counting
from stageline.use_cases.counts_read import CountsAnswer, shown

MOST_COUNTED = 10_000
_READ_AT_ONCE = 100


def count_of_owners(
    counting: Counting,
    lists: Lists,
    owners: Sequence[str],
    first: date,
    last: date,
    *,
    known_at: datetime | None = None,
) -> CountsAnswer:
    """Return the counts of each day from `first` to `last`, as `read_counts` does for everybody.

    Raises Invalid when `known_at` lies ahead, or when the owners have more accounts than can be
    counted while somebody waits.
    """
    now = counting.now()
    if known_at is not None and known_at > now:
        raise Invalid("known_at", "in_the_future", "nothing is known of the future yet")
    configured = counting.configuration.read()
    zone = configured.zone
    cut = None
    if known_at is not None and day_in_zone(known_at, zone) < day_in_zone(now, zone):
        cut = end_of(day_in_zone(known_at, zone), zone)
    always: dict[str, int] = defaultdict(int)
    parts: dict[str, list[Interval]] = defaultdict(list)
    for home in _homes(counting, lists, owners):
        stays = wandered(home, cut)
        if stays is None and home.root_id is not None:
            always[home.root_id] += 1
        for stay in stays or ():
            if stay.root_id is not None:
                parts[stay.root_id].append((stay.first, stay.end))
    tally = Tally()
    for root_id, timeline in _timelines(counting, [*always, *(parts.keys() - always)], cut):
        tally.add(timeline, always.get(root_id, 0), parts.get(root_id, ()))
    days = by_day(tally.months(), first.toordinal(), last.toordinal())
    scheme = counting.scheme
    return CountsAnswer(
        scheme.version,
        now,
        tuple(shown(scheme, configured, cut, day, totals) for day, totals in days),
    )


def _homes(counting: Counting, lists: Lists, owners: Sequence[str]) -> Iterator[Home]:
    scheme = counting.scheme
    ranks = [stage.rank for stage in scheme.stages.values()]
    rows = lists.listed(scheme.key, ranks, sort="name", owners=owners, page=MOST_COUNTED)
    for number, some in enumerate(batched((row for _, row in rows), _READ_AT_ONCE, strict=False)):
        if number * _READ_AT_ONCE >= MOST_COUNTED:
            detail = f"more than {MOST_COUNTED:,} accounts; ask for the lists of stages instead"
            raise Invalid("as_of", "too_many_to_count", detail)
        yield from counting.groups.homes([row.account_id for row in some]).values()


def _timelines(
    counting: Counting, root_ids: Sequence[str], cut: datetime | None
) -> Iterator[tuple[str, Timeline]]:
    scheme = counting.scheme.key
    for some in batched(root_ids, _READ_AT_ONCE, strict=False):
        for root_id, value in counting.groups.values(some, scheme).items():
            timeline: Timeline | None = value.timeline
            if cut is not None and value.recorded_at > cut:
                timeline = believed(counting.groups.versions(root_id, scheme, cut))
            if timeline is not None:
                yield root_id, timeline
