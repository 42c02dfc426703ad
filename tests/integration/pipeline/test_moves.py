"""The port of moves: what the one in memory promises, the DynamoDB one keeps."""

from dataclasses import replace
from datetime import date

import pytest

from stageline.domain.errors import NotFound, Stale
from stageline.domain.move import Move, move_job
from tests.fakes.world import DAY, World
from tests.integration.pipeline.dynamodb_world import DynamoDbWorld


@pytest.fixture(params=[World, DynamoDbWorld], ids=["in memory", "in DynamoDB"])
def world(request):
    """`top` over `mid` over `leaf`, and `other` alone."""
    world = request.param()
    for account_id, parent_id in (("top", None), ("mid", "top"), ("leaf", "mid"), ("other", None)):
        world.add_account(account_id, parent_id=parent_id)
    return world


@pytest.fixture
def moves(world):
    return world.moving.moves


def account(world, account_id):
    return world.stores.accounts.get(account_id)


def job(world, job_id="j1", account_id="mid", parent_id: str | None = "other"):
    parent = None if parent_id is None else account(world, parent_id)
    moving = account(world, account_id)
    return move_job(job_id, moving, parent, today=DAY, stamp=world.stamp())


def begun(world, **what):
    """Begin a job and put its account under the new parent."""
    work = job(world, **what)
    world.moving.moves.begin(work)
    before = account(world, "mid")
    work = work.at(moved=1)
    other = account(world, "other")
    world.moving.moves.put_under(work, Move.of(work).moved(before), before.parent_id, other)
    return work


def test_a_job_comes_back_with_its_move(world, moves):
    work = job(world)
    moves.begin(work)

    found = Move.of(world.moving.works.get("j1"))

    assert found == Move.of(work)
    assert (found.roots, found.from_day) == (("other", "top"), DAY)
    assert moves.hold("top").job_id == moves.hold("other").job_id == "j1"
    assert moves.hold("top").taken_at == work.requested_at
    assert moves.hold("mid") is None


@pytest.mark.parametrize(
    ("account_id", "parent_id"), [("top", "other"), ("mid", None)], ids=["both", "one"]
)
def test_who_meets_a_hold_stores_nothing(world, moves, account_id, parent_id):
    moves.begin(job(world))

    with pytest.raises(Stale):
        moves.begin(job(world, "j2", account_id, parent_id))

    assert moves.hold("mid") is None
    with pytest.raises(NotFound):
        world.moving.works.get("j2")


def test_an_account_is_stored_with_both_counts_and_the_job(world):
    begun(world)

    accounts = world.stores.accounts
    assert (account(world, "mid").parent_id, account(world, "mid").root_id) == ("other", "other")
    assert [accounts.children_tally(one) for one in ("top", "other", "mid")] == [
        (0, 2),
        (1, 1),
        (1, 1),
    ]
    assert world.moving.works.get("j1").progress == {"moved": 1}


def test_an_account_is_put_under_what_was_read_only(world, moves):
    work = job(world)
    moves.begin(work)
    before, other = account(world, "mid"), account(world, "other")
    moved = Move.of(work).moved(before)
    world.change_account("other", name="Renamed")

    with pytest.raises(Stale):
        moves.put_under(work.at(moved=1), moved, "top", other)
    world.change_account("mid", name="Renamed")
    with pytest.raises(Stale):
        moves.put_under(work.at(moved=1), moved, "top", account(world, "other"))

    assert world.stores.accounts.children_count("other") == 0
    assert world.moving.works.get("j1") == work


def test_children_follow_while_job_and_parent_are_as_they_were(world, moves):
    work = begun(world)
    parent, leaf = account(world, "mid"), account(world, "leaf")
    follows = Move.of(work).follows(leaf)
    world.change_account("mid", name="Renamed")
    with pytest.raises(Stale):
        moves.carry(work, parent, [follows])

    moves.carry(work, account(world, "mid"), [follows])

    assert account(world, "leaf") == follows
    assert (follows.root_id, follows.parent_id) == ("other", "mid")
    with pytest.raises(Stale):
        moves.carry(work, account(world, "mid"), [follows])


def test_nobody_follows_a_job_that_has_ended(world, moves):
    """A late worker would write the day of another move."""
    work = begun(world)
    ended = work.ended("completed", {"moved": 2}, world.clock.now())
    moves.end(ended)
    leaf = account(world, "leaf")

    with pytest.raises(Stale):
        moves.carry(work, account(world, "mid"), [Move.of(work).follows(leaf)])

    assert account(world, "leaf") == leaf
    assert world.moving.works.get("j1") == ended
    assert moves.hold("top") is moves.hold("other") is None
    with pytest.raises(Stale):
        moves.end(replace(ended, rev=ended.rev + 1))


def test_a_withdrawn_job_is_gone_and_its_id_is_free(world, moves):
    work = job(world)
    moves.begin(work)
    with pytest.raises(Stale):
        moves.withdraw(work.at(moved=1))

    moves.withdraw(work)

    assert moves.hold("top") is moves.hold("other") is None
    moves.begin(work)


def test_within_one_group_one_hold_is_enough(world, moves):
    work = job(world, parent_id="top")
    moves.begin(work)

    assert Move.of(work).roots == ("top",)
    moves.end(work.ended("completed", {}, world.clock.now()))
    assert moves.hold("top") is None


def test_the_days_of_a_job_are_those_of_its_move(world, moves):
    world.clock.set_day(date(2026, 5, 4))
    moves.begin(move_job("j1", account(world, "mid"), None, today=world.today, stamp=world.stamp()))

    found = Move.of(world.moving.works.get("j1"))

    assert (found.parent_id, found.to_root_id, found.from_day) == (None, "mid", date(2026, 5, 4))
