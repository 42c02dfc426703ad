"""Jobs that take longer than a request: the import of one file, its steps, counts and problems.

waiting (for the upload) → reading → storing → linking → settling → verifying → completed, or
completed_with_errors; a file that cannot be read at all: reading → refused.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from stageline.domain.job_states import FILE_INTEGRATION, FINISHED, Part, Records, Status
from stageline.domain.personal import Plain
from stageline.domain.stamp import Stamp


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row, or with `line` None the whole file, was refused. Quotes no content of the file.

    `line` counts from 1, the header is one; a row that spans lines has the number of its first.
    `column` is the heading as it stands in the file. `chain` are the ids of accounts in a circle.
    """

    line: int | None
    column: Plain | None
    code: Plain
    message: Plain
    chain: tuple[Plain, ...] = ()


@dataclass(frozen=True, slots=True)
class Warned:
    """What was noticed and refused nothing: how often, or which `columns` (as in the file)."""

    code: Plain
    message: Plain
    count: int
    columns: tuple[Plain, ...] = ()


@dataclass(frozen=True, slots=True)
class Tasks:
    """The pages of the current step: `first` up to and including `last`, and how many are done.

    `queued`: a message was sent for each. Levels of links that follow, as numbers of pages.
    `part`: of settling and verifying.
    """

    first: int
    last: int
    done: int = 0
    queued: bool = False
    levels: tuple[int, ...] = ()
    part: Part = "ledgers"

    @property
    def total(self) -> int:
        return self.last - self.first + 1


NO_TASKS = Tasks(first=1, last=0, queued=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportJob:
    """The import of one file, or of what a run read of a CRM.

    `today` is the day on which reading began, in the workspace's zone.
    `counts` are rows: read, refused, created, changed, unchanged, superseded (a newer import had
    been there), linked, unassigned (deals without account), waiting (for their account).
    `corrected` is what verifying had to write: 0, unless something else was changed meanwhile.
    `upload_tag` is the content tag of the file that is read: a second upload changes nothing.
    `is_first`: no import of such records came before, so it brings what had been so (backfill).
    `run_id`: of the run of a CRM's integration that the job is a part of; nothing is uploaded then.
    """

    job_id: Plain
    records: Records
    dry_run: bool
    mapping: Plain | None = field(repr=False)  # JSON; columns and codes only, never people
    requested_by: Plain
    requested_at: datetime
    upload_until: datetime
    status: Status = "waiting"
    upload_tag: Plain | None = None
    today: date | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    counts: Mapping[Plain, int] = field(default_factory=dict)
    problems: int = 0
    warnings: tuple[Warned, ...] = ()
    refusal: Problem | None = None
    pages: int = 0
    tasks: Tasks = NO_TASKS
    is_first: bool = False
    integration: Plain = FILE_INTEGRATION
    run_id: Plain | None = None

    @property
    def version(self) -> str:
        """The source version of what this job stores: older ones never overwrite newer ones."""
        return self.requested_at.isoformat(timespec="microseconds")

    @property
    def is_finished(self) -> bool:
        return self.status in FINISHED

    def stamp(self, at: datetime, *, in_job: bool = False) -> Stamp:
        """Return what says of a record that this job has changed it."""
        return Stamp(by=self.requested_by, request=self.job_id, at=at, in_job=in_job)


@dataclass(frozen=True, slots=True)
class Link:
    """The account `child_id` is to come under `parent_id` (None: under none), as `line` says.

    None as `line`: an earlier file said so, and the parent was not there then. `awaited_id`: the
    parent that the child awaits, where another one stands for that now.
    """

    child_id: Plain
    parent_id: Plain | None
    line: int | None
    awaited_id: Plain | None = None


@dataclass(frozen=True, slots=True)
class PageResult:
    """What became of one page. Ids only.

    `touched` accounts are to be settled; of ledgers, the groups whose value is next, of values the
    accounts whose row is. `created`, `awaited` (those of them that earlier files named as parents)
    and `links` are those of an accounts file.
    """

    counts: Mapping[Plain, int] = field(default_factory=dict)
    touched: Sequence[Plain] = ()
    created: Sequence[Plain] = ()
    awaited: Sequence[Plain] = ()
    links: Sequence[Link] = ()


class FileRefused(Exception):
    """The whole file cannot be imported, and `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class UploadForm:
    """A form for one upload: POST `fields` and then the file, as `file`, to `url`."""

    url: str = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)
    most_bytes: int


def heading_of(job: ImportJob, field: str) -> str:
    """Return the heading that the job's mapping, sound by then, gives a field.

    Rows of a CRM have none: our own name.
    """
    if job.run_id is not None:
        return field
    section = json.loads(job.mapping or "{}").get(job.records) or {}
    return str((section.get("columns") or {}).get(field) or field)
