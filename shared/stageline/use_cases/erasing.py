"""Carrying out what the journal says of a part: each step may be cut off anywhere and repeated.

First the identifiers are kept out, then each contact becomes what is left of somebody erased, in
one transaction that nobody who is writing the person survives; then what was done with them, and
the texts that were ticked. Who was written just before under one of the identifiers, is found by
it.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from stageline.crm_ports import RefusedRecords
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
from stageline.use_cases.crm_erasures import CrmCommands
from stageline.use_cases.erasing_members import Members, carry_out_member, remaining_everywhere
from stageline.use_cases.erasing_refused import forget_refused, refused_left
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
    stream. `members`: for what is about members. `refused`: what each CRM's integration could not
    store. `crms` asks the CRMs that people came from. `is_restoring`: into another table, in which
    no request is open that could have claimed anybody.
    """

    records: PeoplesRecords
    pipeline: Callable[[], Stores]
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    members: Members | None = None
    refused: Callable[[], Iterable[RefusedRecords]] = tuple
    crms: CrmCommands | None = None
    is_restoring: bool = False


def carry_out(erasing: Erasing, entry: JournalEntry, shells: Mapping[str, str]) -> int:
    """Do what an entry of the journal says; return how many records that changed.

    Again does nothing but what is still to be done. `shells`: the ids of the anonymous contacts
    that take the places of the entry's. Raises Stale when somebody else is always first,
    IndexesLate.
    """
    if entry.member_ids:
        return carry_out_member(erasing, entry)
    contacts = erasing.records.contacts
    stamp = Stamp(entry.approved_by, entry.request_id, erasing.now())
    if entry.way == "mask_selected":
        masked = [one for id_ in entry.contact_ids for one in _mask(erasing, entry, id_, stamp)]
        _wait_for_indexes(erasing, masked)
        return len(masked)
    contacts.suppress(entry.identifiers, entry.request_id)
    gone: list[Contact] = []
    changed = 0
    contact_ids = (*entry.contact_ids, *sorted(_late(erasing, entry)))
    for contact_id in contact_ids:
        before, left = _erase(erasing, entry, contact_id, shells.get(contact_id), stamp)
        gone += before
        changed += len(before) + left
    identities = erasing.records.customs.identities
    changed += forget_refused(erasing.refused(), identities, contact_ids, gone)
    changed += sum(_pin(erasing, pin, stamp) for pin in entry.pins)
    if accounts := _of_lists(entry):
        refresh_rows(erasing.pipeline(), accounts, now=erasing.now())
    _wait_for_indexes(erasing, [one for one in gone if not one.deleted])
    return changed


def remaining(
    erasing: Erasing,
    entry: JournalEntry,
    links: Iterable[tuple[str, str, str]] = (),
    unique: Collection[str] = (),
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
    if unique:
        held = records.customs.fields.holders(dict.fromkeys(unique, ""))
        theirs = frozenset(entry.contact_ids)
        left["value of a unique field"] += sum(one in theirs for one in held.values())
    left["refused record of a CRM"] += refused_left(erasing.refused(), entry.contact_ids)
    left["identifier of a contact"] += len(_late(erasing, entry, claimed_too=True))
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


def _of_lists(entry: JournalEntry) -> list[str]:
    """Return the accounts whose list rows say something of what is erased."""
    return sorted({pin.record_id for pin in entry.pins if pin.kind == "account"})


def _rows_that_show_names(erasing: Erasing, account_ids: Sequence[str]) -> int:
    if not account_ids:
        return 0
    stores = erasing.pipeline()
    return sum(
        bool(row.name)
        for evaluator in stores.evaluators
        for row in stores.rows.rows(account_ids, evaluator.scheme.key).values()
    )


def _late(erasing: Erasing, entry: JournalEntry, *, claimed_too: bool = False) -> set[str]:
    """Return who else of these people has one of the identifiers: written just before these were
    kept out. Others may have one by now, too, and keep it.

    Whoever is claimed by somebody else is left to them, and still there (`claimed_too`); another
    part of the same request sees to its own.
    """
    records = erasing.records
    held = records.contacts.holders(entry.identifiers)
    ids = {id_ for ids in held.values() for id_ in ids}
    if not ids:
        return set()
    names = frozenset(entry.names)
    known = records.contacts.find_many(ids)
    theirs = set()
    for contact_id, one in known.items():
        hashes = records.hashing().names(one.person)
        if not hashes or not names.isdisjoint(hashes):
            theirs.add(contact_id)
    if erasing.is_restoring:
        return theirs
    for contact_id, (request_id, part) in records.erasures.claims(theirs).items():
        is_ours = request_id == entry.request_id
        if (is_ours and part != entry.part) or not (is_ours or claimed_too):
            theirs.discard(contact_id)
    return theirs


def _erase(
    erasing: Erasing, entry: JournalEntry, contact_id: str, shell_id: str | None, stamp: Stamp
) -> tuple[list[Contact], int]:
    """Erase one contact with what was done with it.

    Returns it as it was, if it was there, and how many records were changed besides.
    """
    contacts = erasing.records.contacts

    def attempt() -> list[Contact]:
        before = contacts.find_many([contact_id]).get(contact_id)
        if before is None:
            with suppress(AlreadyExists):
                contacts.add([tombstone(contact_id, entry.request_id, stamp)])
                return []
            raise Stale("contact")
        if before.erased_by is not None:
            return []
        if shell_id is not None and not before.deleted:
            with suppress(AlreadyExists):
                contacts.add([before.anonymous(shell_id, _anonymous(stamp))])
        if erasing.crms is not None:
            erasing.crms.command(before, stamp)
        beside = erasing.records.customs.beside("contact", contact_id, before.person, None)
        contacts.save(before, before.erased(entry.request_id, stamp), beside)
        return [before]

    before = again(attempt)
    # Of somebody who was deleted before there is no shell.
    place = shell_id if shell_id and contacts.find_many([shell_id]) else None
    around = erasing.records.around
    left = 0
    for _, activity in list(around.activities.of_contact(contact_id, None, 100)):
        left += _leave_activity(erasing, activity.activity_id, contact_id, place, stamp)
    for _, task in list(around.tasks.of_contact(contact_id, None, 100)):
        left += _leave_task(erasing, task.task_id, contact_id, place, stamp)
    return before, left


def _anonymous(stamp: Stamp) -> Stamp:
    """Return a stamp that leads to no request, and to no day."""
    month = stamp.at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Stamp(stamp.by, "anonymized", month)


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
    erasing: Erasing, activity_id: str, contact_id: str, place: str | None, stamp: Stamp
) -> bool:
    """Take a person from an activity, with what is about nobody else; tell whether they were."""
    records, activities = erasing.records, erasing.records.around.activities

    def attempt() -> bool:
        before = activities.find_many([activity_id]).get(activity_id)
        if before is None:
            return False
        others = [one for one in before.about.contact_ids if one not in (contact_id, place)]
        nobody = {
            id_
            for id_, one in (records.contacts.find_many(others) if others else {}).items()
            if one.is_anonymous or one.erased_by is not None
        }
        after = before.without(contact_id, place, shells=nobody, stamp=stamp)
        if after is before:
            return False
        described = before.happening, after.happening
        activities.save(before, after, records.customs.beside("activity", activity_id, *described))
        return True

    return again(attempt)


def _leave_task(
    erasing: Erasing, task_id: str, contact_id: str, place: str | None, stamp: Stamp
) -> bool:
    records, tasks = erasing.records, erasing.records.around.tasks

    def attempt() -> bool:
        before = tasks.find_many([task_id]).get(task_id)
        if before is None:
            return False
        after = before.without(contact_id, place, stamp=stamp)
        if after is before:
            return False
        beside = records.customs.beside("task", task_id, before.to_do, after.to_do)
        tasks.save(before, after, beside)
        return True

    return again(attempt)


def _pin(erasing: Erasing, pin: Pin, stamp: Stamp) -> bool:
    """Blank one text of a record that lives on, if it is there; tell whether it was not so."""
    customs, around = erasing.records.customs, erasing.records.around
    module: Module = pin.kind

    def attempt() -> bool:
        before = _read(erasing, pin)
        if before is None:
            return False
        after = before.pin([pin.field], stamp)
        if after is before:
            return False
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
        return True

    return again(attempt)


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
