"""Storing one page of an import of contacts or activities: as `import_pages` does for deals.

What a row names may come in a later file: it lies where that will be, and is seen when it is there.
No stage depends on it, so there is nothing to settle; touches of accounts follow by the stream.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from stageline.domain import activity as activities
from stageline.domain import contact as contacts
from stageline.domain.activity import About, Activity, Happening, new_activity
from stageline.domain.contact import Contact, Person, linked, new_contact
from stageline.domain.errors import AlreadyExists, Invalid, Stale, Suppressed
from stageline.domain.jobs import ImportJob, PageResult, Problem, heading_of
from stageline.domain.person_records import ActivityRecord, ContactRecord
from stageline.record_ports import Contacts
from stageline.use_cases.contacts import store_contacts
from stageline.use_cases.import_decisions import SUPPRESSED, Decision, Import
from stageline.use_cases.import_pages import Records, existing, written

_PERSON = (
    "first_name",
    "last_name",
    "email",
    "phone",
    "job_title",
    "company_name",
    "owner_email",
)
_HAPPENING = ("kind", "occurred_at", "two_way", "subject", "text", "owner_email")
# A transaction takes 100 writes: a contact, its link and up to six of its identifiers, or an
# activity and three items beside it.
_CONTACTS_AT_ONCE = 12
_ACTIVITIES_AT_ONCE = 25


def decide_contact(
    deciding: Import,
    row: ContactRecord,
    contact_id: str,
    account_id: str | None,
    before: Contact | None,
    hash_: str,
) -> Decision[Contact]:
    """`account_id` is the account that the row names: the contact's links to others stay."""
    source = deciding.source(hash_)
    if before is not None:
        if before.erased_by is not None:
            return Decision("refused", before, faults=(_suppressed("external_id"),))
        if (outcome := deciding.settled(before, hash_, before.deleted)) is not None:
            return Decision(outcome, before, deciding.renewed(before, outcome))
        person, links = before.person, before.accounts
    else:
        person, links = Person(), ()
    if account_id is not None:
        held = next((link.roles for link in links if link.record_id == account_id), ())
        links = linked(links, account_id, held if row.roles is None else row.roles)
    person = replace(person, **row.said(*_PERSON))
    deals, pinned = (before.deals, before.pinned) if before else ((), ())
    found = tuple(contacts.faults(person, links, deals, pinned))
    if found:
        return Decision("refused", before, faults=found)
    if before is None:
        new = new_contact(
            contact_id,
            person,
            accounts=links,
            external_id=row.external_id,
            source=source,
            stamp=deciding.stamp,
        )
        return Decision("created", None, new)
    after = before.changed_to(
        person, accounts=links, deals=before.deals, source=source, stamp=deciding.stamp
    )
    return Decision("changed", before, replace(after, external_id=row.external_id, deleted=False))


def decide_activity(
    deciding: Import,
    row: ActivityRecord,
    activity_id: str,
    named: About,
    before: Activity | None,
    hash_: str,
) -> Decision[Activity]:
    """`named` is what the row names; what it does not name stays as it was."""
    source = deciding.source(hash_)
    said = row.said(*_HAPPENING)
    if before is None:
        happening = Happening(**{"two_way": row.kind == "meeting"} | said)
        about = named
    else:
        if before.erased:
            return Decision("refused", before, faults=(_suppressed("external_id"),))
        if (outcome := deciding.settled(before, hash_, before.deleted)) is not None:
            return Decision(outcome, before, deciding.renewed(before, outcome))
        happening = replace(before.happening, **said)
        about = About(
            named.account_id or before.about.account_id,
            named.deal_id or before.about.deal_id,
            named.contact_ids or before.about.contact_ids,
        )
    found = tuple(activities.faults(happening, about, deciding.today))
    if found:
        return Decision("refused", before, faults=found)
    if before is None:
        new = new_activity(
            activity_id,
            happening,
            about,
            external_id=row.external_id,
            source=source,
            stamp=deciding.stamp,
        )
        return Decision("created", None, new)
    after = before.changed_to(happening, about, source=source, stamp=deciding.stamp)
    external_id = None if "external_id" in before.pinned else row.external_id
    return Decision("changed", before, replace(after, external_id=external_id, deleted=False))


def store_contact_rows(
    store: Records, deciding: Import, rows: Sequence[ContactRecord]
) -> tuple[PageResult, Sequence[Problem]]:
    """Store what differs of these rows (nothing in a dry run), and say what became of them."""
    ids = {store.contact_id(row.external_id): row for row in rows}

    def decided(contact_ids: Iterable[str]) -> Iterator[tuple[str, Decision[Contact]]]:
        found = store.contacts.find_many(contact_ids)
        some = {
            contact_id: decide_contact(
                deciding,
                row,
                contact_id,
                _id_of(store.account_id, row.account_external_id),
                found.get(contact_id),
                store.hash_of(row),
            )
            for contact_id in contact_ids
            if (row := ids[contact_id])
        }
        kept_out = store.contacts.refused(
            (one.before, one.after) for one in some.values() if one.after is not None
        )
        for contact_id, decision in some.items():
            faults = tuple(_suppressed(field) for field in kept_out.get(contact_id, ()))
            if faults:
                decision = Decision("refused", decision.before, faults=faults)
            yield contact_id, decision

    def save(before: Contact, after: Contact) -> None:
        _store(store.contacts, [(before, after)])

    decisions = written(
        dict(store.owners.decided(decided(list(ids)))),
        lambda some: _store(store.contacts, [(None, one) for one in some]),
        save,
        lambda contact_id: next(store.owners.decided(decided([contact_id])))[1],
        deciding.job.dry_run,
        at_once=_CONTACTS_AT_ONCE,
    )
    if not deciding.job.dry_run:
        store.owners.look_again(decisions, store.contacts.find_many, save, deciding.stamp)
    accounts = {
        contact_id: [link.record_id for link in contact.accounts]
        for contact_id, decision in decisions.items()
        if (contact := decision.after or decision.before) is not None
    }
    counts = _counted(store, decisions, accounts)
    return PageResult(counts=counts), _problems(deciding.job, ids, decisions)


def store_activity_rows(
    store: Records, deciding: Import, rows: Sequence[ActivityRecord]
) -> tuple[PageResult, Sequence[Problem]]:
    """Store what differs of these rows (nothing in a dry run), and say what became of them."""
    ids = {store.activity_id(row.external_id): row for row in rows}

    def decided(activity_ids: Iterable[str]) -> Iterator[tuple[str, Decision[Activity]]]:
        found = store.activities.find_many(activity_ids)
        named_ids = {
            store.contact_id(external_id)
            for one in activity_ids
            if (external_id := ids[one].contact_external_id) is not None
        }
        of_before = {id_ for one in found.values() for id_ in one.about.contact_ids}
        erased = _erased(store, named_ids | of_before)
        for activity_id in activity_ids:
            row = ids[activity_id]
            contact_id = _id_of(store.contact_id, row.contact_external_id)
            named = About(
                _id_of(store.account_id, row.account_external_id),
                _id_of(store.deal_id, row.deal_external_id),
                () if contact_id is None else (contact_id,),
            )
            before = found.get(activity_id)
            with_whom = (*named.contact_ids, *(before.about.contact_ids if before else ()))
            if not erased.isdisjoint(with_whom):
                faults = (_suppressed("contact_external_id"),)
                yield activity_id, Decision("refused", before, faults=faults)
                continue
            yield (
                activity_id,
                decide_activity(deciding, row, activity_id, named, before, store.hash_of(row)),
            )

    decisions = written(
        dict(store.owners.decided(decided(list(ids)))),
        lambda some: store.activities.add(some),
        lambda before, after: store.activities.save(before, after),
        lambda activity_id: next(store.owners.decided(decided([activity_id])))[1],
        deciding.job.dry_run,
        at_once=_ACTIVITIES_AT_ONCE,
    )
    if not deciding.job.dry_run:
        activities_ = store.activities
        store.owners.look_again(decisions, activities_.find_many, activities_.save, deciding.stamp)
    accounts = {
        activity_id: [account_id] if (account_id := activity.about.account_id) else []
        for activity_id, decision in decisions.items()
        if (activity := decision.after or decision.before) is not None
    }
    counts = _counted(store, decisions, accounts)
    return PageResult(counts=counts), _problems(deciding.job, ids, decisions)


def _store(stored: Contacts, changes: Sequence[tuple[Contact | None, Contact]]) -> None:
    """Store contacts; for somebody who was erased meanwhile it is to be decided again."""
    try:
        store_contacts(stored, changes)
    except Suppressed as error:
        if changes[0][0] is None:
            raise AlreadyExists("decide again") from error
        raise Stale("contact") from error


def _erased(store: Records, ids: Iterable[str]) -> frozenset[str]:
    """Return those of these contacts who were erased."""
    found = store.contacts.find_many(ids)
    return frozenset(id_ for id_, one in found.items() if one.erased_by is not None)


def _suppressed(field: str) -> Invalid:
    return Invalid(field, SUPPRESSED, "this person was erased and is not stored again")


def _id_of(id_of: Callable[[str], str], external_id: str | None) -> str | None:
    return None if external_id is None else id_of(external_id)


def _counted[Stored](
    store: Records,
    decisions: Mapping[str, Decision[Stored]],
    accounts: Mapping[str, Sequence[str]],
) -> Counter[str]:
    """Count outcomes, and records without an account or with one that is not there yet."""
    counts: Counter[str] = Counter(decision.outcome for decision in decisions.values())
    named = {account_id for some in accounts.values() for account_id in some}
    known = existing(store.accounts.find_many(named))
    for some in accounts.values():
        counts["unassigned"] += not some
        counts["waiting"] += not known.issuperset(some)
    return counts


def _problems[Stored](
    job: ImportJob,
    rows: Mapping[str, ContactRecord] | Mapping[str, ActivityRecord],
    decisions: Mapping[str, Decision[Stored]],
) -> list[Problem]:
    return [
        _problem(job, rows[record_id].line, fault, was_stored=decision.before is not None)
        for record_id, decision in decisions.items()
        for fault in decision.faults
    ]


def _problem(job: ImportJob, line: int, fault: Invalid, *, was_stored: bool) -> Problem:
    code, detail = f"{fault.field}_{fault.reason}", fault.detail
    if fault.reason == SUPPRESSED:
        code = SUPPRESSED
    elif was_stored:
        code, detail = f"stored_{code}", f"with what was imported before: {detail}"
    return Problem(line, heading_of(job, fault.field), code, detail)
