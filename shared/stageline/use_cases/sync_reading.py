"""One page of a CRM: read it, keep its rows for the job that stores them, note where it ended.

Several workers may be at the same page, and any may die. The page as it was kept first is the page:
whoever comes later takes rows and place from there, so that no row falls between two answers of the
CRM that differ.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from stageline.crm_ports import CrmSource, RefusedRecords, SeenIds, SourcePage
from stageline.domain.errors import AlreadyExists
from stageline.domain.records import GoneRecord
from stageline.domain.sync import Reading, SyncRun
from stageline.import_ports import Files, Jobs
from stageline.use_cases.import_pages import Records
from stageline.use_cases.import_rows import note_merges
from stageline.use_cases.sync_missing import (
    all_known,
    external_ids,
    merged_in,
    not_seen,
    note_ids,
    noted_ids,
    refused_ids,
)
from stageline.use_cases.sync_opening import job_of


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading for one integration needs. `store` has its records."""

    source: CrmSource
    jobs: Jobs
    files: Files
    seen: SeenIds
    refused: RefusedRecords
    store: Records
    now: Callable[[], datetime]


def read_page(
    reader: Reader, run: SyncRun, reading: Reading, today: date
) -> tuple[Reading, timedelta | None]:
    """Read the next page of a part that is not through.

    Returns the reading after it, and how long to wait before the next. Raises CrmError, PlaceLost,
    NothingListed.
    """
    if reading.missing is None and run.mode in ("retry", "leave"):
        return _ask_for_ids(reader, run, reading, today), None
    page = _asked(reader, run, reading)
    place = page.place
    if page.rows:
        number = reading.pages + 1
        with suppress(AlreadyExists):
            reader.jobs.add(job_of(run, reading, today, reader.now()))
        first, *rows = reader.files.keep_page(reading.job_id, number, _lines(page))
        place = json.loads(first)["place"]
        _note_read(reader, reading, number, rows)
        reading = replace(reading, pages=number, rows=reading.rows + len(rows))
    if reading.missing is not None:
        reading = replace(reading, missing=reading.missing + 1)
        return _through(reading), page.wait
    reading = replace(reading, place=place)
    if place is not None:
        return reading, page.wait
    if reading.window.since is None:
        return _ask_for_ids(reader, run, reading, today), None
    return replace(reading, is_through=True), None


def _asked(reader: Reader, run: SyncRun, reading: Reading) -> SourcePage:
    records, line = reading.records, reading.rows + 1
    if reading.missing is None:
        return reader.source.page(records, reading.window, reading.place, line)
    noted = noted_ids(reader.jobs, reading.job_id, reading.missing)
    if run.mode == "retry":
        ids = refused_ids(reader.refused, records, noted)
    else:
        ids = external_ids(reader.store, records, noted)
    if run.mode in ("changes", "full"):
        # Who was refused may be gone, too.
        ids = list(dict.fromkeys((*ids, *refused_ids(reader.refused, records, noted))))
    if run.mode == "leave":
        gone = [GoneRecord(line=at, external_id=one) for at, one in enumerate(ids, line)]
        return SourcePage(gone, None)
    return SourcePage(reader.source.fetch(records, ids, line) if ids else (), None)


def _ask_for_ids(reader: Reader, run: SyncRun, reading: Reading, today: date) -> Reading:
    """Return the reading with pages of ids that are to be asked for, if there are any."""
    if run.mode == "retry":
        ids: Sequence[str] = list(reader.refused.ids(reading.records))
    elif run.mode == "leave":
        ids = all_known(reader.seen, reading.records)
    else:
        ids = not_seen(reader.seen, reading.records, reading.window.epoch)
    job = job_of(run, reading, today, reader.now())
    return _through(replace(reading, missing=0, missing_of=note_ids(reader.jobs, job, ids)))


def _through(reading: Reading) -> Reading:
    return replace(reading, is_through=reading.missing == reading.missing_of)


def _lines(page: SourcePage) -> list[str]:
    return [json.dumps({"place": page.place}), *(row.to_json() for row in page.rows)]


def _note_read(reader: Reader, reading: Reading, number: int, lines: Sequence[str]) -> None:
    """Keep our ids of the records that are there, and of those for which they stand."""
    store, kind, epoch = reader.store, reading.records, reading.window.epoch
    rows = [json.loads(line) for line in lines]
    gone = [GoneRecord(**row) for row in rows if row.get("is_gone")]
    note_merges(store, kind, gone)
    there = [row["external_id"] for row in rows if row["external_id"] and not row.get("is_gone")]
    merged = [row.external_id for row in gone if row.merged_into]
    name = f"{reading.job_id}-{number:07d}"
    for under, some in ((epoch, there), (merged_in(epoch), merged)):
        reader.seen.add(kind, under, name, [store.id_of(kind, one) for one in some])
