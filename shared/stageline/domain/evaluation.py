"""What a group's ledgers make of its stored value: the step that the stage of everything rests on.

Pure: `today` and `now` come from the caller.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Self

from stageline.domain.calendar import to_date
from stageline.domain.conditions import holds
from stageline.domain.evidence import evidence
from stageline.domain.group import Value, Version
from stageline.domain.ledger import Ledger
from stageline.domain.scheme import Scheme, StageOfCounts
from stageline.domain.timeline import Timeline, timeline

_SEPARATOR: Final = "|"
LARGEST_MEMO: Final = 100_000


class _HeldOfCounts(StageOfCounts):
    """Packed counts -> every stage that holds, the winning one first, as one text."""

    __slots__ = ()

    def __init__(self, stage_of: StageOfCounts) -> None:
        dict.__init__(self)
        self._conditions, self._shifts = stage_of._conditions, stage_of._shifts

    def __missing__(self, packed: int) -> str:
        if len(self) >= LARGEST_MEMO:
            self.clear()
        shifts, mask = self._shifts
        counts = [packed >> shift & mask for shift in shifts]
        held = self[packed] = _SEPARATOR.join(
            key for key, condition in self._conditions if holds(condition, counts)
        )
        return held


@dataclass(frozen=True, slots=True)
class Evaluator:
    """A scheme, and the same scheme telling all stages that hold instead of the one that wins.

    One sweep gives both: what holds can change on a day on which the stage does not.
    """

    scheme: Scheme
    holding: Scheme

    @classmethod
    def of(cls, scheme: Scheme) -> Self:
        narrow, wide = scheme.narrow, scheme.wide
        holding = replace(
            scheme,
            narrow=replace(narrow, stage_of=_HeldOfCounts(narrow.stage_of)),
            wide=replace(wide, stage_of=_HeldOfCounts(wide.stage_of)),
        )
        return cls(scheme, holding)

    def evaluate(
        self,
        root_id: str,
        before: Value | None,
        ledgers: Sequence[Ledger],
        *,
        today: date,
        now: datetime,
    ) -> tuple[Value, Version | None] | None:
        """Return the value to store over `before`, with a version when the timeline changed.

        None when nothing differs. A group that never had a member gets no value.
        """
        if before is None and not any(ledger.memberships for ledger in ledgers):
            return None
        held = timeline(self.holding, ledgers)
        whole = _winning(held)
        day = today.toordinal()
        segment = whole.at(day)
        following, due = whole.next_after(day), held.next_after(day)
        recorded_at = now if before is None else max(now, before.recorded_at + _TICK)
        changed = 0 if before is None else whole.changed_from(before.timeline)
        value = Value(
            root_id=root_id,
            scheme=self.scheme.key,
            scheme_version=self.scheme.version,
            timeline=whole,
            on=today,
            stage=segment.stage,
            since=to_date(segment.from_day or 0),
            holds=tuple(held.at(day).stage.split(_SEPARATOR)),
            next_on=to_date(following[0]) if following else None,
            due_on=to_date(due[0]) if due else None,
            recorded_at=before.recorded_at if before and changed is None else recorded_at,
            evaluated_at=now,
            rev=before.rev + 1 if before else 1,
        )
        if before is not None and _says(value) == _says(before):
            return None
        if changed is None:
            return value, None
        return value, Version(
            recorded_at=recorded_at,
            rev=value.rev,
            changed_from=to_date(changed),
            tail=whole.tail(changed),
            on=today,
            evidence=dict(evidence(self.scheme, ledgers, day)),
        )


# Instants are stored to the microsecond.
_TICK = timedelta(microseconds=1)


def _winning(held: Timeline) -> Timeline:
    """Return the timeline of the stages that win, from one of all that hold."""
    segments: list[tuple[int, str]] = []
    for first, stages in held.segments:
        stage = stages.partition(_SEPARATOR)[0]
        if not segments or segments[-1][1] != stage:
            segments.append((first, stage))
    return Timeline(tuple(segments))


def _says(value: Value) -> tuple[object, ...]:
    """Return what a value says, without when and how often it was computed."""
    return (
        value.scheme_version,
        value.timeline,
        value.stage,
        value.since,
        value.holds,
        value.next_on,
        value.due_on,
    )
