"""Imports in DynamoDB: a job, the results of its pages, its problems."""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import batched, islice
from typing import Any

from stageline.adapters.dynamodb.job_items import (
    COUNT_PREFIX,
    expires_at,
    job_from_item,
    job_values,
    links_from,
    links_value,
    problem_from,
    problem_value,
    result_from_item,
    result_values,
    tasks_values,
    warnings_value,
)
from stageline.adapters.dynamodb.keys import (
    PAGES_PREFIX,
    PROBLEMS_PREFIX,
    Key,
    first_import_key,
    job_details_partition,
    job_index,
    job_key,
    job_page_key,
    job_partition,
    job_problems_key,
)
from stageline.adapters.dynamodb.table import (
    MOST_IN_A_TRANSACTION,
    ConditionFailed,
    Table,
    Write,
)
from stageline.domain.errors import AlreadyExists, NotFound, Stale
from stageline.domain.job_states import FILE_INTEGRATION, Status, Step
from stageline.domain.jobs import (
    ImportJob,
    Link,
    PageResult,
    Problem,
    Tasks,
    Warned,
)
from stageline.domain.workspace import Workspace

_KIND = "import"
_KEPT_DAYS = 90
_LOOKED_BACK = timedelta(days=2)
_LINKS, _ACCOUNTS = "links", "accounts"
# An id takes some 40 bytes, an item holds 400 KB.
_IDS_IN_AN_ITEM = 5_000
# A problem takes up to about 500 bytes, an item holds 400 KB.
_PROBLEMS_IN_A_PART = 200


class DynamoDbJobs:
    """The port `Jobs`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace
        self._key = partial(job_key, workspace, _KIND)
        self._page_key = partial(job_page_key, workspace, _KIND)
        self._problems_key = partial(job_problems_key, workspace, _KIND)

    def add(self, job: ImportJob) -> None:
        item = job_values(job) | self._key(job.job_id)
        item |= job_index(self._workspace, _KIND, job.job_id, job.version)
        item["expires_at"] = expires_at(job.requested_at, _KEPT_DAYS)
        try:
            self._table.put(item, "attribute_not_exists(PK)")
        except ConditionFailed as error:
            raise AlreadyExists("an import with this identity exists") from error

    def get(self, job_id: str) -> ImportJob:
        item = self._table.get(self._key(job_id))
        if item is None:
            raise NotFound("import")
        return job_from_item(item)

    def latest(self, limit: int, before: str | None = None) -> Sequence[ImportJob]:
        after: Key | None = None
        if before is not None:
            job = self.get(before)
            after = self._key(before) | job_index(self._workspace, _KIND, before, job.version)
        items = self._table.query(
            job_partition(self._workspace, _KIND),
            index=1,
            after=after,
            forward=False,
            page_size=limit,
        )
        return [job_from_item(item) for item in islice(items, limit)]

    def unfinished_before(self, job: ImportJob) -> Iterator[ImportJob]:
        since = (job.requested_at - _LOOKED_BACK).isoformat(timespec="microseconds")
        items = self._table.query(
            job_partition(self._workspace, _KIND),
            index=1,
            between=(since, job.version),
        )
        found = map(job_from_item, items)
        return (other for other in found if not other.is_finished)

    def begin(self, job_id: str, upload_tag: str, today: date, at: datetime) -> ImportJob:
        # A second delivery of the same upload goes on as the first began.
        begun = (
            "SET #status = :reading, #upload_tag = :tag,"
            " #today = if_not_exists(#today, :today), #started_at = if_not_exists(#started_at, :at)"
        )
        values = {":waiting": "waiting", ":tag": upload_tag}
        values |= {":today": today.isoformat(), ":at": at.isoformat()}
        self._write(
            self._update(
                job_id,
                begun,
                "#status = :waiting OR (#status = :reading AND #upload_tag = :tag)",
                values,
            )
        )
        return self.get(job_id)

    def count_read(self, job_id: str, rows: int) -> None:
        self._write(self._while_reading(job_id, {"count_read": rows}))

    def refuse(self, job_id: str, problem: Problem, problems: int, at: datetime) -> None:
        values = {
            "status": "refused",
            "refusal": problem_value(problem),
            "problems": problems,
            "finished_at": at.isoformat(),
        }
        self._write(self._while_reading(job_id, values))

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
        values = {
            "status": "storing",
            "warnings": warnings_value(warnings),
            "problems": problems,
            "pages": pages,
            "is_first": is_first,
            **{f"{COUNT_PREFIX}{name}": count for name, count in counts.items()},
            **tasks_values(Tasks(first=1, last=pages)),
        }
        self._write(self._while_reading(job_id, values))

    def claim_first(self, job: ImportJob) -> bool:
        of = None if job.integration == FILE_INTEGRATION else job.integration
        key = first_import_key(self._workspace, job.records, of)
        with suppress(ConditionFailed):
            self._table.put(key | {"id": job.job_id}, "attribute_not_exists(PK)")
        item = self._table.get(key)
        return item is not None and item["id"] == job.job_id

    def next_step(self, job: ImportJob, step: Step, tasks: Tasks, problems: int = 0) -> None:
        self._write(self._from_step(job, {"status": step, **tasks_values(tasks)}, problems))

    def mark_queued(self, job: ImportJob) -> None:
        self._write(self._from_step(job, {"queued": True}))

    def finish(self, job: ImportJob, status: Status, at: datetime) -> None:
        self._write(self._from_step(job, {"status": status, "finished_at": at.isoformat()}))

    def page_result(self, job_id: str, step: Step, number: int) -> PageResult | None:
        item = self._table.get(self._page_key(job_id, number, step))
        return None if item is None else result_from_item(item)

    def page_results(
        self, job_id: str, steps: Container[Step], pages: range | None = None
    ) -> Iterator[PageResult]:
        low, high = (PAGES_PREFIX, f"{PAGES_PREFIX}~")
        if pages is not None:
            low = self._page_key(job_id, pages.start, "")["SK"]
            high = self._page_key(job_id, pages.stop, "")["SK"]
        partition = job_details_partition(self._workspace, _KIND, job_id)
        items = self._table.query(partition, between=(low, high), consistent=True)
        return (result_from_item(item) for item in items if item["SK"].split("#")[2] in steps)

    def finish_page(
        self,
        job: ImportJob,
        step: Step,
        number: int,
        result: PageResult,
        problems: Sequence[Problem] = (),
    ) -> None:
        adds = {f"{COUNT_PREFIX}{name}": count for name, count in result.counts.items() if count}
        adds |= {"done": 1} | ({"problems": len(problems)} if problems else {})
        first, *more = list(batched(result.touched, _IDS_IN_AN_ITEM, strict=False)) or [()]
        page = self._page_key(job.job_id, number, step)
        item = page | result_values(replace(result, touched=first)) | self._expiry(job)
        writes = [
            Write("Put", item, "attribute_not_exists(PK)"),
            *(
                Write(
                    "Put",
                    self._page_key(job.job_id, number, f"{step}#{part:04d}")
                    | result_values(PageResult(touched=ids))
                    | self._expiry(job),
                )
                for part, ids in enumerate(more)
            ),
            self._update(
                job.job_id,
                "ADD " + ", ".join(f"#{name} :{name}" for name in adds),
                # A page is counted in its own step only.
                "#status = :step AND #first <= :number AND #last >= :number",
                {":step": step, ":number": number}
                | {f":{name}": count for name, count in adds.items()},
            ),
            *self._problem_puts(job, number, problems),
        ]
        try:
            self._table.transact(writes)
        except ConditionFailed as error:
            raise Stale("import") from error

    def save_links(self, job: ImportJob, number: int, links: Sequence[Link]) -> None:
        key = self._page_key(job.job_id, number, _LINKS)
        self._table.put(key | {"links": links_value(links)} | self._expiry(job))

    def links(self, job_id: str, number: int) -> Sequence[Link]:
        item = self._table.get(self._page_key(job_id, number, _LINKS))
        return links_from(item["links"]) if item else ()

    def save_accounts(self, job: ImportJob, number: int, account_ids: Sequence[str]) -> None:
        key = self._page_key(job.job_id, number, _ACCOUNTS)
        self._table.put({"accounts": list(account_ids)} | key | self._expiry(job))

    def save_tasks(self, job: ImportJob, first: int, pages: Sequence[Sequence[str]]) -> None:
        writes = [
            Write(
                "Put",
                self._page_key(job.job_id, number, _ACCOUNTS)
                | {"accounts": list(ids)}
                | self._expiry(job),
            )
            for number, ids in enumerate(pages, first)
        ]
        for some in batched(writes, MOST_IN_A_TRANSACTION, strict=False):
            self._table.transact(some)

    def accounts(self, job_id: str, number: int) -> Sequence[str]:
        item = self._table.get(self._page_key(job_id, number, _ACCOUNTS))
        return tuple(item["accounts"]) if item else ()

    def save_problems(
        self, job: ImportJob, page: int, problems: Sequence[Problem], first_part: int = 0
    ) -> int:
        writes = self._problem_puts(job, page, problems, first_part)
        for write in writes:
            self._table.write(write)
        return first_part + len(writes)

    def problems(
        self, job_id: str, limit: int, after: str | None = None
    ) -> tuple[Sequence[Problem], str | None]:
        partition = job_details_partition(self._workspace, _KIND, job_id)
        part, skipped = after.split("+") if after else (PROBLEMS_PREFIX, "0")
        items = self._table.query(
            partition,
            between=(part, f"{PROBLEMS_PREFIX}~"),
            page_size=limit // _PROBLEMS_IN_A_PART + 2,
            consistent=True,
        )
        found: list[Problem] = []
        for item in items:
            start = int(skipped) if item["SK"] == part else 0
            for place, value in enumerate(item["problems"][start:], start):
                if len(found) == limit:
                    return found, f"{item['SK']}+{place}"
                found.append(problem_from(value))
        return found, None

    def _problem_puts(
        self, job: ImportJob, page: int, problems: Sequence[Problem], first_part: int = 0
    ) -> list[Write]:
        return [
            Write(
                "Put",
                self._problems_key(job.job_id, page, part)
                | {"problems": [problem_value(problem) for problem in chunk]}
                | self._expiry(job),
            )
            for part, chunk in enumerate(
                batched(problems, _PROBLEMS_IN_A_PART, strict=False), first_part
            )
        ]

    def _expiry(self, job: ImportJob) -> dict[str, int]:
        return {"expires_at": expires_at(job.requested_at, _KEPT_DAYS)}

    def _while_reading(self, job_id: str, values: Mapping[str, Any]) -> Write:
        return self._update(job_id, _set(values), "#status = :reading", _given(values))

    def _from_step(self, job: ImportJob, values: Mapping[str, Any], problems: int = 0) -> Write:
        """Change a job that is still where `job`, as read, was."""
        given = {
            **_given(values),
            ":before": job.status,
            ":from": job.tasks.first,
            ":to": job.tasks.last,
        }
        update = _set(values)
        if problems:
            update += " ADD #problems :problems"
            given[":problems"] = problems
        return self._update(
            job.job_id, update, "#status = :before AND #first = :from AND #last = :to", given
        )

    def _update(self, job_id: str, update: str, condition: str, values: Mapping[str, Any]) -> Write:
        names = {name: name[1:] for name in re.findall(r"#\w+", f"{update} {condition}")}
        used = set(re.findall(r":\w+", f"{update} {condition}"))
        given = {":reading": "reading", **values}
        return Write(
            "Update",
            self._key(job_id),
            condition,
            update,
            {name: value for name, value in given.items() if name in used},
            names,
        )

    def _write(self, write: Write) -> None:
        try:
            self._table.write(write)
        except ConditionFailed as error:
            raise Stale("import") from error


def _set(values: Mapping[str, Any]) -> str:
    return "SET " + ", ".join(f"#{name} = :{name}" for name in values)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f":{name}": value for name, value in values.items()}
