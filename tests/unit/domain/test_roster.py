"""The members of a workspace, and what holds for them together (S3.24)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stageline.domain.errors import (
    AlreadyExists,
    Conflict,
    Invalid,
    LastAdmin,
    ManagerOfOthers,
    NotFound,
    ReportingCycle,
)
from stageline.domain.principal import Member
from stageline.domain.roster import Roster
from stageline.domain.workspace import Workspace

ACME = Workspace("acme")
NAMES = ("a", "b", "c", "d")


def member(subject, role="seller", **more):
    return Member(subject, ACME, role, **more)


def roster(*members):
    found = Roster()
    for one in members:
        found = found.with_member(one)
    return found


def test_nobody_reports_to_themselves_through_others():
    members = roster(member("a"), member("b", manager_id="a"), member("c", manager_id="b"))

    with pytest.raises(ReportingCycle) as refusal:
        members.with_member(member("a", manager_id="c"))
    assert refusal.value.extra == {"chain": ["a", "c", "b", "a"]}


def test_a_manager_is_a_person_among_the_members():
    members = roster(member("client", kind="client"))

    for manager_id in ("nobody", "client"):
        with pytest.raises(Invalid, match="no such person"):
            members.with_member(member("a", manager_id=manager_id))


def test_who_manages_others_is_not_removed_before_they_have_another_manager():
    ben, cleo = member("b", name="Ben", manager_id="a"), member("c", name="Cleo", manager_id="a")
    members = roster(member("a"), ben, cleo)

    with pytest.raises(ManagerOfOthers) as refusal:
        members.without("a")
    assert refusal.value.extra == {
        "members": [{"id": "b", "name": "Ben"}, {"id": "c", "name": "Cleo"}]
    }
    assert [one.subject for one in members.without("c").members] == ["a", "b"]


def test_one_address_is_one_member():
    members = roster(member("a", email="one@x.example"))

    with pytest.raises(AlreadyExists):
        members.with_member(member("b", email="ONE@x.example"))


def test_the_last_administrator_stays():
    members = roster(member("a", "admin"), member("robot", "admin", kind="client"))

    for after in (member("a", "seller"), member("a", "admin", suspended=True)):
        with pytest.raises(LastAdmin):
            members.with_member(after)
    with pytest.raises(LastAdmin):
        members.without("a")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(NAMES),
            st.sampled_from(("remove", "seller", "manager", "admin")),
            st.sampled_from((None, *NAMES)),
            st.booleans(),
        ),
        max_size=25,
    )
)
def test_whatever_is_tried_there_is_an_administrator_and_no_circle(changes):
    members = roster(member("boss", "admin"))
    for subject, what, manager_id, suspended in changes:
        try:
            members = (
                members.without(subject)
                if what == "remove"
                else members.with_member(
                    member(subject, what, manager_id=manager_id, suspended=suspended)
                )
            )
        except (Conflict, Invalid, NotFound):
            continue
    assert any(one.role == "admin" and not one.suspended for one in members.members)
    for one in members.members:
        below = [lower.subject for lower in members.subordinates(one.subject)]
        assert one.subject not in below
        assert len(set(below)) == len(below)
        assert one.manager_id is None or members.find(one.manager_id)
