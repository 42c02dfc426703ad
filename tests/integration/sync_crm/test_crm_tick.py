"""The tick starts what is due, once, nudges what stands still, and says what an alarm needs."""

import json
from datetime import time, timedelta

import pytest

from stageline import bootstrap
from stageline.domain.integration import Schedule
from tests.integration.sync_crm.crm_checks import check
from tests.integration.sync_crm.crm_copy import copy_of
from tests.integration.sync_crm.crm_lives import life_of
from tests.integration.sync_crm.crm_machine import reading

HOUR = timedelta(hours=1)
NONE = {"SyncsStale": 0.0, "SyncsFailing": 0.0, "SyncsDrifting": 0.0}


@pytest.fixture(params=["hubspot", "salesforce"])
def life(request):
    with life_of(request.param, 1) as one:
        populate(one, 5)
        yield one


@pytest.fixture
def machine(life):
    with reading(life.fake) as one:
        yield one


def populate(life, times):
    for _ in range(times):
        for name in ("add_account", "add_deal", "add_contact", "add_activity"):
            getattr(life, name)()


def started(machine):
    return machine.tick()["started"]


def runs(machine):
    found, _ = bootstrap.syncs(machine.workspace).runs(None, 50, None)
    return found


def measured(machine, capsys):
    capsys.readouterr()
    machine.tick()
    lines = capsys.readouterr().out.splitlines()
    (metrics,) = [one for one in map(json.loads, lines) if "_aws" in one]
    return {name: metrics[name][0] for name in NONE}


def test_what_is_due_is_started_once_in_its_zone(life, machine):
    # It is noon in London: one o'clock in the night in Auckland.
    machine.connect(schedule=Schedule(times=(time(2),), zone="Pacific/Auckland"))
    assert started(machine) == 0
    machine.fake.advance(HOUR - timedelta(minutes=5))
    assert started(machine) == 0

    machine.fake.advance(timedelta(minutes=10))

    assert [started(machine), started(machine)] == [1, 0]
    machine.pump()
    (run,) = runs(machine)
    assert (run.status, run.mode, run.requested_by) == ("completed", "full", "schedule")
    assert copy_of(machine) == life.has()
    assert started(machine) == 0
    machine.fake.advance(24 * HOUR)
    assert [started(machine), started(machine)] == [1, 0]
    machine.pump()
    assert {one.mode for one in runs(machine)} == {"full", "changes"}
    machine.fake.advance(6 * 24 * HOUR)
    started(machine)
    machine.pump()
    assert [one.mode for one in runs(machine)].count("full") == 2


def test_what_stands_still_is_nudged(life, machine):
    machine.connect()
    run = machine.start("full")
    machine.pump(4)
    machine.lose_turns()
    waiting = len(machine.waiting)
    started(machine)
    assert len(machine.waiting) == waiting

    machine.fake.advance(HOUR + timedelta(minutes=1))
    assert started(machine) == 0

    assert machine.finish(run).status == "completed"
    assert copy_of(machine) == life.has()


def test_a_days_quota_spent_in_the_initial_load_lets_it_go_on_by_itself_the_next_day(life, machine):
    populate(life, 30)
    machine.connect()
    spend = getattr(life.crm, "spend_daily_quota", None) or life.crm.spend_quota
    for spent_at in (4, 8, 40):
        machine.before_message = when_messages_are(spent_at, spend)
        hours_until_started(machine)
        machine.pump()

    statuses = [run.status.removesuffix("_with_errors") for run in runs(machine)]
    assert statuses == ["completed", "partial", "partial"]
    assert machine.state().failures == 0
    check(machine, life)
    # What was read is not read again.
    rows = [part.counts.get("read", 0) for run in runs(machine) for part in run.parts]
    assert sum(rows) == sum(life.has().sizes().values())


def when_messages_are(many, do):
    """Return what does something before the message with this number."""
    left = [many]

    def before(machine):
        left[0] -= 1
        if left[0] == 0:
            do()

    return before


def hours_until_started(machine):
    for _ in range(24):
        machine.fake.advance(HOUR)
        if started(machine):
            return
    raise AssertionError("not started for a day")


def test_lag_failures_and_drift_are_measured(life, machine, capsys):
    machine.connect()
    assert measured(machine, capsys) == NONE
    machine.fake.advance(25 * HOUR)
    assert measured(machine, capsys) == {**NONE, "SyncsStale": 1.0}
    machine.pump()
    assert measured(machine, capsys) == NONE

    if life.fake.vendor == "hubspot":
        life.crm.sign_in.revoke()
    else:
        life.crm.app.approved = life.crm.app.runs_as = False
        life.crm.expire_sessions()
    machine.run("changes")
    assert measured(machine, capsys) == {**NONE, "SyncsFailing": 1.0}


def test_a_drift_in_counts_is_measured(capsys):
    with life_of("hubspot", 1) as life, reading(life.fake) as machine:
        populate(life, 3)
        machine.connect()
        machine.run("full")
        assert measured(machine, capsys) == NONE
        life.crm.purge("contacts", life.ids("contacts")[0])

        machine.run("changes")

        assert machine.of("contacts").drift == -1
        assert measured(machine, capsys) == {**NONE, "SyncsDrifting": 1.0}
        machine.run("full")
        assert measured(machine, capsys) == NONE
