"""Letting texts be said again that were erased in records that live on."""

from collections.abc import Collection

from stageline.domain.account import Account
from stageline.domain.activity import Activity
from stageline.domain.contact import Contact
from stageline.domain.deal import Deal
from stageline.domain.errors import Invalid
from stageline.domain.pins import PinnedKind, blanked
from stageline.domain.stamp import Stamp
from stageline.domain.task import Task
from stageline.use_cases.again import again
from stageline.use_cases.erasure_look import PeoplesRecords

type Pinned = Account | Deal | Activity | Task | Contact


def release_pins(
    records: PeoplesRecords,
    kind: PinnedKind,
    record_id: str,
    names: Collection[str],
    *,
    stamp: Stamp,
) -> Pinned:
    """Take these pins from a record, which stays blank there until somebody says something.

    Safe to repeat; what is not pinned is passed over. Raises NotFound, Erased, Invalid.
    """

    def attempt() -> Pinned:
        before = _get(records, kind, record_id)
        try:
            blanked(getattr(before, before.DESCRIBED), names, strict=True)
        except ValueError as error:
            raise Invalid("fields", "unknown", f"are texts of such a {kind}") from error
        after = before.release(names, stamp)
        if after is not before:
            _save(records, before, after)
        return after

    return again(attempt)


def _get(records: PeoplesRecords, kind: PinnedKind, record_id: str) -> Pinned:
    match kind:
        case "account":
            return records.around.accounts.get(record_id)
        case "deal":
            return records.around.deals.get(record_id)
        case "activity":
            return records.around.activities.get(record_id)
        case "task":
            return records.around.tasks.get(record_id)
        case "contact":
            return records.contacts.get(record_id)


def _save(records: PeoplesRecords, before: Pinned, after: Pinned) -> None:
    match before, after:
        case Account(), Account():
            records.around.accounts.save(after)
        case Deal(), Deal():
            records.around.deals.save([after])
        case Activity(), Activity():
            records.around.activities.save(before, after)
        case Task(), Task():
            records.around.tasks.save(before, after)
        case Contact(), Contact():
            records.contacts.save(before, after)
