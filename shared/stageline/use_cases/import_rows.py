"""Storing a page of an import, whatever it is of."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from stageline.domain.job_states import Records as Kind
from stageline.domain.jobs import ImportJob, PageResult, Problem
from stageline.domain.person_records import ActivityRecord, ContactRecord
from stageline.domain.records import AccountRecord, DealRecord, GoneRecord, RefusedRecord
from stageline.use_cases.import_accounts import store_accounts
from stageline.use_cases.import_activities import store_activity_rows
from stageline.use_cases.import_contacts import store_contact_rows
from stageline.use_cases.import_deals import store_deals
from stageline.use_cases.import_decisions import Import
from stageline.use_cases.import_pages import Left, Records
from stageline.use_cases.import_refused import keep_refused, problems_of


def store_rows(
    store: Records, deciding: Import, lines: Sequence[str], left: Left
) -> tuple[PageResult, Sequence[Problem]]:
    """Store what differs of these rows (nothing in a dry run), and say what became of them."""
    job = deciding.job
    match job.records:
        case "accounts":
            accounts, refused = _read(job, lines, AccountRecord.from_json)
            note_merges(store, job.records, accounts)
            page = store_accounts(store, deciding, accounts, left)
        case "deals":
            deals, refused = _read(job, lines, DealRecord.from_json)
            page = store_deals(store, deciding, deals, left)
        case "contacts":
            contacts, refused = _read(job, lines, ContactRecord.from_json)
            note_merges(store, job.records, contacts)
            page = store_contact_rows(store, deciding, contacts)
        case "activities":
            activities, refused = _read(job, lines, ActivityRecord.from_json)
            page = store_activity_rows(store, deciding, activities)
    if job.run_id is not None and not job.dry_run:
        keep_refused(store, job, page, refused, deciding.stamp.at)
    counts = Counter(page.result.counts) + Counter(refused=len(refused))
    return replace(page.result, counts=counts), [*problems_of(refused), *page.problems]


def note_merges(store: Records, kind: Kind, rows: Iterable[object]) -> None:
    """Note what stands for merged accounts or contacts among the rows.

    To be called while they are being read: then it is known before the first page is stored. A
    page by itself is stored soundly without, but it may not see that a record which another page
    stores as a new one was made of one that is here. Safe to repeat.
    """
    gone = [row for row in rows if isinstance(row, GoneRecord) and row.merged_into is not None]
    if gone and kind == "accounts":
        store.merged_accounts.note(gone)
    elif gone and kind == "contacts":
        store.merged_contacts.note(gone)


def _read[Row](
    job: ImportJob, lines: Sequence[str], from_json: Callable[[str], Row]
) -> tuple[list[Row | GoneRecord], list[RefusedRecord]]:
    """Return the rows of a page, and those that were refused before; files have none of these."""
    rows: list[Row | GoneRecord] = []
    refused: list[RefusedRecord] = []
    for line in lines:
        said = {} if job.run_id is None else json.loads(line)
        if said.get("is_gone"):
            rows.append(GoneRecord.from_json(line))
        elif "faults" in said:
            refused.append(RefusedRecord.from_json(line))
        else:
            rows.append(from_json(line))
    return rows, refused
