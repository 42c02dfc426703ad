"""Who is calling: which workspace a subject belongs to, and as what."""

from dataclasses import dataclass
from typing import Literal, get_args

from stageline.domain.personal import Plain
from stageline.domain.workspace import Workspace

type Role = Literal["viewer", "seller", "manager", "admin", "privacy_officer"]

ROLES: tuple[Role, ...] = get_args(Role.__value__)


@dataclass(frozen=True, slots=True)
class Member:
    """A subject's place in one workspace. A suspended one may do nothing."""

    subject: Plain
    workspace: Workspace
    role: Role
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller whose token was checked, in the workspace that the call is about."""

    subject: Plain
    workspace: Workspace
    role: Role
