"""Who comes in, as what, and what each role may do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from api.identity import KEPT_SECONDS, KnownCallers, subject_of
from api.refusals import (
    ClientExpired,
    MembershipSuspended,
    NoAccessToken,
    NoMembership,
    WorkspaceNeeded,
)
from stageline.domain.access import EVERYTHING, AccessProfile
from stageline.domain.errors import NotFound
from stageline.domain.principal import Member
from stageline.domain.stamp import Stamp
from stageline.domain.workspace import Workspace
from tests.api_client import ApiClient
from tests.fakes.workspace import InMemoryDirectory, InMemoryRights

ACME, ZETA = Workspace("acme"), Workspace("zeta")
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "s", "token_use": "id"},
        {"sub": "s"},
        {"token_use": "access"},
        {"sub": "", "token_use": "access"},
        {"sub": 5, "token_use": "access"},
    ],
    ids=str,
)
def test_only_an_access_token_says_who_is_calling(claims):
    event = {"requestContext": {"authorizer": {"jwt": {"claims": claims}}}}

    with pytest.raises(NoAccessToken):
        subject_of(event)


@pytest.mark.parametrize("context", [{}, {"authorizer": {}}, {"authorizer": {"jwt": {}}}], ids=str)
def test_no_claims_no_caller(context):
    with pytest.raises(NoAccessToken):
        subject_of({"requestContext": context})


def test_sample_event_carries_an_access_token():
    assert subject_of(ApiClient("s").event("GET", "/v1/accounts")) == "s"


def callers(*members, rights=None):
    directory = InMemoryDirectory()
    for member in members:
        roster = directory.roster(member.workspace)
        directory.save_member(member, roster.with_member(member))
    kept = rights or InMemoryRights()
    return KnownCallers(directory, lambda workspace: kept, lambda _, address: f"key of {address}")


def test_only_workspace_is_the_one_meant():
    principal = callers(Member("s", ACME, "seller")).principal("s", None, NOW)

    assert (principal.workspace, principal.role) == (ACME, "seller")


def test_member_of_several_names_one():
    known = callers(Member("s", ZETA, "viewer"), Member("s", ACME, "admin"))

    assert known.principal("s", "zeta", NOW).role == "viewer"
    with pytest.raises(WorkspaceNeeded) as refusal:
        known.principal("s", None, NOW)
    assert refusal.value.extra == {"workspaces": ["acme", "zeta"]}


def test_workspace_of_others_does_not_exist():
    with pytest.raises(NotFound):
        callers(Member("s", ACME, "admin")).principal("s", "zeta", NOW)


def test_without_a_membership_or_with_a_suspended_one_nobody_comes_in():
    with pytest.raises(NoMembership):
        callers().principal("s", "acme", NOW)
    with pytest.raises(MembershipSuspended):
        callers(Member("s", ACME, "admin", suspended=True)).principal("s", None, NOW)


def test_an_api_client_comes_in_until_it_expires():
    known = callers(
        Member("c", ACME, "admin", kind="client", scopes=("deals:read",), expires_at=NOW)
    )

    before = known.principal("c", None, NOW - timedelta(seconds=1))

    assert before.scopes == {"deals:read"}
    with pytest.raises(ClientExpired):
        known.principal("c", None, NOW)


def test_what_is_known_of_a_caller_is_at_most_half_a_minute_old(monkeypatch):
    now = 1000.0
    monkeypatch.setattr("api.identity.monotonic", lambda: now)
    known = callers(Member("s", ACME, "seller"))

    known.principal("s", None, NOW)
    roster = known.directory.roster(ACME)
    suspended = Member("s", ACME, "seller", suspended=True, rev=2)
    known.directory.save_member(suspended, replace(roster, rev=roster.rev + 1))
    now += KEPT_SECONDS - 0.1
    known.principal("s", None, NOW)
    now += 0.1

    with pytest.raises(MembershipSuspended):
        known.principal("s", None, NOW)


def test_a_manager_has_the_records_of_all_below_them():
    known = callers(
        Member("m", ACME, "manager", email="m@x.example"),
        Member("s", ACME, "seller", email="s@x.example", manager_id="m"),
        Member("t", ACME, "seller", email="t@x.example", manager_id="s"),
        Member("u", ACME, "seller", email="u@x.example"),
        Member("v", ACME, "seller", manager_id="m"),
    )

    principal = known.principal("m", None, NOW)

    assert principal.owner == "key of m@x.example"
    assert principal.subordinates == {"key of s@x.example", "key of t@x.example"}


def test_a_profile_says_what_of_the_records_and_without_it_nothing_is_open():
    rights = InMemoryRights()
    rights.save_profile(
        AccessProfile(
            key="p", name="P", fields={"deals.amount": "none"}, changed=Stamp("a", "r", NOW)
        )
    )
    known = callers(
        Member("s", ACME, "viewer", profile="p"),
        Member("t", ACME, "viewer", profile="gone"),
        Member("a", ACME, "admin", profile="gone"),
        rights=rights,
    )

    assert not known.principal("s", None, NOW).access.reads("deals", "amount")
    assert known.principal("t", None, NOW).access.to_module("deals") == "none"
    assert known.principal("a", None, NOW).access == EVERYTHING
