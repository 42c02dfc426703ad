"""Since when the accounts below one that moves are in its new group (S0.14)."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from stageline.domain.account import Membership, Profile, new_account
from stageline.domain.move import Move, is_under_way, move_job
from stageline.domain.stamp import Stamp

TODAY = date(2026, 5, 4)
EARLIER = date(2026, 2, 1)
STAMP = Stamp("user-1", "request-1", datetime(2026, 5, 4, 12, tzinfo=UTC), in_job=True)


def make_account(account_id, *memberships, awaited: str | None = None):
    account = new_account(account_id, Profile(name="Acme"), in_crm=True, today=EARLIER, stamp=STAMP)
    later = tuple(Membership(root_id, day, STAMP.at) for root_id, day in memberships)
    return replace(account, memberships=account.memberships + later, awaited_parent_id=awaited)


def job_of(awaited=None):
    parent = make_account("parent", ("top", None))
    return move_job("j1", make_account("x", awaited=awaited), parent, today=TODAY, stamp=STAMP)


def test_a_move_comes_back_from_its_job():
    work = job_of()

    move = Move.of(work)

    assert (move.account_id, move.parent_id, move.roots) == ("x", "parent", ("top", "x"))
    assert (move.from_day, move.stamp) == (TODAY, STAMP)
    assert (is_under_way(work), is_under_way(work.at(moved=1))) == (False, True)


def test_without_a_parent_an_account_is_the_root_of_its_own_group():
    account = make_account("x", ("top", None))

    move = Move.of(move_job("j1", account, None, today=TODAY, stamp=STAMP))

    assert (move.parent_id, move.from_root_id, move.to_root_id) == (None, "top", "x")
    assert move.moved(account).memberships[-1] == Membership("x", TODAY, STAMP.at)


def test_accounts_below_follow_on_the_same_day():
    below = make_account("y", ("x", None))

    followed = Move.of(job_of()).follows(below)

    assert followed.memberships[-1] == Membership("top", TODAY, STAMP.at)
    assert (followed.changed, followed.rev) == (STAMP, below.rev + 1)


@pytest.mark.parametrize(
    ("memberships", "since"),
    [
        ([("x", None)], None),
        ([("z", None), ("x", EARLIER)], EARLIER),
        ([("x", None), ("z", date(2026, 1, 1)), ("x", EARLIER)], EARLIER),
        ([("x", None), ("z", EARLIER), ("x", EARLIER)], None),
    ],
    ids=["always", "joined", "came back", "never left"],
)
def test_where_the_move_is_from_the_beginning_they_follow_since_they_are_in_the_group(
    memberships, since
):
    move = Move.of(job_of(awaited="parent"))

    followed = move.follows(make_account("y", *memberships))

    assert move.from_day is None
    assert followed.memberships[-1] == Membership("top", since, STAMP.at)
