"""What callers ask of imports: begin one, follow it, read why rows were refused.

What happens in between is in import_reading, import_pages, import_links and import_steps.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from stageline.domain.errors import AlreadyExists, Invalid, NotFound
from stageline.domain.job_states import RECORDS, STEPS, Records
from stageline.domain.jobs import ImportJob, Problem, UploadForm
from stageline.import_ports import Files, Jobs

# One reader has 15 minutes; a gibibyte takes it about half of that.
MOST_BYTES = 1024**3
UPLOAD_WITHIN = timedelta(hours=1)
_MOST_MAPPING_BYTES = 65_536
# The largest imports take hours, and few run at once.
_STUCK_AFTER = timedelta(hours=12)
_LATEST_LOOKED_AT = 50


def request_import(
    jobs: Jobs,
    files: Files,
    job_id: str,
    *,
    records: str,
    mapping: Mapping[str, Any] | None,
    dry_run: bool,
    requested_by: str,
    now: datetime,
) -> tuple[ImportJob, UploadForm]:
    """Return a new job that waits for a file of `records`, and the form to upload it with.

    `mapping` is the mapping file's content; it is checked with the file, and a wrong one refuses
    the job (`mapping_invalid`). `requested_by` is the subject of a token. Safe to repeat with the
    same `job_id`: returns the job as it is and a form. Raises AlreadyExists when the id was used
    for something else, Invalid.
    """
    if records not in RECORDS:
        raise Invalid("records", "unknown", f"records are one of {', '.join(RECORDS)}")
    try:
        text = None if mapping is None else _json(mapping)
    except ValueError as error:
        raise Invalid("mapping", "finite_number", "has numbers that are none") from error
    if text is not None and len(text.encode()) > _MOST_MAPPING_BYTES:
        raise Invalid("mapping", "too_large", "a mapping has at most 64 KiB")
    kind: Records = RECORDS[RECORDS.index(records)]
    job = ImportJob(
        job_id=job_id,
        records=kind,
        dry_run=dry_run,
        mapping=text,
        requested_by=requested_by,
        requested_at=now,
        upload_until=now + UPLOAD_WITHIN,
    )
    try:
        jobs.add(job)
    except AlreadyExists:
        asked = (kind, dry_run, text, requested_by)
        job = jobs.get(job_id)
        if (job.records, job.dry_run, job.mapping, job.requested_by) != asked:
            raise
    within = max(1, int((job.upload_until - now).total_seconds()))
    return job, files.upload_form(job_id, kind, MOST_BYTES, within)


def _json(mapping: Mapping[str, Any]) -> str:
    return json.dumps(mapping, ensure_ascii=False, sort_keys=True, allow_nan=False)


def get_import(jobs: Jobs, job_id: str) -> ImportJob:
    """Return the job. Raises NotFound."""
    return jobs.get(job_id)


def list_imports(
    jobs: Jobs, limit: int, after: str | None = None
) -> tuple[Sequence[ImportJob], str | None]:
    """Return up to `limit` jobs, those asked for last first, and what to go on after, if any.

    `after` is such a place: the id of the last job of the page before. Raises NotFound for one
    that is no job's id.
    """
    found = jobs.latest(limit + 1, after)
    page = found[:limit]
    return page, page[-1].job_id if len(found) > limit else None


def list_problems(
    jobs: Jobs, job_id: str, limit: int, after: str | None = None
) -> tuple[Sequence[Problem], str | None]:
    """Return up to `limit` problems of a job, and the place to go on after, if any.

    Those found while reading come first, by line. Raises NotFound.
    """
    jobs.get(job_id)
    return jobs.problems(job_id, limit, after)


def is_loading(jobs: Jobs, now: datetime) -> bool:
    """Tell whether an import has stored something and is still to settle it.

    One that began long ago is stuck: nobody has to wait for it.
    """
    return any(
        job.status in STEPS and job.started_at and now - job.started_at < _STUCK_AFTER
        for job in jobs.latest(_LATEST_LOOKED_AT)
    )


def is_unfinished(jobs: Jobs, job_id: str) -> bool:
    """Tell whether an import may still read its files; one that nobody knows any more does not."""
    try:
        return not jobs.get(job_id).is_finished
    except NotFound:
        return False


def import_document(job: ImportJob) -> dict[str, Any]:
    """Return a job as the API and the command show it: JSON-ready."""
    refusal = job.refusal
    return {
        "id": job.job_id,
        "kind": "import",
        "integration": job.integration,
        "records": job.records,
        "dry_run": job.dry_run,
        "status": job.status,
        "requested_by": job.requested_by,
        "requested_at": _instant(job.requested_at),
        "started_at": _instant(job.started_at),
        "finished_at": _instant(job.finished_at),
        "upload_until": _instant(job.upload_until),
        "counts": {name: job.counts.get(name, 0) for name in COUNTS},
        "problems": job.problems,
        "progress": _progress(job),
        "warnings": [
            {
                "code": warned.code,
                "message": warned.message,
                "count": warned.count,
                "columns": list(warned.columns),
            }
            for warned in job.warnings
        ],
        "refusal": problem_document(refusal) if refusal else None,
    }


COUNTS = (
    "read",
    "refused",
    "created",
    "changed",
    "unchanged",
    "superseded",
    "linked",
    "unassigned",
    "waiting",
    "corrected",
)


def problem_document(problem: Problem) -> dict[str, Any]:
    """Return a problem as the API and the command show it: JSON-ready."""
    document: dict[str, Any] = {
        "line": problem.line,
        "column": problem.column,
        "code": problem.code,
        "message": problem.message,
    }
    return document | ({"chain": list(problem.chain)} if problem.chain else {})


def _progress(job: ImportJob) -> dict[str, int]:
    """Return the pages of the file, and those of the current step and how many are done."""
    return {"pages": job.pages, "total": job.tasks.total, "done": job.tasks.done}


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat().replace("+00:00", "Z")
