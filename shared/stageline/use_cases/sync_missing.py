"""Records that were here and were not seen when everything was read: are they gone?

The CRM is asked for each of them by its id. Nobody is taken for gone because a list was short.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import batched

from stageline.crm_ports import RefusedRecords, SeenIds
from stageline.domain.job_states import Records
from stageline.domain.jobs import ImportJob
from stageline.import_ports import Jobs
from stageline.use_cases.import_gone import is_deleted
from stageline.use_cases.import_pages import Records as Stored

ASKED_AT_ONCE = 200
# Of pages of ids: beyond the numbers of pages of rows, which a job may have, too.
_FIRST = 9_000_000
_MERGED = "-merged"


class NothingListed(Exception):
    """The CRM lists no record at all of a kind of which there were some."""


def not_seen(seen: SeenIds, records: Records, epoch: str) -> Sequence[str]:
    """Return the ids known from before an epoch and not seen in it, in order.

    Takes some 100 bytes of memory for each id that was known. Raises NothingListed.
    """
    known = {
        bytes.fromhex(one)
        for other in seen.epochs(records)
        if other != epoch and not other.endswith(_MERGED)
        for one in seen.ids(records, other)
    }
    is_listed = False
    for one in seen.ids(records, epoch):
        is_listed = True
        known.discard(bytes.fromhex(one))
    for one in seen.ids(records, merged_in(epoch)):
        # To ask for them would bring the same rows once more.
        known.discard(bytes.fromhex(one))
    if known and not is_listed:
        raise NothingListed
    return sorted(map(bytes.hex, known))


def merged_in(epoch: str) -> str:
    """Return under what is kept who was seen to be merged away in an epoch."""
    return f"{epoch}{_MERGED}"


def held(
    seen: SeenIds, store: Stored, refused: RefusedRecords, records: Records, epoch: str
) -> int:
    """Return how many of the records that the CRM has are here, when all there is was read."""
    there = set(seen.ids(records, epoch))
    known = (one for one in refused.ids(records) if one in there)
    return len(there) - _not_here(store, records, known)


def all_known(seen: SeenIds, records: Records) -> Sequence[str]:
    """Return the ids of all records that were seen, in order."""
    return sorted({one for epoch in seen.epochs(records) for one in seen.ids(records, epoch)})


def note_ids(jobs: Jobs, job: ImportJob, ids: Iterable[str]) -> int:
    """Note ids in pages, for the job to ask for; return how many pages. Again does the same."""
    pages = list(batched(ids, ASKED_AT_ONCE, strict=False))
    jobs.save_tasks(job, _FIRST, pages)
    return len(pages)


def noted_ids(jobs: Jobs, job_id: str, page: int) -> Sequence[str]:
    """Return the ids of a page, from 0 on."""
    return jobs.accounts(job_id, _FIRST + page)


def external_ids(store: Stored, records: Records, ids: Sequence[str]) -> Sequence[str]:
    """Return how the CRM calls those of our records that it had until now."""
    found: Mapping[str, str | None]
    match records:
        case "accounts":
            accounts = store.merged_accounts.here(ids)
            found = {
                id_: one.external_id
                for id_, one in accounts.items()
                if one.said_in_crm and not is_deleted(one)
            }
        case "deals":
            deals = store.deals.find_many(ids)
            found = {id_: one.external_id for id_, one in deals.items() if one.status != "gone"}
        case "contacts":
            contacts = store.merged_contacts.here(ids)
            found = {
                id_: one.external_id
                for id_, one in contacts.items()
                if not one.deleted and one.erased_by is None
            }
        case "activities":
            activities = store.activities.find_many(ids)
            found = {id_: one.external_id for id_, one in activities.items() if not one.deleted}
    return [found_id for id_ in ids if (found_id := found.get(id_)) is not None]


def not_stored(store: Stored, refused: RefusedRecords, records: Records) -> int:
    """Return how many refused records are not here; of others an older state is."""
    return _not_here(store, records, refused.ids(records))


def _not_here(store: Stored, records: Records, ids: Iterable[str]) -> int:
    return sum(
        len(some) - len(external_ids(store, records, some))
        for some in batched(ids, ASKED_AT_ONCE, strict=False)
    )


def refused_ids(refused: RefusedRecords, records: Records, ids: Sequence[str]) -> Sequence[str]:
    """Return how the CRM calls those of these records that are still refused."""
    found = refused.find_many(records, ids)
    return [
        external_id
        for id_ in ids
        if (one := found.get(id_)) is not None and (external_id := one.external_id) is not None
    ]
