"""What callers do to contacts. Whoever stores one, an import too, calls `store_contacts`: the one
door, which nobody passes who was erased.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from stageline.domain.beside import NOTHING_BESIDE, Beside
from stageline.domain.contact import (
    Contact,
    Links,
    Person,
    Role,
    faults,
    linked,
    links_of,
    new_contact,
    unlinked,
)
from stageline.domain.errors import (
    AlreadyExists,
    Anonymized,
    NotFound,
    Stale,
    Suppressed,
)
from stageline.domain.stamp import Source, Stamp
from stageline.record_ports import Contacts
from stageline.use_cases.again import again, expect_revision
from stageline.use_cases.custom_values import Customs
from stageline.use_cases.related import Related

type Roles = Mapping[str, Iterable[Role]]
"""Roles by the id of the account or deal."""


def store_contacts(
    contacts: Contacts,
    changes: Sequence[tuple[Contact | None, Contact]],
    beside: Beside = NOTHING_BESIDE,
) -> None:
    """Store contacts: what each was before (None: it is new), and what it is.

    The new ones are stored together, and before the others. `beside`: of the only one. Raises
    AlreadyExists, Stale, and Suppressed when it was for somebody who was erased.
    """
    try:
        new = [after for before, after in changes if before is None]
        if new:
            contacts.add(new, beside)
        for before, after in changes:
            if before is not None:
                contacts.save(before, after, beside)
    except (AlreadyExists, Stale):
        for fields in contacts.refused(changes).values():
            raise Suppressed(fields) from None
        raise


def create_contact(
    related: Related,
    contact_id: str,
    person: Person,
    *,
    accounts: Roles,
    deals: Roles,
    customs: Customs,
    custom: Mapping[str, Any] | None = None,
    tags: Sequence[str] = (),
    source: Source,
    stamp: Stamp,
) -> Contact:
    """Store a new contact; without an account it is a lead. `custom` and `tags` as sent.

    Safe to repeat with the same `contact_id` and `source.hash`: returns the contact as it is.
    Raises AlreadyExists when the id was used for something else, Invalid, ValueNotUnique.
    """
    person = replace(person, **customs.new("contact", custom, tags))
    contact = new_contact(
        contact_id,
        person,
        accounts=links_of(accounts),
        deals=links_of(deals),
        source=source,
        stamp=stamp,
    )
    _refuse_faults(contact)
    related.check_accounts(accounts.keys(), "accounts")
    related.check_deals(deals.keys(), "deals")
    beside = customs.beside("contact", contact_id, None, person)

    def made() -> Contact | None:
        found = related.contacts.find_many([contact_id]).get(contact_id)
        if found is None:
            return None
        if found.erased_by is not None:
            raise Suppressed(["id"])
        return related.contact(contact_id)

    def write() -> None:
        store_contacts(related.contacts, [(None, contact)], beside)

    return customs.add("contact", contact, beside, write, made)


def change_contact(
    related: Related,
    contact_id: str,
    changes: Mapping[str, Any],
    *,
    customs: Customs,
    expected: int | None,
    stamp: Stamp,
) -> Contact:
    """Change what is said of a person. What does not differ is not written.

    `custom` is merged by key, `tags` are all of them, both as sent. Raises NotFound, Stale,
    Invalid, ValueNotUnique.
    """

    def changed(before: Contact) -> Contact:
        described = customs.changed("contact", before.person, changes, before.pinned)
        person = replace(before.person, **described)
        return _changed(before, stamp, person=person)

    return _change(related, contact_id, expected, changed, customs)


def link_account(
    related: Related,
    contact_id: str,
    account_id: str,
    roles: Iterable[Role],
    *,
    expected: int | None,
    stamp: Stamp,
) -> Contact:
    """Give a contact these roles on an account, whatever it had. Raises NotFound, Stale, Invalid.

    The first account makes a contact of a lead.
    """
    related.account(account_id)

    def changed(before: Contact) -> Contact:
        return _changed(before, stamp, accounts=linked(before.accounts, account_id, roles))

    return _change(related, contact_id, expected, changed)


def link_deal(
    related: Related,
    contact_id: str,
    deal_id: str,
    roles: Iterable[Role],
    *,
    expected: int | None,
    stamp: Stamp,
) -> Contact:
    """Give a contact these roles on a deal, whatever it had. Raises NotFound, Stale, Invalid."""
    related.deal(deal_id)

    def changed(before: Contact) -> Contact:
        return _changed(before, stamp, deals=linked(before.deals, deal_id, roles))

    return _change(related, contact_id, expected, changed)


def unlink_account(
    related: Related, contact_id: str, account_id: str, *, expected: int | None, stamp: Stamp
) -> Contact:
    """Take all roles on an account from a contact. Raises NotFound, also without link; Stale."""

    def changed(before: Contact) -> Contact:
        _expect_link(before.accounts, account_id, "account")
        return _changed(before, stamp, accounts=unlinked(before.accounts, account_id))

    return _change(related, contact_id, expected, changed)


def unlink_deal(
    related: Related, contact_id: str, deal_id: str, *, expected: int | None, stamp: Stamp
) -> Contact:
    """Take all roles on a deal from a contact. Raises NotFound, also without a link; Stale."""

    def changed(before: Contact) -> Contact:
        _expect_link(before.deals, deal_id, "deal")
        return _changed(before, stamp, deals=unlinked(before.deals, deal_id))

    return _change(related, contact_id, expected, changed)


def delete_contact(
    related: Related,
    contact_id: str,
    *,
    customs: Customs,
    expected: int | None,
    stamp: Stamp,
) -> None:
    """Delete a contact with its links; activities keep its id. Its unique values are free again.

    Raises NotFound, Stale.
    """
    _change(related, contact_id, expected, lambda before: before.gone(stamp), customs)


def _change(
    related: Related,
    contact_id: str,
    expected: int | None,
    changed: Callable[[Contact], Contact],
    customs: Customs | None = None,
) -> Contact:
    """Change a contact; without `customs`, neither custom values nor tags."""

    def attempt() -> Contact:
        before = related.contact(contact_id)
        expect_revision("contact", before.rev, expected)
        after = changed(before)
        if after is not before:
            if not after.deleted:
                if before.is_anonymous:
                    raise Anonymized
                _refuse_faults(after)
            if customs is None:
                store_contacts(related.contacts, [(before, after)])
            else:
                beside = customs.beside("contact", contact_id, before.person, after.person)
                customs.keep(
                    beside, lambda: store_contacts(related.contacts, [(before, after)], beside)
                )
        return after

    return again(attempt, expected=expected)


def _changed(
    before: Contact,
    stamp: Stamp,
    *,
    person: Person | None = None,
    accounts: Links | None = None,
    deals: Links | None = None,
) -> Contact:
    return before.changed_to(
        before.person if person is None else person,
        accounts=before.accounts if accounts is None else accounts,
        deals=before.deals if deals is None else deals,
        source=before.source,
        stamp=stamp,
    )


def _expect_link(links: Links, record_id: str, what: str) -> None:
    if all(link.record_id != record_id for link in links):
        raise NotFound(f"link to this {what}")


def _refuse_faults(contact: Contact) -> None:
    for fault in faults(contact.person, contact.accounts, contact.deals, contact.pinned):
        raise fault
