"""Whether the events of an account are all there, one after the other. Pure.

They expire, the oldest first: what may have expired is not missed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from stageline.domain.drift import Change, Drift, KeptEvent, Stored
from stageline.domain.group import Row, StageChanged

EVENTS_KEPT = timedelta(days=90)
# The table may remove what expires at any time; a day is left for the clocks.
_SURELY_KEPT = EVENTS_KEPT - timedelta(days=1)


def event_drift(
    account_id: str, stored: Sequence[Stored], row: Row, *, began: datetime, now: datetime
) -> Iterator[Drift]:
    """Yield what is wrong with the events of one scheme, by the row that numbers them.

    They have the numbers up to the row's, each goes on from the stage before, and the last one ends
    in the row's. None is older than the account, which `began` then. What is lost is told from what
    stands around it.
    """
    sound = {}
    for one in stored:
        if one.is_sound and one.content.event.seq <= row.event_seq:
            sound[one.content.event.seq] = one
        else:
            yield Drift("orphan", account_id, one, None, [Change(one, None)])
    for seq in list(_missing(sound, row, began, now)):
        event = _between(account_id, row, seq, sound, now)
        changes = [Change(None, KeptEvent(event, unsent=True))]
        yield Drift("event", account_id, seq, replace(event, at=began), changes)
    chained = _chained({seq: one.content.event for seq, one in sound.items()}, row)
    for seq, one in sound.items():
        if chained[seq] != one.content.event or not one.exact:
            after = replace(one.content, event=chained[seq])
            yield Drift("event", account_id, one, after, [Change(one, after)])


def _chained(events: dict[int, StageChanged], row: Row) -> dict[int, StageChanged]:
    """Return the events so that each goes on where the one before ended."""
    for seq in sorted(events):
        event, later = events[seq], events.get(seq + 1)
        if seq == 1:
            event = replace(event, from_stage=None)
        if seq == row.event_seq:
            event = replace(event, to_stage=row.stage)
        elif later is not None and later.from_stage in (event.from_stage, later.to_stage):
            events[seq + 1] = replace(later, from_stage=event.to_stage)
        elif later is not None:
            event = replace(event, to_stage=later.from_stage)
        events[seq] = event
    return events


def _missing(
    there: Mapping[int, Stored], row: Row, began: datetime, now: datetime
) -> Iterator[int]:
    """Yield the numbers that are not there, and cannot have expired yet."""
    oldest = now - _SURELY_KEPT
    for seq in range(1, row.event_seq + 1):
        earlier = [there[other].content.event.at for other in there if other < seq]
        at_least = max([began, *earlier])
        if seq == row.event_seq and row.event_at is not None:
            at_least = row.event_at
        if seq not in there and at_least > oldest:
            yield seq


def _between(
    account_id: str, row: Row, seq: int, there: Mapping[int, Stored], now: datetime
) -> StageChanged:
    before = there[seq - 1].content.event if seq - 1 in there else None
    after = there[seq + 1].content.event if seq + 1 in there else None
    near = after or before
    instants = (after and after.at, row.event_at, before and before.at)
    return StageChanged(
        account_id=account_id,
        seq=seq,
        scheme=row.scheme,
        scheme_version=near.scheme_version if near else 1,
        from_stage=before.to_stage if before else None,
        to_stage=after.from_stage if after else row.stage,
        since=row.since if after is None else None,
        root_id=near.root_id if near else row.root_id,
        at=next((at for at in instants if at is not None), now),
    )
