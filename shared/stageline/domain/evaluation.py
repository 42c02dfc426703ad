"""What a group's ledgers make of its stored value: the step that the stage of everything rests on.

Pure: `today` and `now` come from the caller.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from stageline.domain.calendar import to_date
from stageline.domain.evidence import evidence
from stageline.domain.group import Value, Version
from stageline.domain.ledger import Ledger
from stageline.domain.scheme import HELD_SEPARATOR, Scheme
from stageline.domain.timeline import Timeline, timeline


@dataclass(frozen=True, slots=True)
class Evaluator:
    """A scheme, and the same scheme telling all stages that hold instead of the one that wins.

    One sweep gives both: what holds can change on a day on which the stage does not.
    """

    scheme: Scheme
    holding: Scheme

    @classmethod
    def of(cls, scheme: Scheme) -> Self:
        return cls(scheme, scheme.telling_all_held())

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
            holds=tuple(held.at(day).stage.split(HELD_SEPARATOR)),
            next_on=to_date(following[0]) if following else None,
            due_on=to_date(due[0]) if due else None,
            recorded_at=before.recorded_at if before and changed is None else recorded_at,
            evaluated_at=now,
            rev=before.rev + 1 if before else 1,
        )
        if before is not None and says(value) == says(before):
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
        stage = stages.partition(HELD_SEPARATOR)[0]
        if not segments or segments[-1][1] != stage:
            segments.append((first, stage))
    return Timeline(tuple(segments))


def says(value: Value) -> tuple[object, ...]:
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
