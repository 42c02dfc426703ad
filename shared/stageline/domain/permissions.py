"""Who may do what to whose records. Tables and lookups: no clock, no store (DESIGN §6).

`visibility` decides before a list is read, `may` about one record. What of a record somebody sees
is for their profile to say (`access`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from stageline.domain.access import LEVELS, MODULES, Module
from stageline.domain.personal import Plain
from stageline.domain.principal import Principal, Role

type Action = Literal["read", "write", "administer", "protect", "approve"]
"""`protect`: see whose data is how old, ask for erasures; `approve` lets an erasure be done."""

ACTIONS: tuple[Action, ...] = get_args(Action.__value__)
NOBODY = "-"

_READS: frozenset[Action] = frozenset({"read"})
_WRITES: frozenset[Action] = frozenset({"read", "write"})
_ADMINISTERS: frozenset[Action] = frozenset({"read", "write", "administer", "protect"})
_PROTECTS: frozenset[Action] = frozenset({"read", "protect", "approve"})

_ALLOWED: Mapping[Role, frozenset[Action]] = {
    "viewer": _READS,
    "seller": _WRITES,
    "manager": _WRITES,
    "admin": _ADMINISTERS,
    "privacy_officer": _PROTECTS,
}
# Whose records a role sees where customers are not shared.
_WHOSE: Mapping[Role, Literal["own", "own and subordinates'", "all"]] = {
    "viewer": "all",
    "seller": "own",
    "manager": "own and subordinates'",
    "admin": "all",
    "privacy_officer": "all",
}

SCOPES: tuple[str, ...] = tuple(
    f"{module}:{level}" for module in MODULES for level in LEVELS if level != "none"
)


@dataclass(frozen=True, slots=True)
class Owned:
    """Whose a record is, by keyed hashes of addresses; "-" for nobody's.

    `account_owner`: of the account that it belongs to (None: to none). `linked`: subjects of those
    who were linked to the record, and read it for that (S2.31).
    """

    owner: Plain
    account_owner: Plain | None = None
    linked: frozenset[Plain] = frozenset()


def visibility(principal: Principal) -> frozenset[str] | None:
    """Return the owners whose records the principal sees; None: everybody's, and nobody's (S2.11).

    Somebody without an address owns nothing.
    """
    whose = _WHOSE[principal.role]
    if whose == "all" or principal.ownership == "shared":
        return None
    seen = {principal.owner}
    if whose == "own and subordinates'" and principal.managers_see_subordinates:
        seen |= principal.subordinates
    return frozenset(seen - {NOBODY})


def may(principal: Principal, action: Action, record: Owned | None = None) -> bool:
    """Tell whether the principal may do this: at all, or to this record."""
    if action not in _ALLOWED[principal.role]:
        return False
    if record is None:
        return True
    owners = visibility(principal)
    if owners is None or record.owner in owners or record.account_owner in owners:
        return True
    return action == "read" and principal.subject in record.linked


def has_scope(principal: Principal, module: Module, action: Action) -> bool:
    """Tell whether the scopes of an API client cover this; those of a person always do."""
    if principal.scopes is None:
        return True
    wanted = {f"{module}:write"} if action != "read" else {f"{module}:read", f"{module}:write"}
    return not wanted.isdisjoint(principal.scopes)


def has_level(principal: Principal, module: Module, action: Action) -> bool:
    """Tell whether the principal's profile lets them do this in the module (S3.25)."""
    needed = "read" if action == "read" else "write"
    return LEVELS.index(principal.access.to_module(module)) >= LEVELS.index(needed)
