"""Storing one page of an import of contacts or activities: as `import_pages` does for deals.

What a row names may come in a later file: it lies where that will be, and is seen when it is there.
No stage depends on it, so there is nothing to settle; touches of accounts follow by the stream.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from stageline.domain.account import Account
from stageline.domain.activity import About, Activity
from stageline.domain.beside import NOTHING_BESIDE, Beside
from stageline.domain.contact import Contact
from stageline.domain.errors import AlreadyExists, Stale, Suppressed
from stageline.domain.jobs import PageResult, Problem
from stageline.domain.person_records import ActivityRecord, ContactRecord
from stageline.domain.records import GoneRecord
from stageline.record_ports import Contacts
from stageline.use_cases.contacts import store_contacts
from stageline.use_cases.import_decisions import Decision, Import
from stageline.use_cases.import_gone import decide_gone, moved, taken_over
from stageline.use_cases.import_pages import Records, existing, written
from stageline.use_cases.import_person_decisions import (
    Named,
    decide_activity,
    decide_contact,
    named_ids,
    names_all,
    suppressed,
)
from stageline.use_cases.import_problems import problems_of

_IDENTIFIERS = 6


def store_contact_rows(
    store: Records, deciding: Import, rows: Sequence[ContactRecord | GoneRecord]
) -> tuple[PageResult, Sequence[Problem]]:
    """Store what differs of these rows (nothing in a dry run), and say what became of them."""
    ids = {store.contact_id(row.external_id): row for row in rows}
    merged = store.merged_contacts
    known: dict[str, Account] = {}

    def decided(contact_ids: Iterable[str]) -> Iterator[tuple[str, Decision[Contact]]]:
        found = merged.own(ids[contact_id].external_id for contact_id in contact_ids)
        winners = merged.standing(found.merged)
        erased = {
            id_
            for id_, place in winners.ids.items()
            if place in winners.known and winners.known[place].erased_by is not None
        }
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
        own = _of_integration(store, standing.known, {standing.ids[one] for one in left})
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

    def save(before: Contact, after: Contact) -> None:
        beside = store.beside("contact", after.contact_id, before.person, after.person)
        _store(store.contacts, [(before, after)], beside)

    decisions = written(
        dict(store.owners.decided(decided(list(ids)))),
        lambda some: _store(store.contacts, [(None, one) for one in some]),
        save,
        lambda contact_id: next(store.owners.decided(decided([contact_id])))[1],
        deciding.job.dry_run,
        size=lambda one: 1 + len(one.accounts) + len(one.deals) + _IDENTIFIERS,
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
    counts = _counted(store, decisions, accounts, known) + moved(deciding.job, ids, decisions)
    return PageResult(counts=counts), problems_of(deciding.job, ids, decisions)


def store_activity_rows(
    store: Records, deciding: Import, rows: Sequence[ActivityRecord | GoneRecord]
) -> tuple[PageResult, Sequence[Problem]]:
    """Store what differs of these rows (nothing in a dry run), and say what became of them."""
    ids = {store.activity_id(row.external_id): row for row in rows}

    known: dict[str, Account] = {}

    def decided(activity_ids: Iterable[str]) -> Iterator[tuple[str, Decision[Activity]]]:
        found = store.activities.find_many(activity_ids)
        whom = {
            id_: tuple(map(store.contact_id, named_ids(row)))
            for id_ in activity_ids
            if not isinstance(row := ids[id_], GoneRecord)
        }
        of_before = {id_ for one in found.values() for id_ in one.about.contact_ids}
        people = store.merged_contacts.standing(of_before.union(*whom.values()))
        erased = {id_ for id_, one in people.known.items() if one.erased_by is not None}
        dropped = _of_integration(store, people.known, of_before)
        companies = store.merged_accounts.standing(
            store.account_id(row.account_external_id)
            for id_ in whom
            if not isinstance(row := ids[id_], GoneRecord) and row.account_external_id is not None
        )
        known.update(companies.known)
        for activity_id in activity_ids:
            row, before = ids[activity_id], found.get(activity_id)
            if isinstance(row, GoneRecord):
                yield activity_id, decide_gone(deciding, before, store.hash_of(row))
                continue
            about_whom = _id_of(store.account_id, row.account_external_id)
            named = About(
                None if about_whom is None else companies.ids[about_whom],
                _id_of(store.deal_id, row.deal_external_id),
                tuple(dict.fromkeys(people.ids[one] for one in whom[activity_id])),
            )
            redirected = people.redirected(whom[activity_id])
            redirected += companies.redirected([] if about_whom is None else [about_whom])
            hash_ = store.hash_of(row, redirected)
            before_ids = before.about.contact_ids if before else ()
            with_whom = {*whom[activity_id], *named.contact_ids, *before_ids}
            if not erased.isdisjoint(with_whom):
                faults = (suppressed("contact_external_id"),)
                yield activity_id, Decision("refused", before, faults=faults)
                continue
            yield (
                activity_id,
                decide_activity(deciding, row, activity_id, named, before, hash_, dropped),
            )

    def save(before: Activity, after: Activity) -> None:
        described = before.happening, after.happening
        store.activities.save(
            before, after, store.beside("activity", after.activity_id, *described)
        )

    decisions = written(
        dict(store.owners.decided(decided(list(ids)))),
        lambda some: store.activities.add(some),
        save,
        lambda activity_id: next(store.owners.decided(decided([activity_id])))[1],
        deciding.job.dry_run,
        # Itself, where it lies, its touch, and an item of each contact.
        size=lambda one: 3 + len(one.about.contact_ids),
    )
    if not deciding.job.dry_run:
        store.owners.look_again(decisions, store.activities.find_many, save, deciding.stamp)
    accounts = {
        activity_id: [account_id] if (account_id := activity.about.account_id) else []
        for activity_id, decision in decisions.items()
        if (activity := decision.after or decision.before) is not None
        and not isinstance(ids[activity_id], GoneRecord)
    }
    counts = _counted(store, decisions, accounts, known) + moved(deciding.job, ids, decisions)
    return PageResult(counts=counts), problems_of(deciding.job, ids, decisions)


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


def _of_integration(
    store: Records, found: Mapping[str, Account] | Mapping[str, Contact], ids: Iterable[str]
) -> frozenset[str]:
    """Return those of the ids that are of the rows' integration, or linked with one of it.

    What is not there was named by it: only its rows come before what they name.
    """
    known: Mapping[str, Account | Contact] = found

    def is_own(record_id: str) -> bool:
        if record_id not in known:
            return True
        one = known[record_id]
        linked = one.linked if isinstance(one, Account) else ()
        sources = {link.integration for link in linked}
        if one.source is not None:
            sources.add(one.source.integration)
        return store.integration in sources

    return frozenset(filter(is_own, ids))


def _id_of(id_of: Callable[[str], str], external_id: str | None) -> str | None:
    return None if external_id is None else id_of(external_id)


def _counted[Stored](
    store: Records,
    decisions: Mapping[str, Decision[Stored]],
    accounts: Mapping[str, Sequence[str]],
    read: Mapping[str, Account],
) -> Counter[str]:
    """Count outcomes, and records without an account or with one that is not there yet."""
    counts: Counter[str] = Counter(decision.outcome for decision in decisions.values())
    named = {account_id for some in accounts.values() for account_id in some}
    known = existing({**read, **store.accounts.find_many(named - read.keys())})
    for some in accounts.values():
        counts["unassigned"] += not some
        counts["waiting"] += not known.issuperset(some)
    return counts
