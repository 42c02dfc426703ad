"""What moving an account, and changing it, leaves behind (S0.14)."""

from dataclasses import replace
from datetime import UTC, date, datetime

from stageline.domain.account import Membership, Profile, new_account
from stageline.domain.stamp import Stamp

TODAY = date(2026, 5, 4)
LATER = date(2026, 7, 1)
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
STAMP = Stamp("user-1", "request-1", NOW)


def make_account(**overrides):
    account = new_account("a", Profile(name="Acme"), in_crm=True, today=TODAY, stamp=STAMP)
    return replace(account, **overrides)


def test_an_account_starts_in_a_group_of_its_own():
    assert make_account().memberships == (Membership("a", None, NOW),)


def test_the_first_parent_ever_seen_holds_from_the_beginning_and_a_later_one_from_its_day():
    account = make_account()

    first = account.moved_to("p", "p", today=TODAY, stamp=STAMP)
    second = first.moved_to("q", "top", today=LATER, stamp=STAMP)

    assert second.memberships[1:] == (Membership("p", None, NOW), Membership("top", LATER, NOW))
    assert (second.parent_id, second.root_id, second.rev) == ("q", "top", 3)


def test_leaving_a_group_is_a_move_from_its_day_on():
    account = make_account().moved_to("p", "p", today=TODAY, stamp=STAMP)

    alone = account.moved_to(None, "a", today=LATER, stamp=STAMP)

    assert alone.memberships[-1] == Membership("a", LATER, NOW)


def test_another_parent_in_the_same_group_changes_no_membership():
    account = make_account().moved_to("p", "top", today=TODAY, stamp=STAMP)

    moved = account.moved_to("q", "top", today=LATER, stamp=STAMP)

    assert moved.memberships == account.memberships
    assert moved.parent_id == "q"


def test_a_group_that_joins_another_one_keeps_its_history():
    account = make_account()

    assert account.joins_on("p", TODAY) == TODAY


def test_a_group_whose_root_awaited_its_first_parent_has_been_there_from_the_beginning():
    account = make_account(awaited_parent_id="p")
    second = account.put_under("p", "p", None, STAMP)

    assert account.joins_on("p", TODAY) is None
    assert account.joins_on("q", TODAY) == TODAY
    assert replace(second, awaited_parent_id="q").joins_on("q", TODAY) == TODAY


def test_what_does_not_differ_is_the_same_account():
    account = make_account()

    same = account.changed_to(
        Profile(name="Acme"), in_crm=True, today=LATER, stamp=STAMP, source=None
    )
    out = account.changed_to(
        Profile(name="Acme"), in_crm=False, today=LATER, stamp=STAMP, source=None
    )

    assert same is account
    assert (out.in_crm, out.rev, account.in_crm) == (False, 2, True)
