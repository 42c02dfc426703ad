"""An erasure that is killed anywhere, told twice, and raced by writers, ends as one that is not."""

import re
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stageline.domain.activity import About, Happening, new_activity
from stageline.domain.errors import AlreadyExists, StagelineError, Stale
from stageline.use_cases.erasure_requests import execute
from stageline.use_cases.erasure_steps import tick, work
from tests.fakes.stepping import Stepped
from tests.integration.erasure.people import JANE, World
from tests.integration.records.stores import NOW, SOURCE, STAMP

WAYS = ("erase", "anonymize", "mask_selected")


def made(way: Any) -> World:
    world = World()
    world.populate()
    world.ask(way, fields=["phone"] if way == "mask_selected" else [])
    world.approve()
    return world


def state(world: World) -> Any:
    """Return what is stored apart from the request, with random ids made equal, and no instants."""
    when = ("rev", "at", "created_at", "gdpr_date", "GSI2SK")
    items = [
        {name: value for name, value in item.items() if name not in when}
        for key, item in world.stores.items().items()
        if "#PR" not in key[0]
    ]
    shells = sorted((one for one in items if one.get("anonymous")), key=lambda one: one["accounts"])
    texts = [repr(sorted(item.items(), key=str)) for item in items]
    for number, shell in enumerate(shells):
        texts = [text.replace(shell["id"], f"shell-{number}") for text in texts]
    # Random ids lie in random shards.
    return sorted(re.sub(r"#(CN|CG)#\d", r"#\1", text) for text in texts)


def run(world: World, function: Any, dies_at: int | None) -> bool:
    """Run a function, killed at that step; tell whether it was."""
    stepped, number = Stepped(function), 0
    while not stepped.finished:
        stepped.step(dies=number == dies_at)
        number += 1
    return stepped.crashed


@pytest.mark.parametrize("way", WAYS)
def test_killed_at_every_step_and_run_again_it_ends_the_same(way):
    whole = made(way)
    whole.execute()
    expected = state(whole)
    dies_at, was_killed = 0, True
    while was_killed:
        world = made(way)
        was_killed = run(world, world.execute, dies_at)
        if was_killed:
            # The message comes again; what was not sent, the tick sends.
            execute(world.privacy, "r1")
            world.later(timedelta(hours=2))
            list(tick(world.privacy))
            world.work_off()
        request = world.erasures.get("r1")
        assert request.status == "done", dies_at
        assert request.certificate_state == "live_erased", dies_at
        assert state(world) == expected, dies_at
        dies_at += 1


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(0, 2), st.data())
@settings(max_examples=40, deadline=None)
def test_workers_in_any_order_told_twice_and_killed_end_the_same(order, kills, data):
    world = made("erase")
    execute(world.privacy, "r1")
    messages = list(world.queue.waiting) * 2
    workers = [Stepped(partial(_quietly, world, one)) for one in messages]
    left = kills
    for choice in order:
        worker = workers[choice % len(workers)]
        if not worker.finished:
            dies = bool(left) and data.draw(st.booleans())
            left -= dies
            worker.step(dies=dies)
    for worker in workers:
        while not worker.finished:
            worker.step()
    for _ in range(2):
        world.later(timedelta(hours=2))
        list(tick(world.privacy))
        world.work_off()

    assert world.erasures.get("r1").certificate_state == "live_erased"
    assert world.traces("namesake", "task-of-bob") == set()


@given(st.lists(st.booleans(), max_size=80), st.sampled_from(["contact", "activity", "same id"]))
@settings(max_examples=60, deadline=None)
def test_writers_in_flight_leave_nothing_of_the_person(order, what):
    world = made("erase")
    execute(world.privacy, "r1")

    def write() -> None:
        try:
            match what:
                case "contact":
                    world.add("k9", replace(JANE, phone=None, custom={}))
                case "same id":
                    world.add("k2", JANE)
                case "activity":
                    about = About("a1", None, ("k1",))
                    note = Happening(kind="note", occurred_at=NOW, text="About Jane Doequist")
                    new = new_activity("late", note, about, source=SOURCE, stamp=STAMP)
                    world.stores.activities.add([new])
        except StagelineError:
            pass

    both = Stepped(write), Stepped(world.work_off)
    for first in order:
        if not both[first].finished:
            both[first].step()
    for one in both:
        while not one.finished:
            one.step()
    # Who came just after the read-back is found when it is looked at again.
    for later in (timedelta(hours=1), timedelta(hours=1), timedelta(days=36)):
        world.later(later)
        list(tick(world.privacy))
        world.work_off()

    assert world.traces("namesake", "task-of-bob") == set()
    assert world.erasures.get("r1").certificate_state == "final"


def _quietly(world: World, message: Any) -> None:
    # What raises, the queue brings again.
    with suppress(Stale, AlreadyExists):
        work(world.privacy, *message)
