"""Members changed by several administrators at once."""

from datetime import UTC, datetime

import pytest

from stageline.domain.errors import Conflict, LastAdmin, ReportingCycle, Stale
from stageline.domain.stamp import Stamp
from stageline.domain.workspace import Workspace
from stageline.use_cases.members import add_member, change_member, invite_member, remove_member
from tests.fakes.privacy import NOBODY_ERASED
from tests.fakes.workspace import InMemoryDirectory, InMemoryRights

ACME = Workspace("acme")
STAMP = Stamp("somebody", "r", datetime(2026, 3, 2, tzinfo=UTC))


class Pool:
    """The port `SignIn`: everybody is known."""

    def invite(self, email):
        return f"subject of {email.casefold()}"

    def add_client(self, user_name):
        return f"subject of {user_name}", None

    def delete(self, subject, email):
        pass


@pytest.fixture
def directory():
    directory = InMemoryDirectory(ACME)
    add_member(directory, ACME, "a", "admin")
    add_member(directory, ACME, "b", "admin")
    add_member(directory, ACME, "c", "seller")
    return directory


def meanwhile(directory, happens):
    """Let something happen once, after the roster was read and before it is written."""
    read, waiting = directory.roster, [happens]

    def roster(workspace):
        found = read(workspace)
        if waiting:
            waiting.pop()()
        return found

    directory.roster = roster


def change(directory, subject, **changes):
    return change_member(
        directory, InMemoryRights(), ACME, subject, changes, expected=None, stamp=STAMP
    )


def remove(directory, subject):
    remove_member(directory, ACME, subject, expected=None, stamp=STAMP)


def test_two_administrators_who_remove_each_other_leave_one(directory):
    meanwhile(directory, lambda: remove(directory, "a"))

    with pytest.raises(LastAdmin):
        remove(directory, "b")

    assert [one.subject for one in directory.roster(ACME).members] == ["b", "c"]


def test_two_who_come_under_each_other_make_no_circle(directory):
    meanwhile(directory, lambda: change(directory, "b", manager_id="c"))

    with pytest.raises(ReportingCycle):
        change(directory, "c", manager_id="b")


def test_an_expected_revision_is_not_written_over(directory):
    meanwhile(directory, lambda: change(directory, "c", name="Cleo"))

    with pytest.raises(Stale):
        change_member(
            directory, InMemoryRights(), ACME, "c", {"name": "C"}, expected=1, stamp=STAMP
        )
    assert directory.roster(ACME).get("c").name == "Cleo"


def test_what_differs_in_nothing_is_not_written(directory):
    before = directory.roster(ACME)

    change(directory, "c", role="seller")

    assert directory.roster(ACME) == before


def test_two_invitations_at_once_make_one_member(directory):
    def invite(**more):
        what = {"name": "Dora", "role": "viewer", **more}
        return invite_member(
            directory,
            InMemoryRights(),
            Pool(),
            ACME,
            "D@x.example",
            what,
            owners=NOBODY_ERASED,
            stamp=STAMP,
        )

    meanwhile(directory, invite)

    member, is_new = invite()
    with pytest.raises(Conflict):
        invite(role="admin")

    assert (member.subject, is_new) == ("subject of d@x.example", False)
    assert len(directory.roster(ACME).members) == 4
