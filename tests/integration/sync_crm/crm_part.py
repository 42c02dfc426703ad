"""What a run has read of a CRM, stored as on AWS."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import batched, count
from typing import Any

from stageline import bootstrap
from stageline.domain.jobs import ImportJob
from stageline.use_cases.import_steps import go_on
from stageline.use_cases.imports import UPLOAD_WITHIN
from tests.integration.sync_crm.machine import Machine

CRM = "crm"
_ROWS_IN_A_PAGE = 50
_numbers = count(1_000_000)


def store(machine: Machine, records: Any, rows: Sequence[Any], integration: str = CRM) -> ImportJob:
    """Store these rows to their end, and return the job."""
    machine.clock.pass_by(timedelta(seconds=1))
    now = machine.clock.now()
    jobs, files = bootstrap.jobs(machine.workspace), bootstrap.files(machine.workspace)
    job = ImportJob(
        job_id=f"{next(_numbers):032x}",
        records=records,
        dry_run=False,
        mapping=None,
        requested_by="somebody",
        requested_at=now,
        upload_until=now + UPLOAD_WITHIN,
        integration=integration,
        run_id="run",
    )
    jobs.add(job)
    begun = jobs.begin(job.job_id, "run", now.date(), now)
    pages = 0
    for pages, page in enumerate(batched(rows, _ROWS_IN_A_PAGE, strict=False), 1):
        files.save_page(job.job_id, pages, [row.to_json() for row in page])
    is_first = jobs.claim_first(begun)
    jobs.end_reading(job.job_id, {"read": len(rows)}, (), 0, pages, is_first=is_first)
    go_on(bootstrap.imports(machine.workspace), job.job_id)
    machine.pump()
    return jobs.get(job.job_id)
