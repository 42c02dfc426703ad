"""A derived scheme as the engine runs it, made from compiled plain data.

No document models here: `scheme_document` validates and compiles, this module only reads.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from stageline.domain.conditions import Compiled, Fact, holds
from stageline.domain.ledger import (
    EVENT_BITS,
    LOST,
    LOST_UNDATED,
    OPEN,
    STATUS_BITS,
    STATUS_MASK,
    WON,
)
from stageline.domain.windows import WindowEnds

DASH: Final = "-"
DASH_RANK: Final = 9
HELD_SEPARATOR: Final = "|"

# Codes of the events that are no spell of a deal (those are below 64).
ENTERS_CRM, LEAVES_CRM, WINDOW_ENDS = 64, 65, 66
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
    """Packed counts -> the key of the stage that wins, decided once for each combination.

    Within a day the counts may be such as no group ever has; there may be no stage ("") for them.
    """

    __slots__ = ("_conditions", "_lanes")

    def __init__(
        self, conditions: Sequence[tuple[str, Compiled]], facts: int, lane_bits: int
    ) -> None:
        super().__init__()
        self._conditions = conditions
        self._lanes = (facts, lane_bits)

    def __missing__(self, packed: int) -> str:
        if len(self) >= _LARGEST_MEMO:
            self.clear()
        facts, lane_bits = self._lanes
        mask = (1 << lane_bits) - 1
        counts = [packed >> lane * lane_bits & mask for lane in range(facts)]
        held = (key for key, condition in self._conditions if holds(condition, counts))
        answer = self[packed] = self._answer(held)
        return answer

    def _answer(self, held: Iterator[str]) -> str:
        return next(held, "")

    def all_held(self) -> "HeldOfCounts":
        return HeldOfCounts(self._conditions, *self._lanes)


class HeldOfCounts(StageOfCounts):
    """Packed counts -> every stage that holds, the winner first: "recently_lost|pipeline"."""

    __slots__ = ()

    def _answer(self, held: Iterator[str]) -> str:
        return HELD_SEPARATOR.join(held)


@dataclass(frozen=True, slots=True)
class Packing:
    """The counts of all facts in one integer, each in a lane of its own.

    `deltas` holds what an event adds to it, by the event's code: a spell of a deal begins, an
    account enters or leaves the CRM, a window of a lost deal ends. `limit` is the number of events
    from which a lane could overflow.
    """

    deltas: tuple[int, ...]
    stage_of: StageOfCounts
    limit: int


@dataclass(frozen=True, slots=True)
class Scheme:
    """Stages, when they hold, and which wins: `precedence` has the strongest first (S0.11).

    Small groups are counted in narrow lanes, because integers below 2**30 are faster.
    """

    key: str
    version: int
    name: str
    subject: str
    stages: Mapping[str, Stage]
    precedence: tuple[str, ...]
    facts: tuple[Fact, ...]
    conditions: Mapping[str, Compiled]
    windows: tuple[WindowEnds, ...] = field(repr=False, compare=False)
    narrow: Packing = field(repr=False, compare=False)
    wide: Packing = field(repr=False, compare=False)

    @classmethod
    def from_compiled(cls, data: Mapping[str, Any]) -> Self:
        """Read what `scheme_document.compile_scheme` made; it is not validated again."""
        facts = tuple(Fact(name, months) for name, months in data["facts"])
        stages = {stage["key"]: Stage(**stage) for stage in data["stages"]}
        precedence, conditions = tuple(data["precedence"]), data["conditions"]
        in_order = [(key, conditions[key]) for key in precedence]
        windows = [fact for fact in facts if fact.within_months is not None]
        return cls(
            key=data["key"],
            version=data["version"],
            name=data["name"],
            subject=data["subject"],
            stages=stages,
            precedence=precedence,
            facts=facts,
            conditions=conditions,
            windows=tuple(
                WindowEnds(fact.within_months or 0, WINDOW_ENDS + number)
                for number, fact in enumerate(windows)
            ),
            narrow=_packing(facts, in_order, lane_bits=7),
            wide=_packing(facts, in_order, lane_bits=32),
        )

    @property
    def initial_stage(self) -> str:
        """The stage of a group of which nothing is known: before its first fact."""
        return self.narrow.stage_of[0]

    def held(self, counts: Sequence[int]) -> tuple[str, ...]:
        """Return every stage whose condition holds, the strongest first: that one wins (S0.11).

        Never empty: compiling made sure that some stage always holds.
        """
        return tuple(key for key in self.precedence if holds(self.conditions[key], counts))

    def telling_all_held(self) -> Self:
        """Return the scheme with all stages that hold in place of the one that wins.

        Its timelines have segments like "recently_lost|pipeline" (HELD_SEPARATOR): what holds can
        change on a day on which the stage does not.
        """
        narrow, wide = self.narrow, self.wide
        return replace(
            self,
            narrow=replace(narrow, stage_of=narrow.stage_of.all_held()),
            wide=replace(wide, stage_of=wide.stage_of.all_held()),
        )

    def rank(self, stage: str | None) -> int:
        """Return the place of a stage in the progression; "-" (None) sorts last (S0.22)."""
        return DASH_RANK if stage is None else self.stages[stage].rank

    def display(self, stage: str | None) -> str:
        return DASH if stage is None else self.stages[stage].name


def _packing(
    facts: Sequence[Fact], conditions: Sequence[tuple[str, Compiled]], lane_bits: int
) -> Packing:
    units = {fact: 1 << lane_bits * lane for lane, fact in enumerate(facts)}
    stage_of = StageOfCounts(conditions, len(facts), lane_bits)
    return Packing(_deltas(units), stage_of, limit=1 << lane_bits)


def _deltas(units: Mapping[Fact, int]) -> tuple[int, ...]:
    windows = [unit for fact, unit in units.items() if fact.within_months is not None]
    lost = units.get(Fact("lost_deals"), 0)
    adds = {
        OPEN: units.get(Fact("open_deals"), 0),
        WON: units.get(Fact("won_deals"), 0),
        LOST: lost,
        LOST_UNDATED: lost,
    }
    deltas = [0] * (1 << EVENT_BITS)
    for code in range(1 << 2 * STATUS_BITS):
        previous, status = code >> STATUS_BITS, code & STATUS_MASK
        deltas[code] = adds.get(status, 0) - adds.get(previous, 0)
        if status == LOST:
            # Each window opens with the loss; an event of its own ends it.
            deltas[code] += sum(windows)
    presence = units.get(Fact("in_crm"), 0)
    deltas[ENTERS_CRM], deltas[LEAVES_CRM] = presence, -presence
    for number, unit in enumerate(windows):
        deltas[WINDOW_ENDS + number] = -unit
    return tuple(deltas)
