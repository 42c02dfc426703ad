"""What is stored and removed together with a record: its unique values, and where tags find it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Beside:
    """Keyed hashes of what a record takes, and of what it lets go.

    `claimed`: by hash the key of the field whose value nobody else may have.
    """

    record_id: str = ""
    claimed: Mapping[str, str] = field(default_factory=dict)
    freed: frozenset[str] = frozenset()
    tagged: frozenset[str] = frozenset()
    untagged: frozenset[str] = frozenset()


NOTHING_BESIDE = Beside()
