"""Who is calling: a member of a workspace, in a role, with a profile, in a reporting line."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from stageline.domain.access import EVERYTHING, Access
from stageline.domain.personal import Personal, Plain
from stageline.domain.stamp import Stamp
from stageline.domain.workspace import Workspace

type Role = Literal["viewer", "seller", "manager", "admin", "privacy_officer"]
type Team = Literal["inside_sales", "sales", "account_management"]
type MemberKind = Literal["person", "client"]
type Ownership = Literal["exclusive", "shared"]

ROLES: tuple[Role, ...] = get_args(Role.__value__)
TEAMS: tuple[Team, ...] = get_args(Team.__value__)


@dataclass(frozen=True, slots=True)
class Preferences:
    """How somebody wants to see days and numbers (S3.33); None: as the workspace does."""

    zone: Plain | None = None
    locale: Plain | None = None
    date_format: Plain | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A subject's place in one workspace. A suspended one may do nothing.

    `email` says whose records are theirs: those whose owner has this address. `manager_id` is the
    subject of whom they report to, `profile` the key of what they may see of records. `scopes`
    limit an API client, which ends at `expires_at`. `rev` counts the writes.
    """

    subject: Plain
    workspace: Workspace
    role: Role
    suspended: bool = False
    kind: MemberKind = "person"
    name: Personal = ""
    email: Personal | None = None
    team: Team | None = None
    manager_id: Plain | None = None
    profile: Plain | None = None
    scopes: tuple[Plain, ...] = ()
    expires_at: datetime | None = None
    preferences: Preferences = Preferences()
    created_at: datetime | None = None
    changed: Stamp | None = None
    rev: int = 1


@dataclass(frozen=True, slots=True)
class Removed:
    """What stays of a member who was removed. Shown to nobody.

    `email` finds what they owned when they are erased, and is forgotten then.
    """

    subject: Plain
    email: Personal | None
    rev: int


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller whose token was checked, in the workspace that the call is about.

    `email` is their own address. `owner` and `subordinates` are keyed hashes of addresses: whose
    records are theirs, and those of all who report to them. `scopes` None: a person, whom none
    limit.
    """

    subject: Plain
    workspace: Workspace
    role: Role
    email: Personal | None = None
    owner: Plain = "-"
    subordinates: frozenset[Plain] = frozenset()
    ownership: Ownership = "exclusive"
    managers_see_subordinates: bool = True
    scopes: frozenset[Plain] | None = None
    access: Access = field(default=EVERYTHING)
