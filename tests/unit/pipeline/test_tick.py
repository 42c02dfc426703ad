"""The due-date tick (S0.9, S0.18)."""

import json
from datetime import date, timedelta

import pytest

from evaluate_stage import tick


@pytest.fixture
def lost(world, flow):
    """An account whose deal was lost on 31 August: recently lost through 28 February (S0.8)."""
    world.clock.set_day(date(2026, 9, 1))
    world.add_account("a1")
    world.add_deal("d1", "a1", "lost", closed_on=date(2026, 8, 31))
    world.add_account("other")
    flow()
    return lambda: world.stores.rows.row("a1", "crm_stage").stage


def test_the_window_passes_without_any_event_of_the_crm(world, flow, context, lost):
    world.clock.set_day(date(2027, 2, 28))
    on_the_last_day = tick.handler({}, context)
    flow()
    assert (on_the_last_day["groups"], lost()) == (0, "recently_lost")

    world.clock.set_day(date(2027, 3, 1))
    on_the_day_after = tick.handler({}, context)
    flow()
    assert (on_the_day_after, lost()) == ({"workspaces": 1, "groups": 1}, "in_crm")


def test_a_second_tick_writes_nothing(world, flow, context, lost):
    world.clock.set_day(date(2028, 1, 1))
    tick.handler({}, context)
    flow()
    before = world.memory.writes

    assert tick.handler({}, context)["groups"] == 0
    assert world.memory.writes == before


def test_a_missed_tick_is_made_up_for_by_any_evaluation(world, flow, lost):
    world.clock.set_day(date(2027, 5, 1))
    world.add_deal("d2", "a1", "lost", closed_on=date(2026, 1, 1))
    flow()

    assert lost() == "in_crm"


def test_a_group_that_fails_is_set_aside_and_the_others_go_on(world, flow, context, lost, capsys):
    world.add_deal("d2", "other", "lost", closed_on=date(2026, 8, 31))
    flow()
    world.clock.set_day(date(2027, 3, 1))
    value = world.stores.groups.value

    def broken(root_id, scheme, **named):
        if root_id == "a1":
            raise ValueError("Erika Mustermann")
        return value(root_id, scheme, **named)

    world.stores.groups.value = broken
    assert tick.handler({}, context)["groups"] == 1
    assert world.aside.sent == [("acme", "group", "a1")]
    assert world.configuration.last_tick() is None
    assert metric(capsys) == 0

    world.stores.groups.value = value
    assert tick.handler({}, context)["groups"] == 1
    assert world.configuration.ticked_through == date(2027, 3, 1)
    assert metric(capsys) == 1


def test_a_workspace_that_fails_does_not_keep_the_others_from_their_tick(
    world, flow, context, lost, capsys, monkeypatch
):
    broken = world.configuration.zone

    def zone():
        raise ValueError("Erika Mustermann")

    world.configuration.zone = zone
    assert tick.handler({}, context) == {"workspaces": 1, "groups": 0}
    assert metric(capsys) == 0
    world.configuration.zone = broken


def test_a_clock_that_was_set_back_takes_the_stages_with_it(world, flow, context, lost):
    world.let_clock_go_back()
    world.clock.set_day(date(2027, 3, 1))
    tick.handler({}, context)
    flow()
    assert lost() == "in_crm"

    world.clock.set_day(date(2027, 1, 1))
    assert tick.handler({}, context)["groups"] == 1
    flow()

    assert lost() == "recently_lost"
    assert tick.handler({}, context)["groups"] == 0


def test_around_midnight_a_late_clock_does_not_move_a_stage_back(world, flow, context, lost):
    world.clock.set_day(date(2027, 3, 1))
    tick.handler({}, context)
    flow()

    world.clock.set_day(date(2027, 2, 28))
    world.add_deal("d2", "a1", "lost", closed_on=date(2026, 1, 1))
    flow()

    assert lost() == "in_crm"


def test_what_holds_moves_on_although_the_stage_does_not(world, flow, context, lost):
    world.add_deal("d2", "a1", "open", opened_on=date(2026, 10, 1))
    flow()
    assert world.stores.rows.row("a1", "crm_stage").holds == ("recently_lost",)

    world.clock.set_day(date(2026, 10, 1))
    assert tick.handler({}, context)["groups"] == 1
    flow()

    row = world.stores.rows.row("a1", "crm_stage")
    assert (row.stage, row.holds) == ("recently_lost", ("recently_lost", "pipeline"))  # S0.11


def test_workspaces_whose_stages_are_stale_are_counted(world, context, lost, capsys):
    tick.handler({}, context)
    assert metric(capsys, "StaleWorkspaces") == 0

    world.configuration.zone = None  # ticks fail from now on
    world.clock.pass_by(timedelta(hours=23))
    tick.handler({}, context)
    assert metric(capsys, "StaleWorkspaces") == 0

    world.clock.pass_by(timedelta(hours=2))
    tick.handler({}, context)
    assert metric(capsys, "StaleWorkspaces") == 1


def test_a_workspace_of_which_nobody_can_tell_is_stale(world, context, capsys):
    world.configuration.read = None

    tick.handler({}, context)

    assert metric(capsys, "StaleWorkspaces") == 1


def test_the_day_alone_makes_nothing_stale(world, context, lost, capsys):
    tick.handler({}, context)
    capsys.readouterr()
    world.configuration.zone = None

    world.clock.set_day(date(2030, 1, 1))
    tick.handler({}, context)

    assert metric(capsys, "StaleWorkspaces") == 0


def metric(capsys, name="TickCompleted"):
    lines = map(json.loads, capsys.readouterr().out.splitlines())
    (found,) = [line[name] for line in lines if name in line]
    return found[0]
