"""What imports of files need from the outside world, besides what `ports` has.

As there: bound to one workspace, every write conditional, `Stale` means decide again.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from stageline.domain.job_states import Status, Step
from stageline.domain.jobs import (
    ImportJob,
    Link,
    PageResult,
    Problem,
    Tasks,
    UploadForm,
    Warned,
)
from stageline.domain.records import Record


class Jobs(Protocol):
    """Imports, their pages and their problems. Every method may be repeated."""

    def add(self, job: ImportJob) -> None:
        """Store a new job. Raises AlreadyExists."""
        ...

    def get(self, job_id: str) -> ImportJob:
        """Raises NotFound."""
        ...

    def latest(self, limit: int, before: str | None = None) -> Sequence[ImportJob]:
        """Return jobs, those asked for last first, from after the job with id `before` on."""
        ...

    def unfinished_before(self, job: ImportJob) -> Iterator[ImportJob]:
        """Yield the unfinished jobs asked for in the two days before this one (late by ms)."""
        ...

    def begin(self, job_id: str, upload_tag: str, today: date, at: datetime) -> ImportJob:
        """Begin reading the upload, or go on reading the same one.

        Raises Stale when the job is past that, or reads another upload.
        """
        ...

    def count_read(self, job_id: str, rows: int) -> None:
        """Note how many rows were read so far. Raises Stale unless it is being read."""
        ...

    def refuse(self, job_id: str, problem: Problem, problems: int, at: datetime) -> None:
        """End a job that is being read; `problems` were found. Raises Stale for another."""
        ...

    def end_reading(
        self,
        job_id: str,
        counts: Mapping[str, int],
        warnings: Sequence[Warned],
        problems: int,
        pages: int,
        *,
        is_first: bool,
    ) -> None:
        """Go from reading to storing the pages 1 to `pages`. Raises Stale unless being read."""
        ...

    def claim_first(self, job: ImportJob) -> bool:
        """Tell whether the job is the first of its integration's records; told once, it stays."""
        ...

    def next_step(self, job: ImportJob, step: Step, tasks: Tasks, problems: int = 0) -> None:
        """Go on from the tasks of `job`, as read, to others; count problems found in between.

        Raises Stale when somebody else went on.
        """
        ...

    def mark_queued(self, job: ImportJob) -> None:
        """Note that the tasks of `job`, as read, were sent. Raises Stale when it went on."""
        ...

    def finish(self, job: ImportJob, status: Status, at: datetime) -> None:
        """Raises Stale when somebody else went on."""
        ...

    def page_result(self, job_id: str, step: Step, number: int) -> PageResult | None: ...

    def page_results(
        self, job_id: str, steps: Container[Step], pages: range | None = None
    ) -> Iterator[PageResult]:
        """Yield the results of these steps, by page: of these pages, or of all.

        One of very many ids comes in several.
        """
        ...

    def finish_page(
        self,
        job: ImportJob,
        step: Step,
        number: int,
        result: PageResult,
        problems: Sequence[Problem] = (),
    ) -> None:
        """Store what became of a page, and count it, together.

        Raises Stale for a page that was counted before or is none of the job's current step.
        """
        ...

    def save_links(self, job: ImportJob, number: int, links: Sequence[Link]) -> None: ...

    def links(self, job_id: str, number: int) -> Sequence[Link]: ...

    def save_accounts(self, job: ImportJob, number: int, account_ids: Sequence[str]) -> None:
        """Note the accounts that deals of a page are about to leave."""
        ...

    def save_tasks(self, job: ImportJob, first: int, pages: Sequence[Sequence[str]]) -> None:
        """Note the ids that each of these pages is about, from number `first` on."""
        ...

    def accounts(self, job_id: str, number: int) -> Sequence[str]:
        """Return what `save_accounts` or `save_tasks` noted of a page."""
        ...

    def save_problems(
        self, job: ImportJob, page: int, problems: Sequence[Problem], first_part: int = 0
    ) -> int:
        """Store problems without counting them, and return the number of the next part.

        The same parts of the same page replace themselves. Page 0 are those found while reading.
        """
        ...

    def problems(
        self, job_id: str, limit: int, after: str | None = None
    ) -> tuple[Sequence[Problem], str | None]:
        """Return up to `limit` problems after a place, and the place to go on after, if any."""
        ...


class Files(Protocol):
    """The bucket: what was uploaded, and the pages that a reader made of it."""

    def upload_form(self, job_id: str, records: str, most_bytes: int, seconds: int) -> UploadForm:
        """Return a form with which exactly this file may be posted, for that long."""
        ...

    def save_page(self, job_id: str, number: int, lines: Iterable[str]) -> None: ...

    def keep_page(self, job_id: str, number: int, lines: Sequence[str]) -> Sequence[str]:
        """Save a page unless there is one; return the lines of the one that is kept."""
        ...

    def page(self, job_id: str, number: int) -> Sequence[str]:
        """Raises Stale for a page that is no longer there: another worker was through with it."""
        ...

    def delete_page(self, job_id: str, number: int) -> None: ...


class Export(Protocol):
    """A file of records, read once."""

    def rows(self) -> Iterator[Record | Sequence[Problem]]:
        """Yield each row as a record, or as what is wrong with it. Raises FileRefused."""
        ...

    def warnings(self) -> Sequence[Warned]:
        """Return what was noticed besides; complete when `rows` is through."""
        ...


class PagesQueue(Protocol):
    def send(self, job_id: str, step: Step, numbers: Iterable[int]) -> None:
        """Ask workers for these pages; each at least once, in no order."""
        ...
