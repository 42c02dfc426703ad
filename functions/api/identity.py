"""Who is calling: the token's subject, and what the directory says about them.

The gateway has checked the token. It lets ID tokens pass, and a token proves only who is calling:
workspace and role come from a membership, which may be up to 30 s old (DESIGN §6).
"""

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any

from api.refusals import MembershipSuspended, NoAccessToken, NoMembership, WorkspaceNeeded
from stageline.domain.errors import NotFound
from stageline.domain.principal import Member, Principal

if TYPE_CHECKING:
    from stageline.ports import Directory

WORKSPACE_HEADER = "Stageline-Workspace"
KEPT_SECONDS = 30.0
_MOST_KEPT = 1_000


class KnownMembers:
    """The memberships of recent callers."""

    def __init__(self, directory: "Directory") -> None:
        self._directory = directory
        self._kept: dict[str, tuple[float, Sequence[Member]]] = {}

    def of(self, subject: str) -> Sequence[Member]:
        read_at, members = self._kept.get(subject, (float("-inf"), ()))
        now = monotonic()
        if now - read_at >= KEPT_SECONDS:
            members = self._directory.memberships(subject)
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[subject] = (now, members)
        return members


def subject_of(event: Mapping[str, Any]) -> str:
    """Return the subject of the access token. Raises NoAccessToken for any other token, or none."""
    authorizer = event.get("requestContext", {}).get("authorizer", {})
    claims = authorizer.get("jwt", {}).get("claims", {})
    subject = claims.get("sub")
    if claims.get("token_use") != "access" or not isinstance(subject, str) or not subject:
        raise NoAccessToken("an access token is needed; an ID token is none")
    return subject


def principal_of(subject: str, members: Sequence[Member], named: str | None) -> Principal:
    """Return the caller in the workspace they named, or in their only one.

    Raises NoMembership, WorkspaceNeeded, NotFound for a workspace that is not theirs,
    MembershipSuspended.
    """
    if not members:
        raise NoMembership("you are a member of no workspace; ask an administrator")
    if named is None and len(members) > 1:
        ids = sorted(member.workspace.id for member in members)
        raise WorkspaceNeeded(WORKSPACE_HEADER, ids)
    fitting = (member for member in members if named in (None, member.workspace.id))
    member = next(fitting, None)
    if member is None:
        raise NotFound("workspace")
    if member.suspended:
        raise MembershipSuspended("your membership is suspended; ask an administrator")
    return Principal(subject, member.workspace, member.role)
