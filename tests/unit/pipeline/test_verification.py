"""Whatever is damaged by hand is found, repaired, and then nothing is found any more."""

import os
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from stageline.domain.account import Account
from stageline.domain.deal import Deal
from stageline.domain.group import StoredLedger, StoredPart
from stageline.domain.work import Work
from tests.fakes.memory import UNREADABLE
from tests.unit.pipeline.ending import problems
from tests.unit.pipeline.simulation import Simulation

RUNS = int(os.environ.get("VERIFICATION_RUNS", "120"))


@pytest.mark.parametrize("seed", range(4))
def test_a_world_that_came_to_its_end_has_no_drift(seed):
    for number in range(RUNS // 4):
        world = ended(seed * 1000 + number)

        assert world.verify().drift == {}, seed * 1000 + number


@pytest.mark.parametrize("seed", range(4))
def test_random_damage_is_found_repaired_and_then_gone(seed):
    for number in range(RUNS // 4):
        random = Random(seed * 1000 + number)
        simulation, world = ended_simulation(seed * 1000 + number)
        # Of two events in a row that are lost, nobody knows the stage between them.
        partitions = {pair[0]: pair for pair in random.sample(derived(world), 5)}
        some = list(partitions.values())[: random.choice((1, 1, 2, 5))]
        done = [damage(random, world, pair) for pair in some]

        found = world.verify().drift
        repaired = world.verify(repair=True)
        carry_on(simulation)
        left = world.verify(repair=True).drift

        assert found and repaired.repaired, (seed, number, done)
        assert left == {}, (seed, number, done)
        assert list(problems(world, simulation.day)) == [], (seed, number, done)


def ended_simulation(seed):
    simulation = Simulation(seed, operations=12)
    assert simulation.run() == []
    simulation.world.memory.pause = lambda: None
    return simulation, simulation.world


def ended(seed):
    return ended_simulation(seed)[1]


def carry_on(simulation):
    """Let the stream answer what was written."""
    with simulation.world.behind_bootstrap():
        while records := simulation.world.memory.taken():
            simulation._work_off(records)
            assert not simulation.queue


def derived(world):
    return sorted(
        pair
        for pair, value in world.memory.items.items()
        if not isinstance(value, (Account, Deal, Work)) and not pair[0].startswith("unsent#")
        # A ledger without days says nothing, and is not missed.
        if not isinstance(value, StoredLedger) or value.ledger.memberships
        if not isinstance(value, StoredPart) or is_missed(world, pair, value)
    )


def is_missed(world, pair, part):
    """Tell whether the part says something, and of a group in which its account is now."""
    head = world.memory.items.get((pair[0], f"L#{part.ledger.account_id}#"))
    if head is None or head.digits != part.digits or not head.live:
        return False
    return part.ledger != head.parts.ledgers[""]


def damage(random, world, pair):
    """Delete, change or duplicate something that is derived from records."""
    items = world.memory.items
    match random.choice(("delete", "change", "duplicate", "unreadable")):
        case "delete":
            del items[pair]
            return "delete", pair
        case "duplicate":
            copy = (pair[0].replace("#a", "#x"), pair[1]) if "#a" in pair[0] else pair
            if copy == pair:
                copy = pair[0], pair[1] + "0"
            items[copy] = items[pair]
            return "duplicate", pair, copy
        case "unreadable" if "#W#" not in pair[0]:
            items[pair] = UNREADABLE
            return "unreadable", pair
        case _:
            items[pair] = changed(random, items[pair])
            return "change", pair, items[pair]


def changed(random, value):
    match type(value).__name__:
        case "int":
            return value + random.choice((1, 5))
        case "tuple" if len(value) == 2:  # a count of children
            return (value[0] + random.choice((1, 5)), value[1])
        case "tuple":
            return ("elsewhere",)
        case "str":
            return "somebody else"
        case "Home":
            return replace(value, memberships=value.memberships[:1] * 2)
        case "StoredLedger":
            return replace(value, live=not value.live)
        case "StoredPart":
            return replace(value, ledger=replace(value.ledger, presence=((1, 2),)))
        case "Row":
            return replace(value, stage="client" if value.stage != "client" else "pipeline")
        case "Value":
            return replace(value, holds=(*value.holds, "client_x"))
        case "Version":
            return replace(value, recorded_at=value.recorded_at + timedelta(seconds=1))
        case "StageChanged":
            return replace(value, account_id="somebody else")
        case other:
            raise AssertionError(other)


def test_what_an_import_is_about_to_settle_is_no_drift():
    """What it stored goes around the stream: nobody has carried it on yet."""
    world = ended(1)
    for pair in [pair for pair in world.memory.items if pair[1].startswith("ROW#")]:
        del world.memory.items[pair]

    world.is_loading = True
    found = world.verify(repair=True)
    assert found.unsettled > 0
    assert (found.drift, found.repaired) == ({}, {})

    world.is_loading = False
    assert world.verify().drift["row"] == found.unsettled
