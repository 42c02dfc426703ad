"""An account of very many deals: its ledger lies in parts, and a changed deal concerns one."""

from datetime import timedelta
from unittest.mock import patch

import pytest

from stageline.domain import chunks
from stageline.use_cases.pipeline import refresh_ledger
from tests.fakes.world import DAY
from tests.unit.pipeline.ending import problems

DEALS = [f"{first:x}{second:x}" for first in range(16) for second in range(4)]


@pytest.fixture
def large(world, flow):
    """An account of 64 deals where a part has at most 6: in parts by the first character."""
    with patch.object(chunks, "MOST_ENTRIES", 12):
        world.add_account("x1")
        for deal_id in DEALS:
            world.add_deal(deal_id, "x1")
        flow()
        yield world


def calls(world, call):
    """Return what is read and written of ledgers and deals while `call` runs."""
    seen = []
    memory = world.memory
    get, query, write = memory.get, memory.query, memory.write

    def noted_get(key):
        seen.append(("get", key["SK"]))
        return get(key)

    def noted_query(partition, prefix=""):
        seen.append(("query", prefix))
        return query(partition, prefix)

    def noted_write(what, *puts):
        seen.extend(("write", put.key["SK"]) for put in puts)
        return write(what, *puts)

    with (
        patch.object(memory, "get", noted_get),
        patch.object(memory, "query", noted_query),
        patch.object(memory, "write", noted_write),
    ):
        call()
    return seen


def test_its_ledger_lies_in_parts(large):
    ledger = large.stores.groups.ledger("x1", "x1")

    assert ledger.digits == 1
    assert len(ledger.parts.ledgers) == 17
    assert list(ledger.ledger.deal_ids) == DEALS
    assert list(problems(large, DAY)) == []


def test_a_changed_deal_reads_and_writes_its_part_only(large):
    large.close_deal("72", "won", DAY)
    large.memory.taken()

    seen = calls(large, lambda: refresh_ledger(large.stores, "x1", ["72"]))

    assert [what for what in seen if what[0] == "query"] == [("query", "DEAL#7")]
    assert [key for kind, key in seen if kind == "write"] == [
        "L#x1#7",
        "L#x1#",
    ]  # the head: checked
    assert [key for kind, key in seen if kind == "get"] == ["HOME", "L#x1#", "L#x1#7", "META"]


def test_a_change_of_its_name_reads_no_deal(large):
    large.change_account("x1", name="Newer")

    seen = calls(large, lambda: refresh_ledger(large.stores, "x1", ()))

    assert [what for what in seen if what[0] != "get"] == []


def test_a_change_of_its_presence_reaches_every_part(large, flow):
    large.clock.set_day(DAY + timedelta(days=3))
    large.change_account("x1", in_crm=False)
    flow()

    assert list(problems(large, DAY + timedelta(days=3))) == []


def test_a_part_that_grows_too_large_is_cut_anew(large, flow):
    for number in range(8):
        large.add_deal(f"7{number:x}x", "x1")
    flow()

    ledger = large.stores.groups.ledger("x1", "x1")
    assert ledger.digits == 2
    assert len(ledger.ledger.deal_ids) == len(DEALS) + 8
    assert list(problems(large, DAY)) == []


def test_it_takes_its_parts_along_and_leaves_what_was_known_behind(large, flow):
    large.add_account("y1")
    large.add_account("z1")
    flow()
    large.set_parent("x1", "y1")  # the first parent, from the beginning
    flow()
    large.clock.set_day(DAY + timedelta(days=9))
    large.set_parent("x1", "z1")
    large.close_deal("72", "won", DAY + timedelta(days=9))
    flow()

    left, now = (large.stores.groups.ledger(root, "x1") for root in ("y1", "z1"))
    assert (left.live, now.live) == (False, True)
    assert left.ledger.deal_ids == now.ledger.deal_ids == tuple(DEALS)
    assert list(problems(large, DAY + timedelta(days=9))) == []
