"""The records of a CRM that a page could not store: kept with the reason, to be tried again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from stageline.domain.job_states import Records as Kind
from stageline.domain.jobs import ImportJob, Problem
from stageline.domain.records import RefusedRecord
from stageline.domain.sync import Refused
from stageline.use_cases.import_decisions import SUPPRESSED
from stageline.use_cases.import_pages import Records
from stageline.use_cases.import_people import erased_of
from stageline.use_cases.import_problems import Page


def problems_of(rows: Sequence[RefusedRecord]) -> list[Problem]:
    return [
        Problem(row.line, fault.field, fault.code, fault.message)
        for row in rows
        for fault in row.faults
    ]


def keep_refused(
    store: Records, job: ImportJob, page: Page, rows: Sequence[RefusedRecord], now: datetime
) -> None:
    """Keep what a page of a CRM refused (`rows` were before), and forget what it stored.

    Nothing that names somebody is kept of who was erased. Safe to repeat.
    """
    found = _of_page(job.records, page, now)
    found |= _of_rows(store, job.records, rows, now)
    refused = store.refused
    if not found and next(iter(refused.ids(job.records)), None) is None:
        return
    known = refused.find_many(job.records, [*page.rows, *found])
    # Since when is what it was.
    changed = [one for id_, one in found.items() if id_ not in known or _differs(known[id_], one)]
    if changed:
        refused.save(changed)
    stored = [id_ for id_ in known if id_ not in found]
    if stored:
        refused.clear(job.records, stored)


def _of_page(kind: Kind, page: Page, now: datetime) -> dict[str, Refused]:
    return {
        record_id: Refused(
            record_id=record_id,
            records=kind,
            external_id=None if one.code == SUPPRESSED else page.rows[record_id].external_id,
            field=one.column or "",
            code=one.code,
            message=one.message,
            seen_at=now,
        )
        for record_id, one in page.refused.items()
    }


def _of_rows(
    store: Records, kind: Kind, rows: Sequence[RefusedRecord], now: datetime
) -> dict[str, Refused]:
    named = [row.external_id for row in rows if row.external_id is not None]
    erased = erased_of(store, named) if kind == "contacts" and named else frozenset()
    found = {}
    for row in rows:
        fault, external_id = row.faults[0], row.external_id
        if external_id is None:
            # What has no id cannot be told from another one.
            record_id = store.identities.sign(f"without id {kind} {fault.field} {fault.code}")
        else:
            record_id = store.id_of(kind, external_id)
        found[record_id] = Refused(
            record_id=record_id,
            records=kind,
            external_id=None if record_id in erased else external_id,
            field=fault.field,
            code=fault.code,
            message=fault.message,
            seen_at=now,
        )
    return found


def _differs(before: Refused, after: Refused) -> bool:
    return replace(before, seen_at=after.seen_at) != after
