"""Who is calling: the token's subject, and what the workspace says about them.

The gateway has checked the token. It lets ID tokens pass, and a token proves only who is calling:
everything else comes from a membership, which may be up to 30 s old (DESIGN §6).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

from api.refusals import (
    ClientExpired,
    MembershipSuspended,
    NoAccessToken,
    NoMembership,
    WorkspaceNeeded,
)
from stageline.domain.access import EVERYTHING, MODULES, Access
from stageline.domain.errors import NotFound
from stageline.domain.permissions import NOBODY
from stageline.domain.principal import Member, Principal
from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    from stageline.ports import Directory, Rights

WORKSPACE_HEADER = "Stageline-Workspace"
KEPT_SECONDS = 30.0
_MOST_KEPT = 1_000
_NOTHING = Access(modules=dict.fromkeys(MODULES, "none"))


@dataclass(frozen=True, slots=True)
class _Known:
    read_at: float
    members: Sequence[Member]
    principals: dict[Workspace, Principal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KnownCallers:
    """The memberships of recent callers, and what follows from them: at most 30 s old.

    `owner_of` gives the keyed hash of an address in a workspace.
    """

    directory: "Directory"
    rights: Callable[[Workspace], "Rights"]
    owner_of: Callable[[Workspace, str], str]
    _kept: dict[str, _Known] = field(default_factory=dict)

    def principal(self, subject: str, named: str | None, now: datetime) -> Principal:
        """Return the caller in the workspace they named, or in their only one.

        Raises what `member_of` raises.
        """
        known = self._known(subject)
        member = member_of(known.members, named, now)
        if member.workspace not in known.principals:
            known.principals[member.workspace] = self._principal(member)
        return known.principals[member.workspace]

    def _known(self, subject: str) -> _Known:
        found, now = self._kept.get(subject), monotonic()
        if found is None or now - found.read_at >= KEPT_SECONDS:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            found = self._kept[subject] = _Known(now, self.directory.memberships(subject))
        return found

    def _principal(self, member: Member) -> Principal:
        """Read what else matters for the member's role: as little as possible."""
        workspace, role = member.workspace, member.role
        scopes = frozenset(member.scopes) if member.kind == "client" else None
        principal = Principal(member.subject, workspace, role, scopes=scopes)
        if role == "admin":
            return principal
        rights = self.rights(workspace)
        access = EVERYTHING
        if member.profile is not None:
            profile = rights.profile(member.profile)
            access = Access(profile.modules, profile.fields) if profile else _NOTHING
        if role not in ("seller", "manager"):
            return Principal(member.subject, workspace, role, scopes=scopes, access=access)
        settings = rights.settings()
        below: frozenset[str] = frozenset()
        if role == "manager" and settings.ownership == "exclusive":
            others = self.directory.roster(workspace).subordinates(member.subject)
            below = frozenset(self._owner(one) for one in others) - {NOBODY}
        return Principal(
            member.subject,
            workspace,
            role,
            email=member.email,
            owner=self._owner(member),
            subordinates=below,
            ownership=settings.ownership,
            managers_see_subordinates=settings.managers_see_subordinates,
            scopes=scopes,
            access=access,
        )

    def _owner(self, member: Member) -> str:
        return NOBODY if member.email is None else self.owner_of(member.workspace, member.email)


def subject_of(event: Mapping[str, Any]) -> str:
    """Return the subject of the access token. Raises NoAccessToken for any other token, or none."""
    authorizer = event.get("requestContext", {}).get("authorizer", {})
    claims = authorizer.get("jwt", {}).get("claims", {})
    # A client's token names it twice; `sub` is what a person's has, too.
    subject = claims.get("sub") or claims.get("client_id")
    if claims.get("token_use") != "access" or not isinstance(subject, str) or not subject:
        raise NoAccessToken("an access token is needed; an ID token is none")
    return subject


def member_of(members: Sequence[Member], named: str | None, now: datetime) -> Member:
    """Return the membership of the workspace that was named, or the only one.

    Raises NoMembership, WorkspaceNeeded, NotFound for a workspace that is not theirs,
    MembershipSuspended, ClientExpired.
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
    if member.expires_at is not None and member.expires_at <= now:
        raise ClientExpired("this API client has expired; ask an administrator for a new one")
    return member
