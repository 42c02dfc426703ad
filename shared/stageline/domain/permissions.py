"""Who may do what. A table and a lookup: no clock, no store (DESIGN §6)."""

from collections.abc import Mapping
from typing import Literal, get_args

from stageline.domain.principal import Role

type Action = Literal["read", "write", "administer"]

ACTIONS: tuple[Action, ...] = get_args(Action.__value__)

_READS: frozenset[Action] = frozenset({"read"})
_WRITES: frozenset[Action] = frozenset({"read", "write"})
_ADMINISTERS: frozenset[Action] = frozenset({"read", "write", "administer"})

_ALLOWED: Mapping[Role, frozenset[Action]] = {
    "viewer": _READS,
    "seller": _WRITES,
    "manager": _WRITES,
    "admin": _ADMINISTERS,
    "privacy_officer": _READS,
}


def may(role: Role, action: Action) -> bool:
    """Tell whether somebody in this role may do this to the records of their workspace."""
    return action in _ALLOWED[role]
