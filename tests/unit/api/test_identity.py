"""Who comes in, as what, and what each role may do."""

import pytest

from api.identity import KEPT_SECONDS, KnownMembers, principal_of, subject_of
from api.refusals import MembershipSuspended, NoAccessToken, NoMembership, WorkspaceNeeded
from stageline.domain.errors import NotFound
from stageline.domain.permissions import ACTIONS, may
from stageline.domain.principal import ROLES, Member
from stageline.domain.workspace import Workspace
from tests.api_client import ApiClient
from tests.fakes.workspace import InMemoryDirectory

ACME, ZETA = Workspace("acme"), Workspace("zeta")


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", ROLES)
def test_everybody_reads_and_three_roles_write(role, action):
    writers = {"seller", "manager", "admin"}
    allowed: dict[str, set[str]] = {"read": set(ROLES), "write": writers, "administer": {"admin"}}
    assert may(role, action) == (role in allowed[action])


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


def test_only_workspace_is_the_one_meant():
    principal = principal_of("s", [Member("s", ACME, "seller")], None)

    assert (principal.workspace, principal.role) == (ACME, "seller")


def test_member_of_several_names_one():
    members = [Member("s", ZETA, "viewer"), Member("s", ACME, "admin")]

    assert principal_of("s", members, "zeta").role == "viewer"
    with pytest.raises(WorkspaceNeeded) as refusal:
        principal_of("s", members, None)
    assert refusal.value.extra == {"workspaces": ["acme", "zeta"]}


def test_workspace_of_others_does_not_exist():
    with pytest.raises(NotFound):
        principal_of("s", [Member("s", ACME, "admin")], "zeta")


def test_without_a_membership_or_with_a_suspended_one_nobody_comes_in():
    with pytest.raises(NoMembership):
        principal_of("s", [], "acme")
    with pytest.raises(MembershipSuspended):
        principal_of("s", [Member("s", ACME, "admin", suspended=True)], None)


def test_memberships_are_kept_for_half_a_minute(monkeypatch):
    now = 1000.0
    monkeypatch.setattr("api.identity.monotonic", lambda: now)
    directory = InMemoryDirectory()
    directory.save_member(Member("s", ACME, "seller"))
    known = KnownMembers(directory)

    before = known.of("s")
    directory.save_member(Member("s", ACME, "viewer"))
    now += KEPT_SECONDS - 0.1
    kept = known.of("s")
    now += 0.1

    assert before == kept != known.of("s")
    assert known.of("s")[0].role == "viewer"
