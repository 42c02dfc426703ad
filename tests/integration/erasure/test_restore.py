"""Who was erased is back in a restored table, until the journal was applied to it again."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.memory.items import Items
from stageline.domain.errors import Erased, Stale
from stageline.use_cases.erasing import IndexesLate
from stageline.use_cases.erasure_steps import tick
from stageline.use_cases.restoring import request_restore_check, unknown_workspaces
from tests.fakes.stepping import Stepped
from tests.integration.erasure.people import World
from tests.integration.erasure.restored import Restored, restored, stored
from tests.integration.erasure.test_repetition import WAYS, made, run

BACKUPS = ("before anybody asked", "once it was approved", "halfway")


def after_erasure(way: Any = "erase", backup: str = "once it was approved") -> Restored:
    """Return a table as it was before Jane was erased."""
    return restored(*_erased(way, backup))


@cache
def _erased(way: Any, backup: str) -> tuple[Items, World]:
    world = World()
    world.populate()
    items = world.stores.client.items.copy()
    world = made(way)
    if backup != "before anybody asked":
        items = world.stores.client.items.copy()
    if backup == "halfway":
        cut_off = made(way)
        run(cut_off, cut_off.execute, 30)
        items = cut_off.stores.client.items.copy()
    world.execute()
    return items, world


@pytest.mark.parametrize("backup", BACKUPS)
@pytest.mark.parametrize("way", ["erase", "anonymize"])
def test_nobody_who_was_erased_is_left_and_everybody_else_is_whole(way, backup):
    one = after_erasure(way, backup)
    kept = {id_: one.world.stores.contacts.get(id_) for id_ in ("namesake", "bob")}
    assert one.is_fenced

    work = one.check()

    assert (work.status, work.result["remaining"]) == ("completed", {})
    assert work.progress == {"entries": 1, "applied": 1, "read_back": 1}
    assert one.world.traces("namesake", "task-of-bob") == set()
    assert {id_: one.world.stores.contacts.get(id_) for id_ in kept} == kept
    with pytest.raises(Erased):
        one.world.stores.contacts.get("k1")
    assert not one.is_fenced
    assert "seed" not in one.world.stores.items()["~#FENCE", "FENCE"]


def test_masked_fields_are_blank_again():
    one = after_erasure("mask_selected")

    one.check()

    person = one.world.stores.contacts.get("k1").person
    assert (person.last_name, person.phone) == (None, None)
    assert person.email is not None
    assert not one.is_fenced


@pytest.mark.parametrize("way", WAYS)
def test_killed_at_every_step_and_run_again_it_ends_the_same(way):
    whole = after_erasure(way)
    whole.check()
    expected = stored(whole)
    dies_at, was_killed = 0, True
    while was_killed:
        one = after_erasure(way)
        was_killed = run(one.world, one.check, dies_at)
        if was_killed:
            assert one.is_fenced or stored(one) == expected, dies_at
            # The message comes again, or somebody asks again.
            one.messages.clear()
            one.check()
        assert not one.is_fenced, dies_at
        assert stored(one) == expected, dies_at
        dies_at += 1


@given(st.lists(st.booleans(), max_size=80), st.sampled_from(["erase", "anonymize"]))
@settings(max_examples=25, deadline=None)
def test_two_at_once_are_as_one(order, way):
    alone, both = after_erasure(way), after_erasure(way)
    alone.check()
    request_restore_check(both.restoring, "a-job", requested_by="officer")
    workers = [Stepped(partial(_quietly, both)) for _ in range(2)]
    for first in order:
        if not workers[first].finished:
            workers[first].step()
    for worker in workers:
        while not worker.finished:
            worker.step()
    both.messages.clear()
    both.check()

    assert stored(both) == stored(alone)
    assert not both.is_fenced


def _quietly(one: Restored) -> None:
    # What raises, the queue brings again.
    with suppress(Stale, IndexesLate):
        one.work("a-job")


def test_who_has_no_time_left_goes_on_with_another_message():
    one = after_erasure()
    (entry,) = one.world.journal.entries()
    for part in range(2, 5):
        one.world.journal.write(replace(entry, part=part))
    one.minutes_a_look = 4

    work = one.check()

    assert work.status == "completed"
    assert work.progress == {"entries": 4, "applied": 4, "read_back": 4}
    assert one.messages_sent > 2


def test_what_is_left_keeps_the_fence_closed_and_is_named(monkeypatch):
    one = after_erasure()
    monkeypatch.setattr("stageline.use_cases.restoring.carry_out", lambda *_: None)

    work = one.check()

    assert work.status == "failed"
    assert work.result["remaining"]["identifier of a contact"] > 0
    assert one.is_fenced
    monkeypatch.undo()
    assert one.check().status == "completed"


def test_a_check_that_came_with_the_backup_is_not_believed():
    """What it says that it has applied and read back, it has in another table."""
    first = after_erasure()
    request_restore_check(first.restoring, "a-job", requested_by="officer")
    run(first.world, partial(first.work, "a-job"), 60)
    second = restored(first.world.stores.client.items, first.world)
    second.table_id = "restored once more"

    old = second.work("a-job")
    new = second.check()

    assert (old.status, new.status) == ("failed", "completed")
    assert new.job_id != old.job_id
    assert second.world.traces("namesake", "task-of-bob") == set()


def test_entries_of_workspaces_that_the_table_does_not_know_are_applied_and_told():
    one = after_erasure()
    one.known = []

    work = one.check()

    assert unknown_workspaces(one.restoring) == ["acme"]
    assert (work.status, work.result["unknown_workspaces"]) == ("completed", 1)
    assert one.world.traces("namesake", "task-of-bob") == set()


@pytest.mark.parametrize("way", WAYS)
def test_a_request_that_was_thrown_back_ends_with_another_certificate(way):
    one = after_erasure(way)
    one.check()
    assert one.world.erasures.get("r1").reason is None

    one.world.later(timedelta(hours=1))
    list(tick(one.world.privacy))
    one.world.work_off()

    request = one.world.erasures.get("r1")
    assert (request.status, request.certificates) == ("done", 2)
    assert request.certificate_state == "live_erased"
    assert one.world.erasures.claims(["k1", "k2"]) == {}


def test_a_request_whose_approval_is_lost_is_cancelled():
    world = World()
    world.populate()
    world.ask()
    items = world.stores.client.items.copy()
    world.approve()
    world.execute()
    one = restored(items, world)

    assert one.check().status == "completed"

    request = one.world.erasures.get("r1")
    assert (request.status, request.reason) == ("cancelled", None)
    assert one.world.erasures.claims(["k1", "k2"]) == {}
    assert one.world.traces("namesake", "task-of-bob") == set()


def test_checked_again_an_open_table_stays_as_it_is():
    one = after_erasure("anonymize")
    one.check()
    before = stored(one)

    assert one.check().status == "completed"

    assert stored(one) == before
    assert not one.is_fenced
