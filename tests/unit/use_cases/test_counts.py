"""Counts by stage: asked for, made, read; changed, repeated and cut off (S3.37)."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from evaluate_stage import stream, work
from stageline.domain.count_runs import end_of
from stageline.domain.errors import CountsPending, Invalid
from stageline.domain.integration import LastImport, OverlayLog
from stageline.use_cases import counts as cases
from stageline.use_cases.counts_read import read_counts
from tests.fakes.stepping import Crashed
from tests.fakes.world import DAY, World
from tests.unit.use_cases.counting import CONTEXT, flow, pass_by, switch

TOMORROW = DAY + timedelta(days=1)
BEFORE_EVERYTHING = date(1999, 1, 1)
SAMPLE = Path(__file__).parents[3] / "events/evaluate_stage/counts_asked.json"


@pytest.fixture
def world():
    world = World()
    switch(world, active=True)
    with world.behind_bootstrap():
        yield world


def work_off(world):
    """Do the jobs that were asked for."""
    asked, world.work.jobs = world.work.jobs, []
    return [cases.count(world.counting, job_id) for _, job_id in asked]


def read(world, first=DAY, last=None, known_at=None):
    return read_counts(
        world.counting, first, last or first, known_at=known_at, requested_by="someone"
    )


def counts(world, first=DAY, known_at=None):
    """Return the counts of a day that has to be counted first, without zeros."""
    with pytest.raises(CountsPending):
        read(world, first, known_at=known_at)
    work_off(world)
    return told(read(world, first, known_at=known_at))


def told(answer):
    (day,) = answer.days
    return without_zeros(day.accounts), without_zeros(day.groups)


def without_zeros(counts):
    return {stage: number for stage, number in counts.items() if number}


@pytest.fixture
def company(world):
    """A group of two with a client, one alone in the CRM, and one that is not."""
    world.add_account("a1")
    world.add_account("a2", parent_id="a1")
    world.add_account("a3")
    world.add_account("a4", in_crm=False)
    world.add_deal("d1", "a2", "won", opened_on=date(2025, 2, 3), closed_on=date(2025, 8, 31))
    flow(world)
    return world


def test_counts_are_made_by_a_job_and_then_read(company):
    with pytest.raises(CountsPending) as pending:
        read(company)
    assert company.work.jobs == [("counts", pending.value.job_id)]

    (job,) = work_off(company)

    assert job.status == "completed"
    assert (job.result["accounts"], job.result["groups"]) == (4, 3)
    assert told(read(company)) == (
        {"client": 2, "in_crm": 1, "new_prospect": 1},
        {"client": 1, "in_crm": 1, "new_prospect": 1},
    )
    assert told(read(company, date(2025, 2, 3)))[0] == {"pipeline": 2, "new_prospect": 2}
    assert told(read(company, BEFORE_EVERYTHING)) == ({"new_prospect": 4}, {"new_prospect": 3})


def test_every_stage_is_told_and_every_day_of_a_range(company):
    counts(company)

    answer = read(company, date(2025, 8, 30), date(2025, 9, 1))

    assert [day.day for day in answer.days] == [
        date(2025, 8, 30),
        date(2025, 8, 31),
        date(2025, 9, 1),
    ]
    assert [day.accounts["client"] for day in answer.days] == [0, 2, 2]
    assert all(list(day.accounts) == list(company.counting.scheme.stages) for day in answer.days)


def test_two_who_ask_get_the_same_job(company):
    jobs = set()
    for _ in range(2):
        with pytest.raises(CountsPending) as pending:
            read(company)
        jobs.add(pending.value.job_id)

    assert len(jobs) == len(company.work.jobs) == 1


def test_a_deleted_account_counts_until_the_day_it_left(company):
    company.delete_account("a3")
    flow(company)

    assert sum(counts(company)[0].values()) == 3
    assert sum(told(read(company, DAY - timedelta(days=1)))[0].values()) == 4


def test_a_moved_account_counts_with_each_group_on_its_days(company):
    company.clock.set_day(TOMORROW)
    company.set_parent("a2", "a3")
    flow(company)

    # Its first parent holds from the beginning, so this is its second.
    assert counts(company)[0] == {"client": 2, "in_crm": 1, "new_prospect": 1}
    assert told(read(company, TOMORROW)) == (
        {"client": 2, "in_crm": 1, "new_prospect": 1},
        {"client": 1, "in_crm": 1, "new_prospect": 1},
    )
    assert told(read(company, TOMORROW + timedelta(days=1)))[1]["in_crm"] == 1


def test_what_changed_is_counted_anew_and_what_did_not_is_not_written(company):
    counts(company)
    pass_by(company, seconds=5)
    assert read(company).counted_at

    company.add_deal("d2", "a3")
    flow(company)

    assert counts(company)[0] == {"client": 2, "pipeline": 1, "new_prospect": 1}
    assert told(read(company)) == told(read(company, TOMORROW))
    assert len(sets(company)) == 1


def test_counts_are_good_for_a_moment_even_when_something_changed(company):
    counts(company)
    company.add_deal("d2", "a3")
    flow(company)

    assert told(read(company))[0] == {"client": 2, "in_crm": 1, "new_prospect": 1}
    pass_by(company, seconds=3)
    with pytest.raises(CountsPending):
        read(company)


def test_one_change_is_noted_after_a_run_and_further_ones_are_not(company):
    counts(company)
    for deal in ("d2", "d3"):
        before = company.counting.counts.state("crm_stage")
        company.add_deal(deal, "a3", "open" if deal == "d2" else "won", closed_on=DAY)
        flow(company)
        noted = company.counting.counts.state("crm_stage").rev - before.rev
        assert noted == (deal == "d2")


@pytest.mark.parametrize(
    ("seconds", "noted"),
    [
        pytest.param(-60, False, id="long before the run"),
        pytest.param(-1, True, id="just before the run"),
        pytest.param(60, True, id="after the run"),
    ],
)
def test_a_change_that_the_stream_brings_late_is_noted_unless_it_was_counted(
    company, seconds, noted
):
    counts(company)
    before = company.counting.counts.state("crm_stage")

    written_at = company.clock.now() + timedelta(seconds=seconds)
    cases.note_change(company.counting, written_at)

    assert (company.counting.counts.state("crm_stage") != before) == noted


def test_a_run_that_has_only_begun_has_counted_nothing(company):
    counts(company)
    pass_by(company, minutes=1)
    changed_at = company.clock.now()
    pass_by(company, minutes=1)
    begun = company.clock.now()
    before = company.counting.counts.state("crm_stage").counting(begun, begun)
    company.counting.counts.save_state("crm_stage", before)

    cases.note_change(company.counting, changed_at)

    assert company.counting.counts.state("crm_stage") != before


def sets(world):
    """Return the ids of the sets of which months are stored."""
    return {sort.split("#")[1] for _, sort in world.memory.items if sort.startswith("MONTH#")}


def runs(world):
    return [item for (_, sort), item in world.memory.items.items() if sort.startswith("RUN#")]


def test_the_end_of_yesterday_is_counted_by_the_tick(company):
    company.add_deal("d2", "a3")
    flow(company)
    yesterday_evening = company.clock.now()
    pass_by(company, days=1)
    company.add_deal("d3", "a4", "won", closed_on=DAY)
    flow(company)

    job = cases.ask_for_day_before(company.counting, requested_by="tick")
    assert cases.ask_for_day_before(company.counting, requested_by="tick") == job
    work_off(company)

    assert cases.ask_for_day_before(company.counting, requested_by="tick") is None
    before = told(read(company, known_at=yesterday_evening))
    assert before[0] == {"client": 2, "pipeline": 1, "new_prospect": 1}
    assert counts(company)[0] == {"client": 3, "pipeline": 1}
    assert told(read(company, known_at=yesterday_evening)) == before


def test_an_earlier_belief_is_counted_when_it_is_asked_for(company):
    then = company.clock.now()
    pass_by(company, days=3)
    company.add_deal("d2", "a3", "lost", closed_on=DAY)
    company.add_account("a5", parent_id="a4")
    company.set_parent("a2", "a3")
    flow(company)
    assert sum(counts(company)[0].values()) == 5

    assert counts(company, known_at=then) == (
        {"client": 2, "in_crm": 1, "new_prospect": 1},
        {"client": 1, "in_crm": 1, "new_prospect": 1},
    )
    assert sum(told(read(company))[0].values()) == 5


def test_before_the_first_account_nothing_was_known(company):
    counts(company)

    answer = read(company, known_at=datetime(2020, 1, 1, tzinfo=company.clock.now().tzinfo))

    assert answer.days[0].reason == "NOT_KNOWN"
    assert told(answer) == ({}, {})
    assert company.work.jobs == []


def test_nothing_is_known_of_the_future(company):
    with pytest.raises(Invalid):
        read(company, known_at=company.clock.now() + timedelta(hours=1))


def test_a_workspace_without_accounts_has_counts_of_nothing(world):
    assert counts(world) == ({}, {})
    assert list(read(world).days[0].accounts.values()) == [0] * 6


def test_when_nothing_changed_the_night_counts_nothing_and_writes_no_months(company):
    counts(company)
    before = sets(company)
    pass_by(company, days=1)

    cases.ask_for_day_before(company.counting, requested_by="tick")
    (job,) = work_off(company)

    assert dict(job.result) == {"months": 0}
    assert sets(company) == before
    assert runs(company)[-1].is_final("UTC")


def test_counts_that_are_as_before_are_not_written_again(company):
    counts(company)
    pass_by(company, days=1)
    cases.note_change(company.counting)

    assert counts(company)[0]["client"] == 2
    assert len(sets(company)) == 1
    assert len(runs(company)) == 2


def test_dashes_lie_over_the_days_on_which_nothing_is_shown(company):
    pass_by(company, days=2)
    switch(company, active=False)
    today = company.today

    assert counts(company, today) == ({"-": 4}, {"-": 3})
    assert read(company, today).days[0].reason == "INTEGRATION_INACTIVE"
    assert "-" not in told(read(company, today - timedelta(days=1)))[0]


def test_a_workspace_that_never_had_an_integration_shows_dashes_only(company):
    company.configuration._configured = replace(
        company.configuration.read(), integrations=(), overlay=OverlayLog()
    )

    assert counts(company, BEFORE_EVERYTHING) == ({"-": 4}, {"-": 3})


def test_the_same_message_again_does_nothing(company):
    with pytest.raises(CountsPending):
        read(company)
    (asked,) = company.work.jobs
    work_off(company)
    before = company.memory.writes

    cases.count(company.counting, asked[1])

    assert company.memory.writes == before


def test_a_job_that_somebody_works_on_is_left_to_them(company):
    with pytest.raises(CountsPending):
        read(company)
    ((_, job_id),) = company.work.jobs
    begun = company.counting.works.get(job_id).at(
        **{"try": 1, "begun_at_ms": int(company.clock.now().timestamp() * 1_000)}
    )
    company.counting.works.save(begun)

    assert cases.count(company.counting, job_id) == begun


def test_a_lost_job_is_asked_for_again(company):
    with pytest.raises(CountsPending) as first:
        read(company)
    pass_by(company, minutes=3)

    with pytest.raises(CountsPending) as second:
        read(company)

    assert first.value.job_id != second.value.job_id
    work_off(company)
    assert sum(told(read(company))[0].values()) == 4
    assert len(sets(company)) == 1


def test_a_failed_job_is_asked_for_again_at_once(company):
    with pytest.raises(CountsPending):
        read(company)
    homes = company.counting.subjects.homes

    def broken():
        raise ValueError("Erika Mustermann")

    company.counting.subjects.homes = broken
    with pytest.raises(ValueError):
        work_off(company)
    company.counting.subjects.homes = homes

    (job,) = company.counting.works.latest("counts", 5)
    assert (job.status, job.result) == ("failed", {"error": "ValueError"})
    assert sum(counts(company)[0].values()) == 4


@pytest.mark.parametrize("again_minutes", [0, 16], ids=["at once", "when its message comes again"])
def test_wherever_a_job_is_cut_off_it_ends_the_same(again_minutes):
    """The power goes before each call of a store in turn; months of no run are left nowhere."""
    expected = None
    for step in range(1_000):
        world = World()
        switch(world, active=True)
        with world.behind_bootstrap():
            world.add_account("a1")
            flow(world)
            counts(world)
            pass_by(world, seconds=10)
            world.add_account("a2", parent_id="a1")
            world.add_deal("d1", "a2", "lost", closed_on=date(2025, 10, 31))
            flow(world)
            with pytest.raises(CountsPending):
                read(world)
            ((_, job_id),) = world.work.jobs
            was_cut_off = die_at(world, step, partial(cases.count, world.counting, job_id))
            pass_by(world, minutes=again_minutes)
            cases.count(world.counting, job_id)
            pass_by(world, minutes=3 if again_minutes == 0 else 0)
            try:
                found = told(read(world))
            except CountsPending:
                pass_by(world, minutes=20)
                with pytest.raises(CountsPending):
                    read(world)
                work_off(world)
                found = told(read(world))
        expected = expected or found
        assert found == expected
        if again_minutes:
            assert sets(world) == {run.set_id for run in runs(world)}, step
        if not was_cut_off:
            break
    assert step > 20


def die_at(world, step, function):
    """Call a function and let it die at a call of a store; tell whether it came that far."""
    left = [step]

    def pause():
        if left[0] == 0:
            raise Crashed
        left[0] -= 1

    world.memory.pause = pause
    try:
        function()
    except Crashed:
        return True
    finally:
        world.memory.pause = lambda: None
    return False


def test_the_worker_counts_what_its_message_names(company):
    with pytest.raises(CountsPending):
        read(company)
    ((_, job_id),) = company.work.jobs
    event = json.loads(SAMPLE.read_text("utf-8"))
    named = json.loads(event["Records"][0]["body"]) | {"job": job_id}
    event["Records"][0]["body"] = json.dumps(named)

    assert work.handler(event, CONTEXT) == {"batchItemFailures": []}
    assert read(company)


def imported(world):
    """Note that an import was completed, as it does itself."""
    last = LastImport(
        integration="file",
        records="deals",
        job_id="i1",
        status="completed",
        completed_at=world.clock.now(),
    )
    world.configuration.save_last_import(last)


def test_a_completed_import_has_everything_counted_anew_at_once(company):
    counts(company)
    assert cases.ask_if_changed(company.counting, requested_by="import") is None
    imported(company)

    job = cases.ask_if_changed(company.counting, requested_by="import")

    with pytest.raises(CountsPending) as pending:
        read(company)
    assert job is not None and pending.value.job_id == job.job_id
    work_off(company)
    assert read(company)
    assert cases.ask_if_changed(company.counting, requested_by="import") is None


def test_the_stream_asks_for_counts_after_an_import(company):
    event = json.loads((SAMPLE.parent / "import_completed.json").read_text("utf-8"))

    assert stream.handler(event, CONTEXT) == {"batchItemFailures": []}

    ((kind, _),) = company.work.jobs
    assert kind == "counts"


def test_after_an_import_the_night_counts(company):
    counts(company)
    imported(company)
    pass_by(company, days=1)

    cases.ask_for_day_before(company.counting, requested_by="tick")
    (job,) = work_off(company)

    assert job.result["accounts"] == 4


def test_the_end_of_a_day_is_that_of_the_zone():
    assert end_of(date(2026, 3, 28), "Europe/Vienna").isoformat() == (
        "2026-03-28T22:59:59.999999+00:00"
    )
    # The clocks go forward: the day has 23 hours.
    assert end_of(date(2026, 3, 29), "Europe/Vienna").isoformat() == (
        "2026-03-29T21:59:59.999999+00:00"
    )
