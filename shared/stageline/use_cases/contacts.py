"""What callers do to contacts. Whoever stores one, an import too, calls `store_contacts`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

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
from stageline.domain.errors import AlreadyExists, NotFound
from stageline.domain.stamp import Source, Stamp
from stageline.record_ports import Contacts
from stageline.use_cases.again import again, expect_revision
from stageline.use_cases.related import Related

type Roles = Mapping[str, Iterable[Role]]
"""Roles by the id of the account or deal."""


def store_contacts(contacts: Contacts, changes: Sequence[tuple[Contact | None, Contact]]) -> None:
    """Store contacts: what each was before (None: it is new), and what it is.

    The new ones are stored together, and before the others. Raises AlreadyExists, Stale.
    """
    new = [after for before, after in changes if before is None]
    if new:
        contacts.add(new)
    for before, after in changes:
        if before is not None:
            contacts.save(before, after)


def create_contact(
    related: Related,
    contact_id: str,
    person: Person,
    *,
    accounts: Roles,
    deals: Roles,
    source: Source,
    stamp: Stamp,
) -> Contact:
    """Store a new contact; without an account it is a lead.

    Safe to repeat with the same `contact_id` and `source.hash`: returns the contact as it is.
    Raises AlreadyExists when the id was used for something else, Invalid.
    """
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
    try:
        store_contacts(related.contacts, [(None, contact)])
    except AlreadyExists:
        contact = related.contact(contact_id)
        if contact.source is None or contact.source.hash != source.hash:
            raise
    return contact


def change_contact(
    related: Related,
    contact_id: str,
    changes: Mapping[str, Any],
    *,
    expected: int | None,
    stamp: Stamp,
) -> Contact:
    """Change what is said of a person. What does not differ is not written.

    Raises NotFound, Stale, Invalid.
    """

    def changed(before: Contact) -> Contact:
        person = replace(before.person, **changes)
        return _changed(before, stamp, person=person)

    return _change(related, contact_id, expected, changed)


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
    related: Related, contact_id: str, *, expected: int | None, stamp: Stamp
) -> None:
    """Delete a contact with its links; activities keep its id. Raises NotFound, Stale."""
    _change(related, contact_id, expected, lambda before: before.gone(stamp))


def _change(
    related: Related,
    contact_id: str,
    expected: int | None,
    changed: Callable[[Contact], Contact],
) -> Contact:
    def attempt() -> Contact:
        before = related.contact(contact_id)
        expect_revision("contact", before.rev, expected)
        after = changed(before)
        if after is not before:
            if not after.deleted:
                _refuse_faults(after)
            store_contacts(related.contacts, [(before, after)])
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
    for fault in faults(contact.person, contact.accounts, contact.deals):
        raise fault
