"""The ports of counting: what the stores in memory promise, the DynamoDB ones keep (S3.37)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from stageline.domain.count_runs import Asked, Run, State
from stageline.domain.counts import Month, Totals
from stageline.domain.errors import AlreadyExists, CountsPending, Stale
from stageline.domain.work import Work
from stageline.use_cases import counts as cases
from stageline.use_cases.counts_read import read_counts
from stageline.use_cases.loading import settle
from tests.fakes.world import DAY, World
from tests.integration.pipeline.dynamodb_world import DynamoDbWorld

NOW = datetime(2026, 3, 2, 12, 0, 0, 5, tzinfo=UTC)
SCHEME = "crm_stage"


@pytest.fixture(params=[World, DynamoDbWorld], ids=["in memory", "in DynamoDB"])
def world(request):
    return request.param()


@pytest.fixture
def counts(world):
    return world.counting.counts


@pytest.fixture
def job(world):
    asked = Work(job_id="j1", kind="counts", asked={}, requested_by="someone", requested_at=NOW)
    world.counting.works.add(asked)
    return asked


def day(*parts):
    return date(*parts).toordinal()


def month(first, number=1, days=()):
    return Month(first, Totals({"client": number}, {"client": 1}), tuple(days))


def months():
    changes = [(day(2024, 2, 29), Totals({"client": -1, "in_crm": 1}, {}))]
    return [
        month(0, 3),
        month(day(2024, 2, 1), 4, changes),
        month(day(2024, 5, 1), 5),
        month(day(2025, 1, 1), 6),
    ]


def run(recorded_on=DAY, set_id="s1", rev=1):
    return Run(
        recorded_on=recorded_on,
        set_id=set_id,
        content="hash",
        cut=NOW,
        counted_at=NOW,
        took=timedelta(milliseconds=1_234),
        scheme_version=1,
        known_since=date(2026, 1, 1),
        rev=rev,
    )


def test_a_set_is_read_by_its_months_and_the_one_before(counts):
    counts.add_months(SCHEME, "s1", months())
    counts.add_months(SCHEME, "s10", [month(0, 99)])

    def firsts(first, last):
        return [one.first for one in counts.months(SCHEME, "s1", first, last)]

    assert counts.months(SCHEME, "s1", 1, day(9999, 12, 31)) == months()
    assert firsts(day(1999, 1, 1), day(1999, 1, 1)) == [0]
    assert firsts(day(2024, 1, 31), day(2024, 2, 1)) == [0, day(2024, 2, 1)]
    assert firsts(day(2024, 2, 1), day(2024, 2, 1)) == [day(2024, 2, 1)]
    assert firsts(day(2024, 4, 30), day(2024, 12, 31)) == [day(2024, 2, 1), day(2024, 5, 1)]
    assert firsts(day(2026, 1, 1), day(2027, 1, 1)) == [day(2025, 1, 1)]


def test_a_set_is_stored_once(counts):
    counts.add_months(SCHEME, "s1", months())

    with pytest.raises(AlreadyExists):
        counts.add_months(SCHEME, "s1", months())


def test_a_set_of_very_many_months_is_stored_whole(counts):
    long = [month(0), *(month(day(1800 + n // 12, n % 12 + 1, 1), n + 2) for n in range(250))]
    counts.add_months(SCHEME, "s1", long)

    assert counts.months(SCHEME, "s1", 1, day(2100, 1, 1)) == long
    counts.forget(SCHEME, "s1")
    with pytest.raises(Stale):
        counts.months(SCHEME, "s1", 1, day(2100, 1, 1))


def test_a_run_takes_the_place_of_what_was_read_and_the_newest_is_of_the_latest_day(counts, job):
    counts.add_months(SCHEME, "s1", months())
    counts.save_run(SCHEME, run(), None, job, added=True)
    earlier = run(date(2025, 12, 31))
    counts.save_run(SCHEME, earlier, None, job, added=False)

    with pytest.raises(Stale):
        counts.save_run(SCHEME, run(), None, job, added=False)
    counts.save_run(SCHEME, replace(run(rev=2), replaces="s0"), run(), job, added=False)

    assert counts.run(SCHEME, earlier.recorded_on) == earlier
    assert counts.newest(SCHEME) == replace(run(rev=2), replaces="s0")
    assert counts.run(SCHEME, date(2025, 1, 1)) is None


def test_only_the_job_as_it_was_read_can_let_a_run_be_seen(world, counts, job):
    counts.add_months(SCHEME, "s1", months())
    world.counting.works.save(job.at(tries=2))

    with pytest.raises(Stale):
        counts.save_run(SCHEME, run(), None, job, added=True)


def test_a_set_is_forgotten_when_no_run_points_to_it(counts, job):
    for set_id in ("s1", "s2"):
        counts.add_months(SCHEME, set_id, months())
    counts.save_run(SCHEME, run(), None, job, added=True)
    counts.save_run(SCHEME, run(date(2025, 1, 1)), None, job, added=False)
    counts.save_run(SCHEME, run(set_id="s2", rev=2), run(), job, added=True)

    counts.forget(SCHEME, "s1")
    assert counts.months(SCHEME, "s1", 1, 1)

    before = run(date(2025, 1, 1))
    counts.save_run(SCHEME, replace(before, set_id="s2", rev=2), before, job, added=False)
    for _ in range(2):
        counts.forget(SCHEME, "s1")
        with pytest.raises(Stale):
            counts.months(SCHEME, "s1", 1, 1)
    with pytest.raises(Stale):
        counts.save_run(SCHEME, run(date(2025, 6, 1)), None, job, added=False)
    assert counts.months(SCHEME, "s2", 1, 1)


def test_state_and_marker_are_written_over_what_was_read_only(counts):
    assert counts.state(SCHEME) == State()
    begun = State().counting(NOW, NOW)
    counts.save_state(SCHEME, begun)
    changed = begun.changed(NOW)
    counts.save_state(SCHEME, changed)
    asked = Asked("j1", NOW)
    counts.save_asked(SCHEME, DAY, asked)

    with pytest.raises(Stale):
        counts.save_state(SCHEME, changed)
    with pytest.raises(Stale):
        counts.save_asked(SCHEME, DAY, asked)
    assert counts.state(SCHEME) == changed
    assert counts.asked(SCHEME, DAY) == asked
    assert counts.asked(SCHEME, date(2025, 1, 1)) is None


def test_everything_is_read_in_the_order_of_the_groups(world):
    build(world)

    subjects = world.counting.subjects
    assert sorted(home.account_id for home in subjects.homes()) == ["a1", "a2", "a3", "a4", "a5"]
    found = {
        group.root_id: sorted(home.account_id for home in homes)
        for group, homes in subjects.groups(SCHEME)
    }
    # a2 has left its own group, and a4 every one: their values are still there.
    assert found == {"a1": ["a1", "a2"], "a2": [], "a3": ["a3"], "a4": [], "a5": ["a5"]}


def build(world):
    for number in range(1, 6):
        world.add_account(f"a{number}", in_crm=number != 3)
    run_pipeline(world)
    world.set_parent("a2", "a1")
    world.delete_account("a4")
    world.add_deal("d1", "a2", "won", opened_on=date(2024, 2, 3), closed_on=date(2024, 8, 31))
    run_pipeline(world)


def run_pipeline(world):
    accounts = [f"a{number}" for number in range(1, 6)]
    settle(world.stores, accounts, today=world.today, now=world.clock.now())


def test_counted_and_read_back(world):
    build(world)
    counting = world.counting

    with pytest.raises(CountsPending) as pending:
        read_counts(counting, DAY, DAY, requested_by="someone")
    cases.count(counting, pending.value.job_id)
    answer = read_counts(counting, date(2024, 2, 2), date(2024, 2, 3), requested_by="someone")
    months = counting.counts.months(
        SCHEME, counting.counts.newest(SCHEME).set_id, 1, day(2026, 4, 1)
    )

    assert months[-1].before != months[0].before
    # Without an integration there are no stages to show.
    assert [dict(one.accounts) for one in answer.days] == [{"-": 5}, {"-": 5}]
    assert months[0].before == Totals({"new_prospect": 5}, {"new_prospect": 4})
