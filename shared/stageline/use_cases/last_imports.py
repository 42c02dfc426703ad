"""Which file of each kind was imported last: shown beside how fresh stages are (S0.18)."""

from datetime import datetime

from stageline.domain.integration import LastImport
from stageline.domain.job_states import FILE_INTEGRATION, Status
from stageline.domain.jobs import ImportJob
from stageline.ports import Configuration


def note_import(
    configuration: Configuration, job: ImportJob, status: Status, completed_at: datetime
) -> None:
    """Keep a job that is about to end with `status`: the job itself is forgotten after 90 days.

    To be called before the job ends, so that who was cut off in between does it again. What brought
    nothing is not kept: a dry run, a file that was refused; nor what a run read of a CRM, which
    keeps its own account of that. Safe to repeat.
    """
    if job.integration != FILE_INTEGRATION or job.dry_run or status == "refused":
        return
    configuration.save_last_import(
        LastImport(
            integration=FILE_INTEGRATION,
            records=job.records,
            job_id=job.job_id,
            status=status,
            completed_at=completed_at,
        )
    )
