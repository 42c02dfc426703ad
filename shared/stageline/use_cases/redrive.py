"""What was set aside, done once more by name: all that the stream would do for it."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from stageline.domain.errors import NotFound
from stageline.domain.group import StageChanged
from stageline.use_cases.loading import settle
from stageline.use_cases.pipeline import Stores, evaluate_group, live_members, refresh_rows
from stageline.work_ports import Inspection, Outbox


def redrive_account(stores: Stores, account_id: str, *, today: date, now: datetime) -> None:
    """Bring ledger, value and rows of an account's groups up to its records. Raises Stale."""
    settle(stores, [account_id], today=today, now=now)


def redrive_group(stores: Stores, root_id: str, *, today: date, now: datetime) -> None:
    """Bring a group's values and its members' rows up to its ledgers. Raises Stale."""
    evaluate_group(stores, root_id, today=today, now=now)
    refresh_rows(stores, live_members(stores, root_id), now=now)


def redrive_event(
    inspection: Inspection,
    outbox: Outbox,
    publish: Callable[[Sequence[StageChanged]], Sequence[int]],
    name: str,
) -> None:
    """Publish an event, named as the stream names it: its account, then its number.

    Raises NotFound for one that was taken out or has expired.
    """
    account_id, _, number = name.partition("#E#")
    for stored in inspection.events(account_id):
        if stored.name == number and stored.is_sound:
            event = stored.content.event
            if publish([event]):
                raise ConnectionError("the event was not taken")
            outbox.mark_sent([event])
            return
    raise NotFound("event")
