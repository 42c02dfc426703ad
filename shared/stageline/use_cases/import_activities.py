"""Storing one page of an import of activities: as `import_deals` does; see `import_people`."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from stageline.domain.account import Account
from stageline.domain.activity import About, Activity
from stageline.domain.jobs import PageResult
from stageline.domain.person_records import ActivityRecord
from stageline.domain.records import GoneRecord
from stageline.use_cases.import_custom import CustomRows
from stageline.use_cases.import_decisions import Decision, Import
from stageline.use_cases.import_gone import decide_gone, moved
from stageline.use_cases.import_pages import Records, by_id, written
from stageline.use_cases.import_people import counted, kept_out, of_integration
from stageline.use_cases.import_person_decisions import (
    decide_activity,
    named_ids,
    suppressed,
)
from stageline.use_cases.import_problems import Page, page_of


def store_activity_rows(
    store: Records, deciding: Import, rows: Sequence[ActivityRecord | GoneRecord]
) -> Page:
    """Store what differs of these rows (nothing in a dry run), and say what became of them."""
    ids = by_id(rows, store.activity_id)
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
        if deciding.job.run_id is not None:
            strangers = of_before.union(*whom.values()) - people.known.keys()
            erased |= kept_out(store, strangers)
        dropped = of_integration(store, people.known, of_before)
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

    custom = CustomRows(store.customs, "activity", ids)

    def final(activity_ids: Iterable[str]) -> Iterator[tuple[str, Decision[Activity]]]:
        return store.owners.decided(custom.decided(decided(activity_ids)))

    def save(before: Activity, after: Activity) -> None:
        described = before.happening, after.happening
        store.activities.save(
            before, after, store.beside("activity", after.activity_id, *described)
        )

    decisions = written(
        dict(final(list(ids))),
        store.activities.add,
        save,
        lambda activity_id: next(final([activity_id]))[1],
        deciding.job.dry_run,
        # Itself, where it lies, its touch, and an item of each contact.
        size=lambda one: 3 + len(one.about.contact_ids),
        beside=lambda one: store.beside_new("activity", one.activity_id, one.happening),
    )
    if not deciding.job.dry_run:
        store.owners.look_again(decisions, store.activities.find_many, save, deciding.stamp)
    accounts = {
        activity_id: [account_id] if (account_id := activity.about.account_id) else []
        for activity_id, decision in decisions.items()
        if (activity := decision.after or decision.before) is not None
        and not isinstance(ids[activity_id], GoneRecord)
    }
    counts = counted(store, decisions, accounts, known) + moved(deciding.job, ids, decisions)
    return page_of(PageResult(counts=counts), deciding.job, ids, decisions)


def _id_of(id_of: Callable[[str], str], external_id: str | None) -> str | None:
    return None if external_id is None else id_of(external_id)
