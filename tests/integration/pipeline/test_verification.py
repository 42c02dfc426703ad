"""Verification over the real adapters: items deleted, changed and duplicated by hand."""

import os
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from evaluate_stage import stream
from evaluate_stage.records import tasks_of
from stageline.adapters.dynamodb.works import DynamoDbWorks
from stageline.domain.drift import KINDS, Found
from stageline.domain.errors import VerificationRunning
from stageline.use_cases.verifications import (
    Verifications,
    do_part,
    end_verification,
    get_verification,
    request_verification,
    verification_document,
)
from tests.fakes.executions import KeptExecutions
from tests.fakes.world import DAY, WORKSPACE
from tests.integration.pipeline.dynamodb_world import DynamoDbWorld, MemoryTableWorld
from tests.unit.pipeline.ending import problems
from tests.unit.pipeline.simulation import Simulation

RUNS = int(os.environ.get("VERIFICATION_RUNS_OVER_DYNAMODB", "6"))
RECORDS = ("META", "DEAL#")
# What is damaged item by item is damaged in memory: moto copies the table at each transaction.
DAMAGE = [
    ("index", DynamoDbWorld),
    ("deleted", MemoryTableWorld),
    ("emptied", MemoryTableWorld),
    ("copied", MemoryTableWorld),
]


@pytest.fixture
def kind():
    return DynamoDbWorld


@pytest.fixture
def world(kind):
    """Three accounts in two groups, with deals, at rest."""
    world = kind()
    for account_id, name in (("a1", "Acme"), ("b1", "Brandt"), ("c1", "Čeřovský")):
        world.add_account(account_id, name=name, owner_email="x@example.com")
    world.set_parent("b1", "a1")
    world.add_deal("d1", "a1", opened_on=DAY)
    world.add_deal("d2", "b1", "won", closed_on=DAY)
    world.add_deal("d3", None)
    carry_on(world)
    return world


def carry_on(world):
    """Let the stream answer what was written."""
    with world.behind_bootstrap():
        while records := world.memory.taken():
            outcomes = stream.Batch().outcomes(tasks_of(records))
            assert set(outcomes.values()) <= {"done"}


def raw_items(world) -> list[dict[str, Any]]:
    scan = world.memory.table.client.get_paginator("scan")
    pages = scan.paginate(TableName=world.memory.table.name)
    return [item for page in pages for item in page["Items"]]


def put(world, item):
    world.memory.table.client.put_item(TableName=world.memory.table.name, Item=item)
    world.memory.taken()  # nobody carries on what was damaged by hand


def delete(world, item):
    key = {name: item[name] for name in ("PK", "SK")}
    world.memory.table.client.delete_item(TableName=world.memory.table.name, Key=key)
    world.memory.taken()


def test_what_is_at_rest_has_no_drift(world):
    found = world.verify()

    assert found.drift == {}
    assert (found.accounts, found.groups) == (3, 2)


def says_nothing(item):
    """A ledger without days is not missed."""
    return item["SK"]["S"].startswith("L#") and '"m":[]' in item["ledger"]["S"]


@pytest.mark.parametrize(("what", "kind"), DAMAGE)
def test_each_derived_item_damaged_alone_is_found_repaired_and_then_gone(world, what):
    for item in raw_items(world):
        sort = item["SK"]["S"]
        if (sort.startswith(RECORDS) and what != "index") or says_nothing(item):
            continue
        if not damaged(world, item, what):
            continue
        found = world.verify().drift
        repaired = world.verify(repair=True)
        carry_on(world)
        left = world.verify().drift
        world.memory.refresh()

        assert found and set(found) <= set(repaired.repaired), (item, found, repaired)
        assert left == {}, (item, left)
        assert list(problems(world, DAY)) == [], item


def damaged(world, item, what):
    if what == "deleted":
        delete(world, item)
    elif what == "emptied":
        if not item.keys() - {"PK", "SK", "number", "expires_at"}:
            return False
        put(world, {name: item[name] for name in ("PK", "SK")})
    elif what == "index":
        keys = {name for name in item if name.startswith("GSI")}
        if not keys:
            return False
        put(world, {name: value for name, value in item.items() if name not in keys})
    else:
        put(
            world,
            item
            | {
                "PK": {"S": item["PK"]["S"].replace("#A#", "#A#x")},
                "SK": {"S": item["SK"]["S"] + "9"},
            },
        )
    return True


def test_random_worlds_are_verified_and_mended():
    for seed in range(RUNS):
        world = MemoryTableWorld()
        simulation = Simulation(seed, operations=8, world=world)
        assert simulation.run() == []
        assert world.verify().drift == {}, seed
        random = Random(seed)
        derived = [
            item
            for item in raw_items(world)
            if not item["SK"]["S"].startswith(RECORDS) and not says_nothing(item)
        ]
        # Of two events in a row that are lost, nobody knows the stage between them.
        lost = {item["PK"]["S"]: item for item in random.sample(derived, 3)}
        for item in lost.values():
            delete(world, item)
        repaired = world.verify(repair=True)
        carry_on(world)
        world.memory.refresh()

        assert repaired.repaired, seed
        assert world.verify().drift == {}, (seed, repaired)
        assert list(problems(world, simulation.day)) == [], seed


def test_an_event_that_the_stream_lost_is_published(world):
    event = world.events.published[0][1]
    world.events.published.clear()
    (item,) = [
        item
        for item in raw_items(world)
        if item["SK"]["S"] == "E#crm_stage#000000000001"
        and item["account_id"]["S"] == event.account_id
    ]
    put(world, item | {"unsent": {"BOOL": True}})
    assert world.verify().drift == {}
    world.clock._now += timedelta(minutes=16)

    assert world.verify().drift == {"unsent_event": 1}
    assert world.verify(repair=True).repaired == {"unsent_event": 1}
    assert [one for _, one in world.events.published] == [event]
    assert world.verify().drift == {}


def test_an_account_that_is_deleted_by_hand_leaves_nothing_but_waiting_deals(world):
    (record,) = [
        item
        for item in raw_items(world)
        if item["PK"]["S"] == "acme#A#c1" and item["SK"]["S"] == "META"
    ]
    world.add_deal("d4", "c1")
    delete(world, record)

    world.verify(repair=True)

    assert world.verify().drift == {}
    left = [item["SK"]["S"] for item in raw_items(world) if "c1" in item["PK"]["S"]]
    assert left == ["DEAL#d4"]
    assert world.stores.deals.get("d4").waiting


@pytest.fixture
def jobs(world):
    works = DynamoDbWorks(world.memory.table, WORKSPACE)
    return Verifications(works, KeptExecutions(), world.inspection)


def ask(jobs, world, job_id, repair=False):
    now = world.clock.now()
    return request_verification(jobs, job_id, repair=repair, requested_by="someone", now=now)


def test_a_verification_is_worked_off_in_parts_and_summed_up(jobs, world):
    work = ask(jobs, world, "j1")
    for part in range(work.asked["parts"]):
        do_part(jobs.works, world.verifier(), "j1", part)
    ended = end_verification(jobs.works, "j1", world.clock.now())

    document = verification_document(*get_verification(jobs.works, "j1"))
    assert (ended.status, document["progress"]) == ("completed", {"parts": 4, "done": 4})
    assert document["drift"] == dict.fromkeys(KINDS, 0)
    assert document["accounts"] == 3
    assert end_verification(jobs.works, "j1", world.clock.now()) == ended


def test_a_second_one_is_refused_with_the_one_that_runs(jobs, world):
    ask(jobs, world, "j1")

    with pytest.raises(VerificationRunning) as refused:
        ask(jobs, world, "j2")

    assert refused.value.extra == {"job": {"id": "j1", "href": "/v1/verifications/j1"}}
    assert len(jobs.executions.started) == 1


def test_one_that_was_killed_halfway_goes_on_with_what_is_missing(jobs, world):
    work = ask(jobs, world, "j1", repair=True)
    do_part(jobs.works, world.verifier(), "j1", 2)
    jobs.executions.is_dead = True

    again = ask(jobs, world, "j2")

    assert again.job_id == "j1" and again.asked == work.asked
    assert jobs.executions.started[-1] == ("j1-2", (0, 1, 3))
    assert do_part(jobs.works, world.verifier(), "j1", 2) is None
    for part in (0, 1, 3):
        do_part(jobs.works, world.verifier(), "j1", part)
    assert end_verification(jobs.works, "j1", world.clock.now()).status == "completed"
    assert ask(jobs, world, "j3").job_id == "j3"


def test_one_that_was_asked_for_and_never_started_is_started(jobs, world):
    ask(jobs, world, "j1")
    jobs.executions.started.clear()

    with pytest.raises(VerificationRunning):
        ask(jobs, world, "j2")

    assert jobs.executions.started == [("j1-1", (0, 1, 2, 3))]


def test_one_whose_parts_are_missing_has_failed_and_the_next_may_begin(jobs, world):
    ask(jobs, world, "j1")
    do_part(jobs.works, world.verifier(), "j1", 0)

    ended = end_verification(jobs.works, "j1", world.clock.now())

    assert (ended.status, ended.progress["done"]) == ("failed", 1)
    assert ask(jobs, world, "j2").job_id == "j2"


def test_the_result_of_a_part_is_kept_once(jobs, world):
    work = ask(jobs, world, "j1")
    jobs.works.save_part(work, 0, Found(items=1, drift={"row": 2}, examples={"row": ["a1"]}))
    jobs.works.save_part(work, 0, Found(items=5))

    (found,) = jobs.works.parts(work).values()
    assert (found.items, found.drift, found.examples) == (1, {"row": 2}, {"row": ["a1"]})
