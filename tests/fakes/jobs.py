"""Imports, their files and their queue in memory."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from stageline.adapters.dynamodb.keys import (
    Key,
    first_import_key,
    job_details_partition,
    job_key,
    job_page_key,
    job_problems_key,
)
from stageline.domain.errors import AlreadyExists, NotFound, Stale
from stageline.domain.job_states import FILE_INTEGRATION, Status, Step
from stageline.domain.jobs import (
    ImportJob,
    Link,
    PageResult,
    Problem,
    Tasks,
    UploadForm,
    Warned,
)
from stageline.domain.workspace import Workspace
from tests.fakes.memory import Memory, Put


class InMemoryJobs:
    def __init__(self, memory: Memory, workspace: Workspace) -> None:
        self._memory = memory
        self._workspace = workspace

    def add(self, job: ImportJob) -> None:
        try:
            key = self._key(job.job_id)
            self._memory.write("import", Put(key, job, lambda stored: stored is None))
        except Stale as error:
            raise AlreadyExists("an import with this identity exists") from error

    def get(self, job_id: str) -> ImportJob:
        job: ImportJob | None = self._memory.get(self._key(job_id))
        if job is None:
            raise NotFound("import")
        return job

    def latest(self, limit: int, before: str | None = None) -> Sequence[ImportJob]:
        jobs = sorted(self._all(), key=lambda job: (job.version, job.job_id), reverse=True)
        start = 0 if before is None else [job.job_id for job in jobs].index(before) + 1
        return jobs[start : start + limit]

    def unfinished_before(self, job: ImportJob) -> Iterator[ImportJob]:
        found = (other for other in self._all() if not other.is_finished)
        return (other for other in found if other.requested_at < job.requested_at)

    def begin(self, job_id: str, upload_tag: str, today: date, at: datetime) -> ImportJob:
        job = self.get(job_id)
        if job.status != "waiting" and (job.status, job.upload_tag) != ("reading", upload_tag):
            raise Stale("import")
        day, started_at = job.today or today, job.started_at or at
        begun = replace(
            job, status="reading", upload_tag=upload_tag, today=day, started_at=started_at
        )
        self._swap(job, begun)
        return begun

    def count_read(self, job_id: str, rows: int) -> None:
        job = self._reading(job_id)
        self._swap(job, replace(job, counts={**job.counts, "read": rows}))

    def refuse(self, job_id: str, problem: Problem, problems: int, at: datetime) -> None:
        job = self._reading(job_id)
        self._swap(
            job,
            replace(job, status="refused", refusal=problem, problems=problems, finished_at=at),
        )

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
        job = self._reading(job_id)
        read = replace(
            job,
            status="storing",
            counts={**job.counts, **counts},
            warnings=tuple(warnings),
            problems=problems,
            pages=pages,
            tasks=Tasks(1, pages),
            is_first=is_first,
        )
        self._swap(job, read)

    def claim_first(self, job: ImportJob) -> bool:
        of = None if job.integration == FILE_INTEGRATION else job.integration
        key = first_import_key(self._workspace, job.records, of)
        with suppress(Stale):
            put = Put(key, job.job_id, lambda stored: stored is None)
            self._memory.write("import", put)
        claimed: str = self._memory.get(key)
        return claimed == job.job_id

    def next_step(self, job: ImportJob, step: Step, tasks: Tasks, problems: int = 0) -> None:
        found = self._same_step(job)
        self._swap(
            found,
            replace(found, status=step, tasks=tasks, problems=found.problems + problems),
        )

    def mark_queued(self, job: ImportJob) -> None:
        found = self._same_step(job)
        self._swap(found, replace(found, tasks=replace(found.tasks, queued=True)))

    def finish(self, job: ImportJob, status: Status, at: datetime) -> None:
        found = self._same_step(job)
        self._swap(found, replace(found, status=status, finished_at=at))

    def page_result(self, job_id: str, step: Step, number: int) -> PageResult | None:
        found: PageResult | None = self._memory.get(self._page_key(job_id, number, step))
        return found

    def page_results(
        self, job_id: str, steps: Container[Step], pages: range | None = None
    ) -> Iterator[PageResult]:
        partition = job_details_partition(self._workspace, "import", job_id)
        self._memory.pause()
        for pair in sorted(pair for pair in self._memory.items if pair[0] == partition):
            if not pair[1].startswith("PAGE#"):
                continue
            _, number, what = pair[1].split("#")
            if what in steps and (pages is None or int(number) in pages):
                yield self._memory.items[pair]

    def finish_page(
        self,
        job: ImportJob,
        step: Step,
        number: int,
        result: PageResult,
        problems: Sequence[Problem] = (),
    ) -> None:
        found = self.get(job.job_id)
        if found.status != step or not found.tasks.first <= number <= found.tasks.last:
            raise Stale("import")
        counts = dict(found.counts)
        for name, count in result.counts.items():
            if count:
                counts[name] = counts.get(name, 0) + count
        counted = replace(
            found,
            counts=counts,
            problems=found.problems + len(problems),
            tasks=replace(found.tasks, done=found.tasks.done + 1),
        )
        self._memory.write(
            "import",
            Put(self._page_key(job.job_id, number, step), result, lambda stored: stored is None),
            Put(self._key(job.job_id), counted, lambda stored: stored is found),
            *(
                [Put(self._problems_key(job.job_id, number, 0), tuple(problems))]
                if problems
                else []
            ),
        )

    def save_links(self, job: ImportJob, number: int, links: Sequence[Link]) -> None:
        key = self._page_key(job.job_id, number, "links")
        self._memory.write("import", Put(key, tuple(links)))

    def links(self, job_id: str, number: int) -> Sequence[Link]:
        return self._memory.get(self._page_key(job_id, number, "links")) or ()

    def save_accounts(self, job: ImportJob, number: int, account_ids: Sequence[str]) -> None:
        key = self._page_key(job.job_id, number, "accounts")
        self._memory.write("import", Put(key, tuple(account_ids)))

    def save_tasks(self, job: ImportJob, first: int, pages: Sequence[Sequence[str]]) -> None:
        for number, ids in enumerate(pages, first):
            self.save_accounts(job, number, ids)

    def accounts(self, job_id: str, number: int) -> Sequence[str]:
        return self._memory.get(self._page_key(job_id, number, "accounts")) or ()

    def save_problems(
        self, job: ImportJob, page: int, problems: Sequence[Problem], first_part: int = 0
    ) -> int:
        if not problems:
            return first_part
        key = self._problems_key(job.job_id, page, first_part)
        self._memory.write("import", Put(key, tuple(problems)))
        return first_part + 1

    def problems(
        self, job_id: str, limit: int, after: str | None = None
    ) -> tuple[Sequence[Problem], str | None]:
        partition = job_details_partition(self._workspace, "import", job_id)
        pairs = sorted(pair for pair in self._memory.items if pair[0] == partition)
        found = [
            problem
            for pair in pairs
            if pair[1].startswith("PROBLEMS#")
            for problem in self._memory.items[pair]
        ]
        start = int(after or 0)
        more = start + limit < len(found)
        return found[start : start + limit], str(start + limit) if more else None

    def _all(self) -> Iterator[ImportJob]:
        self._memory.pause()
        return (item for item in list(self._memory.items.values()) if isinstance(item, ImportJob))

    def _reading(self, job_id: str) -> ImportJob:
        job = self.get(job_id)
        if job.status != "reading":
            raise Stale("import")
        return job

    def _same_step(self, job: ImportJob) -> ImportJob:
        found = self.get(job.job_id)
        place = (found.status, found.tasks.first, found.tasks.last)
        if place != (job.status, job.tasks.first, job.tasks.last):
            raise Stale("import")
        return found

    def _swap(self, before: ImportJob, after: ImportJob) -> None:
        key = self._key(before.job_id)
        self._memory.write("import", Put(key, after, lambda stored: stored is before))

    def _key(self, job_id: str) -> Key:
        return job_key(self._workspace, "import", job_id)

    def _page_key(self, job_id: str, number: int, what: str) -> Key:
        return job_page_key(self._workspace, "import", job_id, number, what)

    def _problems_key(self, job_id: str, page: int, part: int) -> Key:
        return job_problems_key(self._workspace, "import", job_id, page, part)


class InMemoryFiles:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.pages: dict[tuple[str, int], list[str]] = {}

    def upload_form(self, job_id: str, records: str, most_bytes: int, seconds: int) -> UploadForm:
        return UploadForm("https://bucket.example.com", {"key": job_id}, most_bytes)

    def save_page(self, job_id: str, number: int, lines: Iterable[str]) -> None:
        self._memory.pause()
        self.pages[job_id, number] = list(lines)

    def keep_page(self, job_id: str, number: int, lines: Sequence[str]) -> Sequence[str]:
        self._memory.pause()
        return self.pages.setdefault((job_id, number), list(lines))

    def page(self, job_id: str, number: int) -> Sequence[str]:
        self._memory.pause()
        if (job_id, number) not in self.pages:
            raise Stale("page")
        return self.pages[job_id, number]

    def delete_page(self, job_id: str, number: int) -> None:
        self._memory.pause()
        self.pages.pop((job_id, number), None)


class KeptPages:
    """The queue: what was sent waits in `messages`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.messages: list[tuple[str, Any, int]] = []

    def send(self, job_id: str, step: Step, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._memory.pause()
            self.messages.append((job_id, step, number))
