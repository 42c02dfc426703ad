"""A derived scheme as the engine runs it, made from compiled plain data.

No document models here: `scheme_document` validates and compiles, this module only reads.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

from stageline.domain.conditions import Compiled, Fact, holds
from stageline.domain.ledger import (
    GONE,
    LOST,
    LOST_UNDATED,
    NONE,
    OPEN,
    STATUS_BITS,
    WON,
)
from stageline.domain.windows import WindowEnds

DASH: Final = "-"
DASH_RANK: Final = 9

LANE_BITS: Final = 20
_LANE_MASK: Final = (1 << LANE_BITS) - 1
# Past this the memo starts anew: it is there for speed, not to hold every combination.
_LARGEST_MEMO: Final = 100_000


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage as a scheme defines it; `rank` is its place in the progression, 1 first (S0.10)."""

    key: str
    name: str
    category: str
    rank: int
    colour: str
    definition: str
    when: Mapping[str, Any]


class StageOfCounts(dict[int, str]):
    """Packed fact counts -> the key of the stage that wins, decided once for each combination."""

    __slots__ = ("_conditions", "_facts")

    def __init__(
        self, precedence: Sequence[str], conditions: Mapping[str, Compiled], facts: int
    ) -> None:
        super().__init__()
        self._conditions = [(key, conditions[key]) for key in precedence]
        self._facts = facts

    def __missing__(self, packed: int) -> str:
        if len(self) >= _LARGEST_MEMO:
            self.clear()
        counts = [packed >> LANE_BITS * lane & _LANE_MASK for lane in range(self._facts)]
        stage = self[packed] = self.held(counts)[0]
        return stage

    def held(self, counts: Sequence[int]) -> tuple[str, ...]:
        return tuple(key for key, condition in self._conditions if holds(condition, counts))


@dataclass(frozen=True, slots=True)
class Scheme:
    """Stages, when they hold, and which wins. `precedence` has the strongest first (S0.11).

    The count of fact number n is packed into lane n (20 bits) of one integer. `transitions` holds
    what passing from one deal status to another adds to it, `windows` when a lost deal stops
    counting as recently lost and what that takes away, `presence_unit` one presence in the CRM.
    """

    key: str
    version: int
    name: str
    subject: str
    stages: Mapping[str, Stage]
    precedence: tuple[str, ...]
    facts: tuple[Fact, ...]
    conditions: Mapping[str, Compiled]
    transitions: tuple[int, ...] = field(repr=False)
    windows: tuple[tuple[WindowEnds, int], ...] = field(repr=False, compare=False)
    presence_unit: int = field(repr=False)
    stage_of_counts: StageOfCounts = field(repr=False, compare=False)

    @classmethod
    def from_compiled(cls, data: Mapping[str, Any]) -> Self:
        """Read what `scheme_document.compile_scheme` made; it is not validated again."""
        facts = tuple(Fact(name, months) for name, months in data["facts"])
        stages = {stage["key"]: Stage(**stage) for stage in data["stages"]}
        precedence, conditions = tuple(data["precedence"]), data["conditions"]
        units = {fact: 1 << LANE_BITS * lane for lane, fact in enumerate(facts)}
        return cls(
            key=data["key"],
            version=data["version"],
            name=data["name"],
            subject=data["subject"],
            stages=stages,
            precedence=precedence,
            facts=facts,
            conditions=conditions,
            transitions=tuple(_transitions(units)),
            windows=tuple(
                (WindowEnds(fact.within_months), unit)
                for fact, unit in units.items()
                if fact.within_months is not None
            ),
            presence_unit=units.get(Fact("in_crm"), 0),
            stage_of_counts=StageOfCounts(precedence, conditions, len(facts)),
        )

    @property
    def initial_stage(self) -> str:
        """The stage of a group of which nothing is known: before its first fact."""
        return self.stage_of_counts[0]

    def held(self, counts: Sequence[int]) -> tuple[str, ...]:
        """Return every stage whose condition holds, the strongest first: that one wins (S0.11).

        Never empty: compiling made sure that some stage always holds.
        """
        return self.stage_of_counts.held(counts)

    def rank(self, stage: str | None) -> int:
        """Return the place of a stage in the progression; "-" (None) sorts last (S0.22)."""
        return DASH_RANK if stage is None else self.stages[stage].rank

    def display(self, stage: str | None) -> str:
        return DASH if stage is None else self.stages[stage].name


def _transitions(units: Mapping[Fact, int]) -> Iterator[int]:
    """Yield, for each `previous status << 3 | status`, what it adds to the packed counts."""
    lost = units.get(Fact("lost_deals"), 0)
    # A window opens with its lost deal; it closes by `windows`, or early when the deal moves on.
    windows = sum(unit for fact, unit in units.items() if fact.within_months is not None)
    adds = {
        NONE: 0,
        OPEN: units.get(Fact("open_deals"), 0),
        WON: units.get(Fact("won_deals"), 0),
        LOST: lost,
        LOST_UNDATED: lost,
        GONE: 0,
    }
    size = 1 << STATUS_BITS
    for previous in range(size):
        for status in range(size):
            opened = windows if status == LOST else 0
            yield adds.get(status, 0) - adds.get(previous, 0) + opened
