"""Contacts have their age begin anew: somebody has a reason to keep their data (S2.41)."""

from collections.abc import Iterable, Mapping
from typing import Literal

from stageline.domain.contact import Contact
from stageline.domain.errors import Anonymized, ErasureOpen, Stale
from stageline.domain.stamp import Stamp
from stageline.record_ports import Contacts
from stageline.use_cases.again import again, expect_revision
from stageline.use_cases.related import Related

type Outcome = Literal["touched", "not_found", "anonymized", "erasure_open"]


def touch_contact(
    related: Related, contact_id: str, reason: str, *, expected: int | None, stamp: Stamp
) -> Contact:
    """Have the age of a contact begin now; again does so again.

    Raises NotFound, Stale, Anonymized, ErasureOpen.
    """

    def attempt() -> Contact:
        before = related.contact(contact_id)
        expect_revision("contact", before.rev, expected)
        if before.is_anonymous:
            raise Anonymized
        return _touched(related.contacts, before, reason, stamp)

    return again(attempt, expected=expected)


def touch_contacts(
    contacts: Contacts, contact_ids: Iterable[str], reason: str, stamp: Stamp
) -> Mapping[str, Outcome]:
    """Have the age of each of these begin now, or say why it does not.

    Raises Stale when others are writing one of them all the time; do it again.
    """
    ids = list(dict.fromkeys(contact_ids))
    found, is_open = contacts.find_many(ids), contacts.open_erasures(ids)
    outcomes: dict[str, Outcome] = {
        one: _refused(found.get(one)) or ("erasure_open" if one in is_open else "touched")
        for one in ids
    }
    changes = [
        (before, before.touched(reason, stamp))
        for contact_id, before in found.items()
        if outcomes[contact_id] == "touched"
    ]
    for index in contacts.touch(changes):
        contact_id = changes[index][0].contact_id
        outcomes[contact_id] = _touched_alone(contacts, contact_id, reason, stamp)
    return outcomes


def _touched_alone(contacts: Contacts, contact_id: str, reason: str, stamp: Stamp) -> Outcome:
    def attempt() -> Outcome:
        # It is stored: what was deleted keeps its item.
        before = contacts.find_many([contact_id])[contact_id]
        refused = _refused(before)
        if refused is None:
            _touched(contacts, before, reason, stamp)
        return refused or "touched"

    try:
        return again(attempt)
    except ErasureOpen:
        return "erasure_open"


def _touched(contacts: Contacts, before: Contact, reason: str, stamp: Stamp) -> Contact:
    after = before.touched(reason, stamp)
    if contacts.touch([(before, after)]):
        for request_id in contacts.open_erasures([before.contact_id]).values():
            raise ErasureOpen(request_id)
        raise Stale("contact")
    return after


def _refused(contact: Contact | None) -> Outcome | None:
    if contact is None or contact.deleted:
        return "not_found"
    return "anonymized" if contact.is_anonymous else None
