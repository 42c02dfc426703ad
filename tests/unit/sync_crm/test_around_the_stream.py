"""A load around the stream ends as the stream would have: item by item, but for revisions."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import pytest

from evaluate_stage import stream
from stageline.domain.account import Account
from stageline.domain.deal import Deal
from stageline.domain.group import Home, Row, StageChanged, StoredLedger, Value, Version
from stageline.domain.records import AccountRecord
from tests.fakes.memory import Put
from tests.fakes.world import World
from tests.unit.sync_crm.simulation import Importer, random_accounts, random_deals

NEVER = datetime(2000, 1, 1, tzinfo=UTC)


def through_the_stream(importer: Importer, context: Any, seed: int) -> World:
    """Return a world with the same records, carried on by the stream in batches of some size."""
    world, random = World(), Random(seed)
    for (partition, sort), item in importer.world.memory.items.items():
        if isinstance(item, Account | Deal):
            world.memory.write("record", Put({"PK": partition, "SK": sort}, item))
    with world.behind_bootstrap():
        waiting = list(world.memory.taken())
        while waiting:
            size = random.choice((1, 7, 100))
            batch, waiting = waiting[:size], waiting[size:]
            assert stream.handler({"Records": batch}, context) == {"batchItemFailures": []}
            waiting += world.memory.taken()
    return world


def derived(world: World) -> dict[Any, Any]:
    """Return every item but records and jobs, without revisions and instants.

    How often something was believed on the way differs: of versions the end, of events the last.
    """
    found: dict[Any, Any] = {}
    for (partition, sort), item in sorted(world.memory.items.items()):
        key: Any = (partition, sort)
        match item:
            case Home() | StoredLedger():
                item = replace(item, rev=0)
            case Value():
                item = replace(item, rev=0, recorded_at=NEVER, evaluated_at=NEVER)
            case Row():
                item = replace(item, home_rev=0, value_rev=0, event_seq=0, event_at=None)
            case Version():
                key, item = (partition, "V#"), (item.on, json.dumps(item.evidence))
            case StageChanged():
                key, item = (partition, "E#"), (item.to_stage, item.since, item.root_id)
            case Account() | Deal():
                continue
            case _ if partition.startswith("unsent#") or sort in ("CHILDREN", "REF"):
                continue
            case _ if "#J#" in partition:
                continue
        found[key] = item
    return found


@pytest.fixture
def context():
    return type("Context", (), dict.fromkeys(CONTEXT, "1"))


CONTEXT = ("function_name", "memory_limit_in_mb", "invoked_function_arn", "aws_request_id")


@pytest.mark.parametrize("seed", range(25))
def test_a_load_around_the_stream_ends_as_through_it(seed, context):
    importer = Importer(seed, trouble=False)
    importer.run(importer.ask(random_accounts(Random(seed))))
    importer.run(importer.ask(random_deals(Random(seed))))

    assert derived(importer.world) == derived(through_the_stream(importer, context, seed))


def test_the_stream_has_nothing_to_do_after_a_load_but_to_publish(context):
    importer = Importer(1, trouble=False)
    importer.run(importer.ask(random_accounts(Random(1))))
    importer.run(importer.ask(random_deals(Random(1))))
    memory, world = importer.world.memory, importer.world
    writes = memory.writes

    with world.behind_bootstrap():
        records = memory.taken()
        stream.handler({"Records": records}, context)

    events = sum(isinstance(item, StageChanged) for item in memory.items.values())
    assert len(world.events.published) == events
    assert memory.writes - writes == events  # each is noted as published


def test_a_first_load_tells_each_account_once_that_it_brought_what_had_been_so():
    importer = Importer(2, trouble=True)
    accounts = [AccountRecord(line=n, external_id=f"a{n}", name=f"A {n}") for n in range(2, 9)]

    importer.run(importer.ask(accounts))
    events = [e for e in importer.world.memory.items.values() if isinstance(e, StageChanged)]
    assert len(events) == len({event.account_id for event in events}) == len(accounts)
    assert {event.origin for event in events} == {"backfill"}


def test_a_later_load_tells_of_changes():
    importer = Importer(3, trouble=False)
    first = [AccountRecord(line=2, external_id="a1", name="A 1")]
    second = [AccountRecord(line=2, external_id="a1", name="A 1", in_crm=False)]
    importer.run(importer.ask(first))
    importer.run(importer.ask(second), today=date(2026, 3, 9))

    events = [e for e in importer.world.memory.items.values() if isinstance(e, StageChanged)]
    assert [event.origin for event in events] == ["backfill", "change"]
