"""What verification speaks of: items as they lie in the table, and where they differ from what the
records demand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from stageline.domain.group import Row, StageChanged, Version
from stageline.domain.search import sort_name, words

type Kind = Literal[
    "ledger",
    "timeline",
    "value",
    "version",
    "row",
    "word",
    "event",
    "unsent_event",
    "home",
    "children",
    "locator",
    "account",
    "deal",
    "orphan",
    "unreadable",
]

KINDS: tuple[Kind, ...] = get_args(Kind.__value__)

type ItemKind = Literal[
    "account",
    "children",
    "home",
    "deal",
    "row",
    "value",
    "ledger",
    "version",
    "locator",
    "event",
    "word",
]


@dataclass(frozen=True, slots=True)
class ChildrenCount:
    """How many children an account has, and how often one came or went."""

    account_id: str
    count: int
    changes: int


@dataclass(frozen=True, slots=True)
class Locator:
    """Where a record lies; a deal of no account has no `account_id`."""

    record_id: str
    kind: Literal["account", "deal"]
    account_id: str | None


@dataclass(frozen=True, slots=True)
class SearchWord:
    word: str
    name: str
    account_id: str


@dataclass(frozen=True, slots=True)
class PlacedVersion:
    """A version, and of which value it is one."""

    root_id: str
    scheme: str
    version: Version


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """An event; `unsent`: nobody has said yet that it was published."""

    event: StageChanged
    unsent: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """An item (a ledger: all its items) as it lies in the partition of the record `owner`.

    `content` is None when it cannot be read. `in_place`: the content belongs where it lies, else it
    is a copy. `exact`: each attribute, those of indexes too, is as it is always written. `raw` is
    the item itself, by which a repair knows that nobody wrote since. `ahead`: parts of a ledger
    whose first item is not there; whoever wrote them may have been late, and no reader takes them.
    """

    kind: ItemKind
    owner: str
    name: str
    content: Any
    raw: Any
    in_place: bool = True
    exact: bool = True
    ahead: bool = False

    @property
    def is_sound(self) -> bool:
        return self.content is not None and self.in_place


@dataclass(frozen=True, slots=True)
class Change:
    """Store `after` (None: nothing) in the place of `before`, while that lies there as read.

    `before` None: while nothing lies where `after` goes.
    """

    before: Stored | None
    after: Any


@dataclass(frozen=True, slots=True)
class Drift:
    """A difference. Two looks saw the same one when all but what mends it is equal.

    `changes` mend it, together or not at all; there are none for what only a person can mend.
    """

    kind: Kind
    of: str
    seen: Any
    wanted: Any
    changes: Sequence[Change] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What verification found: how many differences of each kind, how many of them were repaired,
    and the ids of the first of each kind. Ids and counts only: all of it is kept in the job.

    `unsettled` are accounts, groups and the like that differ while an import is about to settle
    what it stored: no drift, and nothing is known of them until it is through.
    """

    accounts: int = 0
    groups: int = 0
    items: int = 0
    unsettled: int = 0
    drift: Mapping[Kind, int] = field(default_factory=dict)
    repaired: Mapping[Kind, int] = field(default_factory=dict)
    examples: Mapping[Kind, Sequence[str]] = field(default_factory=dict)

    def __add__(self, other: "Found") -> "Found":
        return Found(
            accounts=self.accounts + other.accounts,
            groups=self.groups + other.groups,
            items=self.items + other.items,
            unsettled=self.unsettled + other.unsettled,
            drift=_sums(self.drift, other.drift),
            repaired=_sums(self.repaired, other.repaired),
            examples={
                kind: [*self.examples.get(kind, ()), *other.examples.get(kind, ())][:MOST_EXAMPLES]
                for kind in KINDS
                if kind in self.examples or kind in other.examples
            },
        )


MOST_EXAMPLES = 20


def _sums(mine: Mapping[Kind, int], theirs: Mapping[Kind, int]) -> dict[Kind, int]:
    return {kind: count for kind in KINDS if (count := mine.get(kind, 0) + theirs.get(kind, 0)) > 0}


def search_words(row: Row) -> frozenset[SearchWord]:
    """Return the words by which the row is found; none for a deleted account."""
    if row.stage is None:
        return frozenset()
    return words_of(row.account_id, row.name, row.domain)


def words_of(account_id: str, name: str, domain: str | None) -> frozenset[SearchWord]:
    by_name = sort_name(name)
    return frozenset(SearchWord(word, by_name, account_id) for word in words(name, domain))
