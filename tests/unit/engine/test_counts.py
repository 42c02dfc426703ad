"""Counts by day against counting each account and each group day by day (S3.37)."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from stageline.domain.account import Membership
from stageline.domain.count_runs import State
from stageline.domain.counts import Month, Tally, Totals, by_day, content_hash, united, wandered
from stageline.domain.group import Home
from stageline.domain.timeline import Timeline

START = date(2024, 1, 25)
DAYS = [START + timedelta(days=number) for number in range(45)]
RECORDED = datetime(2024, 6, 1, tzinfo=UTC)
ROOTS = ("r1", "r2", "r3")
STAGES = ("new_prospect", "in_crm", "client")


@st.composite
def timelines(draw):
    firsts = sorted(draw(st.sets(st.sampled_from(DAYS), max_size=5)))
    segments = [(0, "new_prospect")]
    for first in firsts:
        stage = draw(st.sampled_from(STAGES))
        if stage != segments[-1][1]:
            segments.append((first.toordinal(), stage))
    return Timeline(tuple(segments))


@st.composite
def homes(draw, account_id):
    entries = [Membership(draw(st.sampled_from(ROOTS)), None, RECORDED)]
    for number in range(draw(st.integers(0, 4))):
        root = draw(st.sampled_from((*ROOTS, None)))
        from_day = draw(st.none() | st.sampled_from(DAYS))
        recorded_at = RECORDED + timedelta(days=number + 1)
        if root != entries[-1].root_id:
            entries.append(Membership(root, from_day, recorded_at))
    return Home(account_id, tuple(entries), 1)


worlds = st.tuples(
    st.fixed_dictionaries({root: timelines() for root in ROOTS}),
    st.integers(0, 6).flatmap(lambda size: st.tuples(*(homes(f"a{n}") for n in range(size)))),
)
cuts = st.none() | st.integers(-1, 5).map(lambda days: RECORDED + timedelta(days=days))


def counted(groups, accounts, cut=None):
    """Count as the job does: first who has moved, then group by group."""
    tally = Tally()
    found = [(home.root_id, wandered(home, cut)) for home in accounts]
    for root, timeline in groups.items():
        always = sum(now == root and where is None for now, where in found)
        parts = [
            (stay.first, stay.end)
            for _, where in found
            for stay in where or ()
            if stay.root_id == root
        ]
        if always or parts:
            tally.add(timeline, always, parts)
    return tally.months()


def one_by_one(groups, accounts, day, cut=None):
    """Return how many accounts and groups are in each stage, told apart one by one."""

    def root_of(home):
        root = None
        for entry in home.memberships:
            if cut is not None and entry.recorded_at > cut:
                continue
            if entry.from_day is None or entry.from_day <= day:
                root = entry.root_id
        return root

    def stage_of(root):
        (*_, stage) = (s for first, s in groups[root].segments if first <= day.toordinal())
        return stage

    roots = [root for root in map(root_of, accounts) if root is not None]
    return Counter(map(stage_of, roots)), Counter(map(stage_of, set(roots)))


@given(worlds, cuts)
def test_every_day_is_counted_as_one_by_one(world, cut):
    groups, accounts = world
    first, last = DAYS[0] - timedelta(days=400), DAYS[-1] + timedelta(days=40)

    found = dict(by_day(counted(groups, accounts, cut), first.toordinal(), last.toordinal()))

    for day in (first, *DAYS, last):
        expected = one_by_one(groups, accounts, day, cut)
        assert tuple(map(Counter, found[day.toordinal()])) == expected, day


@given(worlds, st.sampled_from(DAYS), st.integers(0, 44))
def test_a_range_is_read_from_its_own_months_and_the_one_before(world, first, length):
    months = counted(*world)
    start, end = first.toordinal(), first.toordinal() + length
    before = [month for month in months if month.first <= start]
    needed = before[-1:] + [month for month in months if start < month.first <= end]

    # From a day on which nothing has changed yet.
    whole = dict(by_day(months, (DAYS[0] - timedelta(days=400)).toordinal(), end))

    assert list(by_day(needed, start, end)) == [(day, whole[day]) for day in range(start, end + 1)]


@given(worlds)
def test_equal_counts_have_equal_hashes_and_no_others(world):
    groups, accounts = world
    months = counted(groups, accounts)
    one_more = (*accounts, Home("more", (Membership("r1", None, RECORDED),), 1))

    assert content_hash(counted(groups, accounts[::-1])) == content_hash(months)
    assert content_hash(counted(groups, one_more)) != content_hash(months)


def test_nothing_at_all_is_counted_as_nothing():
    nothing = Totals({}, {})

    assert Tally().months() == (Month(0, nothing, ()),)
    assert list(by_day(Tally().months(), 738_000, 738_000)) == [(738_000, nothing)]


@given(st.lists(st.tuples(st.integers(0, 9), st.none() | st.integers(1, 6))))
def test_united_days_are_the_days_of_any(pairs):
    parts = [(first, None if length is None else first + length) for first, length in pairs]

    def days(intervals):
        return [
            day
            for day in range(30)
            if any(first <= day and (end is None or day < end) for first, end in intervals)
        ]

    found = list(united(parts))

    assert days(found) == days(parts)
    assert found == sorted(found, key=lambda part: part[0])
    assert all(one[1] is not None and one[1] < two[0] for one, two in pairwise(found))


def minute(number):
    return RECORDED + timedelta(minutes=number)


def test_of_many_changes_after_a_run_the_first_is_noted():
    after_one = State().counting(minute(0), minute(0)).changed(minute(1))

    assert after_one.changed(minute(2)) is after_one
    assert after_one.is_unchanged_since(minute(1)) and not after_one.is_unchanged_since(minute(0))
    again = after_one.counting(minute(3), minute(3))
    assert again.is_unchanged_since(minute(3))
    assert again.changed(minute(4)).changed_at == minute(4)


def test_before_the_first_run_no_change_is_noted_and_any_is_taken_for_granted():
    assert State().changed(minute(0)) == State()
    assert State().counting(minute(1), at=minute(1)).is_unchanged_since(minute(1))
    assert not State().counting(minute(1), at=minute(2)).is_unchanged_since(minute(1))


def test_a_change_after_a_run_counts_as_later_than_its_cut_whatever_the_clocks_say():
    state = State().counting(minute(5), minute(5)).changed(minute(4))

    assert not state.is_unchanged_since(minute(5))


def test_a_run_that_leaves_out_what_is_new_takes_unnoted_changes_for_granted():
    changed = State().counting(minute(0), minute(0)).changed(minute(1))
    # What changed in minute 6 was not noted: the counts were known to be old.
    assert changed.changed(minute(6)) is changed

    begun = changed.counting(minute(5), at=minute(7))

    assert not begun.is_unchanged_since(minute(5))
    assert changed.counting(minute(-1), at=minute(7)) is changed
