"""Storing one page of an import of contacts: as `import_deals` does; see `import_people`."""

from collections.abc import Iterable, Iterator, Sequence

from stageline.domain.account import Account
from stageline.domain.beside import NOTHING_BESIDE, Beside
from stageline.domain.contact import Contact
from stageline.domain.errors import AlreadyExists, Stale, Suppressed
from stageline.domain.jobs import PageResult
from stageline.domain.person_records import ContactRecord
from stageline.domain.records import GoneRecord
from stageline.record_ports import Contacts
from stageline.use_cases.contacts import store_contacts
from stageline.use_cases.import_custom import CustomRows
from stageline.use_cases.import_decisions import Decision, Import
from stageline.use_cases.import_gone import decide_gone, moved, taken_over
from stageline.use_cases.import_pages import Records, by_id, written
from stageline.use_cases.import_people import counted, erased_among, of_integration
from stageline.use_cases.import_person_decisions import (
    Named,
    decide_contact,
    named_ids,
    names_all,
    suppressed,
)
from stageline.use_cases.import_problems import Page, page_of

_IDENTIFIERS = 6


def store_contact_rows(
    store: Records, deciding: Import, rows: Sequence[ContactRecord | GoneRecord]
) -> Page:
    """Store what differs of these rows (nothing in a dry run), and say what became of them."""
    ids = by_id(rows, store.contact_id)
    merged = store.merged_contacts
    known: dict[str, Account] = {}

    def decided(contact_ids: Iterable[str]) -> Iterator[tuple[str, Decision[Contact]]]:
        found = merged.own(ids[contact_id].external_id for contact_id in contact_ids)
        erased = erased_among(merged, found)
        some: dict[str, Decision[Contact]] = {}
        told: dict[str, ContactRecord] = {}
        for contact_id in contact_ids:
            row, before = ids[contact_id], found.of(contact_id)
            if isinstance(row, GoneRecord):
                winner = merged.winner(row, contact_id if before is None else before.contact_id)
                some[contact_id] = decide_gone(deciding, before, store.hash_of(row), winner)
            elif contact_id in found.others:
                some[contact_id] = taken_over()
            elif contact_id in erased:
                left_out = (suppressed("external_id"),)
                some[contact_id] = Decision("refused", before, faults=left_out)
            else:
                told[contact_id] = row
        named = {id_: tuple(map(store.account_id, named_ids(row))) for id_, row in told.items()}
        left = {
            link.record_id
            for id_, row in told.items()
            if names_all(row) and (before := found.of(id_)) is not None
            for link in before.accounts
        }
        standing = store.merged_accounts.standing(left.union(*named.values()))
        own = of_integration(store, standing.known, {standing.ids[one] for one in left})
        known.update(standing.known)
        some |= {
            contact_id: decide_contact(
                deciding,
                row,
                contact_id,
                Named(
                    tuple(dict.fromkeys(standing.ids[one] for one in named[contact_id])),
                    own.difference(standing.ids[one] for one in named[contact_id])
                    if names_all(row)
                    else (),
                    standing.ids,
                ),
                found.of(contact_id),
                store.hash_of(row, standing.redirected(named[contact_id])),
            )
            for contact_id, row in told.items()
        }
        kept_out = store.contacts.refused(
            (one.before, one.after) for one in some.values() if one.after is not None
        )
        for contact_id, decision in some.items():
            faults = tuple(suppressed(field) for field in kept_out.get(contact_id, ()))
            if faults:
                decision = Decision("refused", decision.before, faults=faults)
            yield contact_id, decision

    custom = CustomRows(store.customs, "contact", ids)

    def final(contact_ids: Iterable[str]) -> Iterator[tuple[str, Decision[Contact]]]:
        return store.owners.decided(custom.decided(decided(contact_ids)))

    def save(before: Contact, after: Contact) -> None:
        beside = store.beside("contact", after.contact_id, before.person, after.person)
        _store(store.contacts, [(before, after)], beside)

    decisions = written(
        dict(final(list(ids))),
        lambda some, beside: _store(store.contacts, [(None, one) for one in some], beside),
        save,
        lambda contact_id: next(final([contact_id]))[1],
        deciding.job.dry_run,
        size=lambda one: 1 + len(one.accounts) + len(one.deals) + _IDENTIFIERS,
        beside=lambda one: store.beside_new("contact", one.contact_id, one.person),
    )
    if not deciding.job.dry_run:
        stored = {
            contact.contact_id: one
            for one in decisions.values()
            if (contact := one.after or one.before) is not None
        }
        store.owners.look_again(stored, store.contacts.find_many, save, deciding.stamp)
    accounts = {
        contact_id: [link.record_id for link in contact.accounts]
        for contact_id, decision in decisions.items()
        if (contact := decision.after or decision.before) is not None
        and not isinstance(ids[contact_id], GoneRecord)
    }
    counts = counted(store, decisions, accounts, known) + moved(deciding.job, ids, decisions)
    return page_of(PageResult(counts=counts), deciding.job, ids, decisions)


def _store(
    stored: Contacts,
    changes: Sequence[tuple[Contact | None, Contact]],
    beside: Beside = NOTHING_BESIDE,
) -> None:
    """Store contacts; for somebody who was erased meanwhile it is to be decided again."""
    try:
        store_contacts(stored, changes, beside)
    except Suppressed as error:
        if changes[0][0] is None:
            raise AlreadyExists("decide again") from error
        raise Stale("contact") from error
