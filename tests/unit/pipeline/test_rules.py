"""The pipeline's rules one by one, where the end alone would not show a breach (DESIGN §3)."""

from datetime import timedelta

import pytest

from evaluate_stage import stream
from stageline.domain.errors import Stale
from stageline.domain.group import StoredLedger, Value
from stageline.use_cases.loading import settle
from stageline.use_cases.pipeline import evaluate_group, refresh_ledger, refresh_rows
from tests.fakes.world import DAY, World
from tests.unit.pipeline.ending import problems


@pytest.fixture
def world():
    world = World()
    world.add_account("a1")
    world.add_deal("d1", "a1")
    settle_all(world)
    return world


def settle_all(world, *more):
    settle(world.stores, ["a1", *more], today=world.today, now=world.clock.now())


def flow(world, context):
    while records := world.memory.taken():
        with world.behind_bootstrap():
            stream.handler({"Records": records}, context)


def written(world, kind):
    """Return the list into which each stored thing of this kind will go."""
    found: list[object] = []
    write = world.memory.write

    def noting(what, *puts):
        write(what, *puts)
        found.extend(put.value for put in puts if isinstance(put.value, kind))

    world.memory.write = noting
    return found


def interrupted(call, meanwhile):
    """Return `call`, an iterator's maker, so that `meanwhile` happens once when all was read."""
    waiting = [meanwhile]

    def reading(*arguments):
        yield from list(call(*arguments))
        if waiting:
            waiting.pop()()

    return reading


def test_a_ledger_of_old_deals_is_never_written_over_a_newer_one(world):
    """Rule 2 in ①: the revision was read before the deals, so somebody else's write shows."""
    world.add_deal("d2", "a1")
    deals = world.stores.deals
    ledgers = written(world, StoredLedger)

    def meanwhile():
        world.close_deal("d1", "won", DAY)
        refresh_ledger(world.stores, "a1")

    deals.of_account = interrupted(deals.of_account, meanwhile)
    refresh_ledger(world.stores, "a1")

    assert len(ledgers) == 1


def test_a_value_of_old_ledgers_is_never_written_over_a_newer_one(world):
    """Rule 2 in ②."""
    groups = world.stores.groups
    world.close_deal("d1", "lost", DAY)
    refresh_ledger(world.stores, "a1")
    values = written(world, Value)

    def meanwhile():
        world.close_deal("d1", "won", DAY)
        refresh_ledger(world.stores, "a1")
        evaluate_group(world.stores, "a1", today=DAY, now=world.clock.now())

    groups.ledgers = interrupted(groups.ledgers, meanwhile)
    evaluate_group(world.stores, "a1", today=DAY, now=world.clock.now())

    assert [value.stage for value in values] == ["client"]


def test_a_late_ledger_that_nobody_overtook_is_found_out_by_its_own_record(world, context):
    """Rule 3 in ①: who changes something and changes it back writes nothing, and fences nobody."""
    deals = world.stores.deals
    flow(world, context)
    world.close_deal("d1", "won", DAY)

    def meanwhile():
        world.reopen_deal("d1")
        flow(world, context)

    deals.of_account = interrupted(deals.of_account, meanwhile)
    refresh_ledger(world.stores, "a1")
    flow(world, context)

    assert list(problems(world, DAY)) == []


def test_a_late_value_that_nobody_overtook_is_found_out_by_its_own_record(world, context):
    """Rule 3 in ②."""
    groups = world.stores.groups
    flow(world, context)
    world.close_deal("d1", "won", DAY)
    refresh_ledger(world.stores, "a1")

    def meanwhile():
        world.reopen_deal("d1")
        flow(world, context)

    groups.ledgers = interrupted(groups.ledgers, meanwhile)
    evaluate_group(world.stores, "a1", today=DAY, now=world.clock.now())
    flow(world, context)

    assert list(problems(world, DAY)) == []


def test_a_row_of_an_old_account_is_never_written_over_a_newer_one(world):
    """Rule 5: a row accepts only greater revisions."""
    find_many = world.stores.accounts.find_many
    waiting = [lambda: (world.change_account("a1", name="Newest"), settle_all(world))]

    def reading(account_ids):
        found = find_many(account_ids)
        if waiting:
            waiting.pop()()
        return found

    world.change_account("a1", name="Newer")
    world.stores.accounts.find_many = reading
    refresh_rows(world.stores, ["a1"], now=world.clock.now())

    assert world.stores.rows.row("a1", "crm_stage").name == "Newest"


def test_only_a_live_ledger_is_written(world):
    """Rule 4: whoever read the ledger before a move cannot write it afterwards."""
    world.add_account("b1")
    before = world.stores.groups.ledger("a1", "a1")
    world.clock.set_day(DAY + timedelta(days=1))
    world.set_parent("a1", "b1")
    settle_all(world, "b1")
    closed = world.stores.groups.ledger("a1", "a1")
    assert (before.live, closed.live) == (True, False)

    with pytest.raises(Stale):
        world.stores.groups.save_ledger(StoredLedger("a1", before.ledger, True, before.rev + 1))
    with pytest.raises(Stale):
        world.stores.groups.save_ledger(StoredLedger("a1", before.ledger, True, closed.rev + 1))


def test_a_closed_ledger_is_not_written_again(world):
    world.add_account("b1")
    world.set_parent("a1", "b1")  # the first parent, from the beginning
    world.clock.set_day(DAY + timedelta(days=10))
    settle_all(world, "b1")
    world.set_parent("a1", None)
    settle_all(world, "b1")
    closed = world.stores.groups.ledger("b1", "a1")

    world.close_deal("d1", "won", DAY)
    settle_all(world, "b1")

    assert world.stores.groups.ledger("b1", "a1") == closed


def test_the_first_parent_empties_the_ledger_of_its_own_group(world):
    world.add_account("b1")
    world.set_parent("a1", "b1")
    settle_all(world, "b1")

    own = world.stores.groups.ledger("a1", "a1")
    theirs = world.stores.groups.ledger("b1", "a1")

    assert (own.live, own.ledger.memberships) == (False, ())
    assert (theirs.live, theirs.ledger.memberships) == (True, ((0, None),))


def test_several_moves_at_once_and_a_return_come_out_right(world):
    """What ① missed in between is made up for: a group passed through has its days, too."""
    days = [DAY + timedelta(days=number) for number in (0, 10, 20, 30)]
    for group in ("b1", "c1"):
        world.add_account(group)
    for day, parent in zip(days, ("b1", "c1", "b1"), strict=False):
        world.clock.set_day(day)
        world.set_parent("a1", parent)
    settle_all(world, "b1", "c1")

    first, second = (world.stores.groups.ledger(root, "a1") for root in ("b1", "c1"))
    ordinals = [day.toordinal() for day in days]

    assert first.ledger.memberships == ((0, ordinals[1]), (ordinals[2], None))
    assert second.ledger.memberships == ((ordinals[1], ordinals[2]),)
    assert (first.live, second.live) == (True, False)


def test_a_deleted_account_leaves_group_lists_and_search(world):
    world.delete_deal("d1")
    world.clock.set_day(DAY + timedelta(days=1))
    world.delete_account("a1")
    settle_all(world)

    home = world.stores.groups.home("a1")
    ledger = world.stores.groups.ledger("a1", "a1")
    row = world.stores.rows.row("a1", "crm_stage")

    assert (home.root_id, ledger.live) == (None, False)
    assert (row.stage, row.name, row.owner_email) == (None, "", None)
    assert world.lists.matching("acme", 10) == []
    assert world.stores.groups.value("a1", "crm_stage").stage == "new_prospect"


def test_late_data_is_a_version_of_its_own_beside_the_old_one(world):
    """What was believed stays: the version holds the changed tail and the evidence of its day."""
    world.clock.set_day(DAY + timedelta(days=30))
    world.add_deal("d2", "a1", "won", closed_on=DAY - timedelta(days=5))
    settle_all(world)

    *_, before, last = world.stores.groups.versions("a1", "crm_stage")

    assert before.recorded_at < last.recorded_at
    assert last.changed_from == DAY - timedelta(days=5)
    assert last.tail.segments[0] == (last.changed_from.toordinal(), "client")
    assert last.evidence["stage"] == "client_pipeline"
    assert last.on == DAY + timedelta(days=30)
