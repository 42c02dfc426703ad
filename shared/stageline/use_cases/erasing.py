"""Carrying out what the journal says of a part: each step may be cut off anywhere and repeated.

First the identifiers are kept out, then each contact becomes what is left of somebody erased, in
one transaction that nobody who is writing the person survives; then what was done with them, and
the texts that were ticked. Who was written just before under one of the identifiers, is found by
it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from stageline.domain.account import Account
from stageline.domain.activity import Activity
from stageline.domain.contact import Contact, tombstone
from stageline.domain.custom_field import Module
from stageline.domain.deal import Deal
from stageline.domain.errors import AlreadyExists, Stale
from stageline.domain.journal import JournalEntry
from stageline.domain.pins import Pin, blanked
from stageline.domain.stamp import Stamp
from stageline.domain.task import Task
from stageline.use_cases.again import again
from stageline.use_cases.erasing_members import Members, carry_out_member, remaining_everywhere
from stageline.use_cases.erasure_look import PeoplesRecords
from stageline.use_cases.erasure_mentions import Lasting
from stageline.use_cases.pipeline import Stores, refresh_rows

# An index follows within milliseconds, hardly ever within seconds.
_POLLS = 40
_PAUSE_SECONDS = 0.25


class IndexesLate(Exception):
    """An index still shows somebody who was erased. Tried again later."""


@dataclass(frozen=True, slots=True)
class Erasing:
    """The records of one workspace, and how long to wait for its indexes.

    `pipeline` brings the lists up to accounts whose names were erased, without waiting for the
    stream. `members`: for what is about members.
    """

    records: PeoplesRecords
    pipeline: Callable[[], Stores]
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    members: Members | None = None


def carry_out(erasing: Erasing, entry: JournalEntry, shells: Mapping[str, str]) -> None:
    """Do what an entry of the journal says. Again does nothing but what is still to be done.

    `shells`: the ids of the anonymous contacts that take the places of the entry's. Raises Stale
    when somebody else is always first, IndexesLate.
    """
    if entry.member_ids:
        carry_out_member(erasing, entry)
        return
    contacts = erasing.records.contacts
    stamp = Stamp(entry.approved_by, entry.request_id, erasing.now())
    gone: list[Contact] = []
    if entry.way == "mask_selected":
        for contact_id in entry.contact_ids:
            gone += _mask(erasing, entry, contact_id, stamp)
    else:
        contacts.suppress(entry.identifiers, entry.request_id)
        for contact_id in entry.contact_ids:
            gone += _erase(erasing, entry, contact_id, shells.get(contact_id), shells, stamp)
        for contact_id in sorted(_late(erasing, entry)):
            gone += _erase(erasing, entry, contact_id, None, shells, stamp)
        for pin in entry.pins:
            _pin(erasing, pin, stamp)
        if accounts := _renamed(entry):
            refresh_rows(erasing.pipeline(), accounts, now=erasing.now())
    _wait_for_indexes(erasing, gone)


def remaining(
    erasing: Erasing, entry: JournalEntry, links: Iterable[tuple[str, str, str]]
) -> Mapping[str, int]:
    """Read back what an entry was to erase: what is left of it, by store. All reads are strong."""
    if entry.member_ids:
        return remaining_everywhere(erasing, entry)
    records = erasing.records
    left: Counter[str] = Counter()
    found = records.contacts.find_many(entry.contact_ids)
    if entry.way == "mask_selected":
        left["contact"] = sum(
            not one.deleted and blanked(one.person, entry.fields) != one.person
            for one in found.values()
        )
        return left
    for contact_id in entry.contact_ids:
        left.update(records.contacts.remains(contact_id))
        if contact_id not in found:
            # What keeps the person out of here is missing.
            left["contact"] += 1
    left["link of a contact to an account or a deal"] += records.contacts.links_left(links)
    held = records.contacts.holders(entry.identifiers)
    left["identifier of a contact"] += sum(map(len, held.values()))
    kept_out = records.contacts.suppressed(entry.identifiers)
    left["suppressed identifier"] += len(set(entry.identifiers) - kept_out)
    for pin in entry.pins:
        record = _read(erasing, pin)
        if record is not None and blanked(_described(record), [pin.field]) != _described(record):
            left[pin.kind] += 1
    left["list row"] += _rows_that_show_names(erasing, _renamed(entry))
    return left


def _renamed(entry: JournalEntry) -> list[str]:
    """Return the accounts whose names are erased: lists and search words have them, too."""
    names = {pin.record_id for pin in entry.pins if (pin.kind, pin.field) == ("account", "name")}
    return sorted(names)


def _rows_that_show_names(erasing: Erasing, account_ids: Sequence[str]) -> int:
    if not account_ids:
        return 0
    stores = erasing.pipeline()
    return sum(
        bool(row.name)
        for evaluator in stores.evaluators
        for row in stores.rows.rows(account_ids, evaluator.scheme.key).values()
    )


def _late(erasing: Erasing, entry: JournalEntry) -> set[str]:
    """Return whoever else has one of the identifiers: written before these were kept out."""
    held = erasing.records.contacts.holders(entry.identifiers)
    return {id_ for ids in held.values() for id_ in ids}


def _erase(
    erasing: Erasing,
    entry: JournalEntry,
    contact_id: str,
    shell_id: str | None,
    shells: Mapping[str, str],
    stamp: Stamp,
) -> list[Contact]:
    """Erase one contact with what was done with it; return it as it was, if it was there."""
    records = erasing.records
    kept_out = frozenset(entry.identifiers)

    def attempt() -> Contact | None:
        before = records.contacts.find_many([contact_id]).get(contact_id)
        if before is None:
            with suppress(AlreadyExists):
                records.contacts.add([tombstone(contact_id, entry.request_id, stamp)])
                return None
            raise Stale("contact")
        if before.erased_by is not None:
            return None
        if shell_id is not None and not before.deleted:
            with suppress(AlreadyExists):
                records.contacts.add([before.anonymous(shell_id, stamp)])
        hashes = records.hashing().of(before.person).values()
        beside = records.customs.beside("contact", contact_id, before.person, None)
        records.contacts.erase(
            before,
            before.erased(entry.request_id, stamp),
            [one for versions in hashes for one in versions if one in kept_out],
            beside,
        )
        return before

    before = again(attempt)
    away = frozenset(shells.values())
    around = records.around
    for _, activity in list(around.activities.of_contact(contact_id, None, 100)):
        _leave_activity(erasing, activity.activity_id, contact_id, shell_id, away, stamp)
    for _, task in list(around.tasks.of_contact(contact_id, None, 100)):
        _leave_task(erasing, task.task_id, contact_id, shell_id, stamp)
    return [] if before is None or before.deleted else [before]


def _mask(erasing: Erasing, entry: JournalEntry, contact_id: str, stamp: Stamp) -> list[Contact]:
    """Blank the fields of one contact for good; return it as it was, if it was not so."""
    records = erasing.records

    def attempt() -> Contact | None:
        before = records.contacts.find_many([contact_id]).get(contact_id)
        if before is None or before.deleted:
            return None
        after = before.pin(entry.fields, stamp)
        if after is before:
            return None
        # Why somebody touched the contact may name them.
        after = replace(after, touch=None)
        beside = records.customs.beside("contact", contact_id, before.person, after.person)
        records.contacts.save(before, after, beside)
        return before

    before = again(attempt)
    return [] if before is None else [before]


def _leave_activity(
    erasing: Erasing,
    activity_id: str,
    contact_id: str,
    shell_id: str | None,
    shells: frozenset[str],
    stamp: Stamp,
) -> None:
    records, activities = erasing.records, erasing.records.around.activities

    def attempt() -> None:
        before = activities.find_many([activity_id]).get(activity_id)
        if before is None:
            return
        after = before.without(contact_id, shell_id, shells=shells, stamp=stamp)
        if after is not before:
            beside = records.customs.beside(
                "activity", activity_id, before.happening, after.happening
            )
            activities.save(before, after, beside)

    again(attempt)


def _leave_task(
    erasing: Erasing, task_id: str, contact_id: str, shell_id: str | None, stamp: Stamp
) -> None:
    records, tasks = erasing.records, erasing.records.around.tasks

    def attempt() -> None:
        before = tasks.find_many([task_id]).get(task_id)
        if before is None:
            return
        after = before.without(contact_id, shell_id, stamp=stamp)
        if after is not before:
            beside = records.customs.beside("task", task_id, before.to_do, after.to_do)
            tasks.save(before, after, beside)

    again(attempt)


def _pin(erasing: Erasing, pin: Pin, stamp: Stamp) -> None:
    """Blank one text of a record that lives on; of one that is gone there is none."""
    customs, around = erasing.records.customs, erasing.records.around
    module: Module = pin.kind

    def attempt() -> None:
        before = _read(erasing, pin)
        if before is None:
            return
        after = before.pin([pin.field], stamp)
        if after is before:
            return
        beside = customs.beside(module, pin.record_id, _described(before), _described(after))
        match before, after:
            case Account(), Account():
                around.accounts.save(after, beside)
            case Deal(), Deal():
                around.deals.save([after], beside)
            case Activity(), Activity():
                around.activities.save(before, after, beside)
            case Task(), Task():
                around.tasks.save(before, after, beside)

    again(attempt)


def _read(erasing: Erasing, pin: Pin) -> Lasting | None:
    around, ids = erasing.records.around, [pin.record_id]
    found: Mapping[str, Lasting] = {}
    match pin.kind:
        case "account":
            found = around.accounts.find_many(ids)
        case "deal":
            found = around.deals.find_many(ids)
        case "activity":
            found = around.activities.find_many(ids)
        case "task":
            found = around.tasks.find_many(ids)
    return found.get(pin.record_id)


def _described(record: Lasting) -> Any:
    """Return what holds the record's texts."""
    return getattr(record, record.DESCRIBED)


def _wait_for_indexes(erasing: Erasing, gone: Iterable[Contact]) -> None:
    """Raise IndexesLate unless no index shows these any more, within seconds."""
    contacts = erasing.records.contacts
    left = list(gone)
    for _ in range(_POLLS):
        left = [one for one in left if contacts.indexed(one)]
        if not left:
            return
        erasing.sleep(_PAUSE_SECONDS)
    raise IndexesLate
