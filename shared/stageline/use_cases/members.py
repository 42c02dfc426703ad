"""Members of a workspace: people who are invited, API clients that are made, and what they may."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from stageline.domain.errors import AlreadyExists, Invalid
from stageline.domain.permissions import NOBODY, SCOPES
from stageline.domain.principal import ROLES, TEAMS, Member, Role
from stageline.domain.roster import Roster
from stageline.domain.stamp import Stamp
from stageline.domain.workspace import Workspace
from stageline.ports import Directory, Rights, SignIn
from stageline.use_cases.again import again, expect_revision
from stageline.use_cases.owners import Owners


def invite_member(
    directory: Directory,
    rights: Rights,
    sign_in: SignIn,
    workspace: Workspace,
    email: str,
    what: Mapping[str, Any],
    *,
    owners: Owners,
    stamp: Stamp,
) -> tuple[Member, bool]:
    """Let the person with this address in, as `what` says; tell whether they are new.

    Safe to repeat: a member who was let in by an equal invitation is returned as they are. Raises
    AlreadyExists, Invalid, ReportingCycle; Suppressed for a member who was erased.
    """
    _check(rights, what)
    owners.refuse(email, "email")
    folded = email.casefold()
    roster = directory.roster(workspace)
    known = (one.subject for one in roster.members if (one.email or "").casefold() == folded)
    subject = next(known, None)
    new = Member(
        subject=subject or NOBODY,
        workspace=workspace,
        email=email,
        created_at=stamp.at,
        changed=stamp,
        **what,
    )
    if subject is None:
        # Nobody is sent an invitation that is refused.
        roster.with_member(new)
        subject = sign_in.invite(email)

    def attempt() -> tuple[Member, bool]:
        roster = directory.roster(workspace)
        member = replace(new, subject=subject)
        before = roster.find(subject)
        if before is not None:
            if any(getattr(before, name) != value for name, value in what.items()):
                raise AlreadyExists("this person is a member already; change them instead")
            return before, False
        directory.save_member(member, roster.with_member(member))
        return member, True

    return again(attempt)


def add_client(
    directory: Directory,
    rights: Rights,
    sign_in: SignIn,
    workspace: Workspace,
    user_name: str,
    what: Mapping[str, Any],
    *,
    stamp: Stamp,
) -> tuple[Member, str | None]:
    """Make an API client; return it with its secret, which nobody keeps.

    Safe to repeat with the same `user_name`: the client as it is, without a secret. Raises Invalid,
    AlreadyExists when the secret was lost, or the client was removed.
    """
    _check(rights, what, now=stamp.at)
    subject, secret = sign_in.add_client(user_name)
    member = Member(
        subject=subject,
        workspace=workspace,
        kind="client",
        created_at=stamp.at,
        changed=stamp,
        **what,
    )

    def attempt() -> Member:
        roster = directory.roster(workspace)
        known = roster.find(subject)
        if known is None and secret is None:
            raise AlreadyExists("this client has no secret any more; make one with another key")
        if known is None:
            directory.save_member(member, roster.with_member(member))
        return known or member

    return again(attempt), secret


def change_member(
    directory: Directory,
    rights: Rights,
    workspace: Workspace,
    subject: str,
    changes: Mapping[str, Any],
    *,
    expected: int | None,
    stamp: Stamp,
) -> Member:
    """Change what is said of a member. What does not differ is not written.

    Raises NotFound, Stale, Invalid, ReportingCycle, LastAdmin, AlreadyExists.
    """
    _check(rights, changes, now=stamp.at)
    return _change(
        directory, workspace, subject, lambda before: replace(before, **changes), expected, stamp
    )


def set_preferences(
    directory: Directory,
    workspace: Workspace,
    subject: str,
    changes: Mapping[str, Any],
    *,
    stamp: Stamp,
) -> Member:
    """Change how a member wants to see days and numbers (S3.33). Raises NotFound, Invalid."""
    if changes.get("zone") is not None:
        check_zone(changes["zone"])

    def changed(before: Member) -> Member:
        return replace(before, preferences=replace(before.preferences, **changes))

    return _change(directory, workspace, subject, changed, None, stamp)


def remove_member(
    directory: Directory, workspace: Workspace, subject: str, *, expected: int | None, stamp: Stamp
) -> None:
    """Remove a member. Raises NotFound, Stale, LastAdmin, ManagerOfOthers."""

    def attempt() -> None:
        roster = directory.roster(workspace)
        before = roster.get(subject)
        expect_revision("member", before.rev, expected)
        directory.remove_member(before, roster.without(subject), stamp)

    again(attempt, expected=expected)


def add_member(
    directory: Directory,
    workspace: Workspace,
    subject: str,
    role: Role,
    *,
    email: str | None = None,
    manager_id: str | None = None,
    suspended: bool = False,
    stamp: Stamp | None = None,
) -> None:
    """Let the subject of a token into a workspace: its first members, by hand.

    A repetition replaces all of it. Raises Invalid for an unknown role or manager, LastAdmin.
    """
    _check_role(role)

    def attempt() -> None:
        roster = directory.roster(workspace)
        known = roster.find(subject) or Member(subject, workspace, role, rev=0)
        member = replace(known, role=role, email=email, manager_id=manager_id, suspended=suspended)
        if member != known or known.rev == 0:
            member = replace(member, changed=stamp or known.changed, rev=known.rev + 1)
            directory.save_member(member, roster.with_member(member))

    again(attempt)


def check_zone(zone: str) -> None:
    """Raises Invalid unless it is a zone of the IANA database, like Europe/Vienna."""
    from zoneinfo import available_timezones

    if zone not in available_timezones():
        raise Invalid("zone", "unknown", "a zone is a name of the IANA database")


def _change(
    directory: Directory,
    workspace: Workspace,
    subject: str,
    changed: Callable[[Member], Member],
    expected: int | None,
    stamp: Stamp,
) -> Member:
    def attempt() -> Member:
        roster: Roster = directory.roster(workspace)
        before = roster.get(subject)
        expect_revision("member", before.rev, expected)
        after = changed(before)
        if after == before:
            return before
        after = replace(after, changed=stamp, rev=before.rev + 1)
        directory.save_member(after, roster.with_member(after))
        return after

    return again(attempt, expected=expected)


def _check(rights: Rights, what: Mapping[str, Any], now: datetime | None = None) -> None:
    if "role" in what:
        _check_role(what["role"])
    if what.get("team") is not None and what["team"] not in TEAMS:
        raise Invalid("team", "unknown", f"a team is one of {', '.join(TEAMS)}")
    if what.get("profile") is not None and rights.profile(what["profile"]) is None:
        raise Invalid("profile", "unknown", "there is no profile with this key")
    for scope in what.get("scopes", ()):
        if scope not in SCOPES:
            raise Invalid("scopes", "unknown", f"a scope is one of {', '.join(SCOPES)}")
    expires_at = what.get("expires_at")
    if expires_at is not None and now is not None and expires_at <= now:
        raise Invalid("expires_at", "in_the_past", "a client expires at an instant that is ahead")


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise Invalid("role", "unknown", f"a role is one of {', '.join(ROLES)}")
