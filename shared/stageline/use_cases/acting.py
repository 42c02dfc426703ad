"""On whose behalf somebody acts who comes without a token: a member, who may do just that."""

from datetime import datetime

from stageline.domain.access import EVERYTHING, MODULES, Access, Module
from stageline.domain.erasure_errors import PersonNeeded
from stageline.domain.errors import Forbidden
from stageline.domain.permissions import Action, has_level, has_scope, may
from stageline.domain.principal import Member, Principal
from stageline.domain.workspace import Workspace
from stageline.ports import Directory, Rights


class ActorMayNot(Forbidden):
    """The actor is no member in force, or their role, scopes or profile do not let them."""

    code = "actor_may_not"


def refuse_actor(
    directory: Directory,
    rights: Rights,
    workspace: Workspace,
    subject: str,
    module: Module,
    action: Action,
    now: datetime,
) -> None:
    """Raise ActorMayNot unless this subject may do this in the module; PersonNeeded."""
    memberships = directory.memberships(subject)
    member = next((one for one in memberships if one.workspace == workspace), None)
    is_over = member and member.expires_at is not None and member.expires_at <= now
    if member is None or member.suspended or is_over:
        raise ActorMayNot("the actor is no member of this workspace, or not any more")
    is_client = member.kind == "client"
    scopes = frozenset(member.scopes) if is_client else None
    access = _access(rights, member)
    principal = Principal(subject, workspace, member.role, scopes=scopes, access=access)
    if not may(principal, action):
        raise ActorMayNot(f"a {member.role.replace('_', ' ')} may not {action}")
    if not (has_scope(principal, module, action) and has_level(principal, module, action)):
        raise ActorMayNot(f"scopes or profile do not let the actor {action}")
    if is_client and action == "approve":
        raise PersonNeeded


def _access(rights: Rights, member: Member) -> Access:
    if member.profile is None or member.role == "admin":
        return EVERYTHING
    profile = rights.profile(member.profile)
    if profile is None:
        return Access(modules=dict.fromkeys(MODULES, "none"))
    return Access(profile.modules, profile.fields)
