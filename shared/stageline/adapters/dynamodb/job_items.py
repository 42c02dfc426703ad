"""Imports, results of their pages and their problems as items of the table, and back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from stageline.adapters.dynamodb.account_items import day, text
from stageline.adapters.dynamodb.codec import Item
from stageline.domain.job_states import FILE_INTEGRATION
from stageline.domain.jobs import (
    ImportJob,
    Link,
    PageResult,
    Problem,
    Tasks,
    Warned,
)

COUNT_PREFIX = "count_"


def job_values(job: ImportJob) -> Item:
    """Return the attributes of a new job, besides its key; what is not known yet is left out."""
    values: Item = {
        "id": job.job_id,
        "records": job.records,
        "dry_run": job.dry_run,
        "mapping": job.mapping,
        "requested_by": job.requested_by,
        "requested_at": text(job.requested_at),
        "upload_until": text(job.upload_until),
        "status": job.status,
        "problems": job.problems,
        "pages": job.pages,
        "integration": job.integration,
        "run_id": job.run_id,
        "today": text(job.today),
        "started_at": text(job.started_at),
        **tasks_values(job.tasks),
    }
    return {name: value for name, value in values.items() if value is not None}


def job_from_item(item: Item) -> ImportJob:
    return ImportJob(
        job_id=item["id"],
        records=item["records"],
        dry_run=item["dry_run"],
        mapping=item.get("mapping"),
        requested_by=item["requested_by"],
        requested_at=datetime.fromisoformat(item["requested_at"]),
        upload_until=datetime.fromisoformat(item["upload_until"]),
        status=item["status"],
        upload_tag=item.get("upload_tag"),
        today=day(item.get("today")),
        started_at=_instant(item.get("started_at")),
        finished_at=_instant(item.get("finished_at")),
        counts={
            name.removeprefix(COUNT_PREFIX): count
            for name, count in item.items()
            if name.startswith(COUNT_PREFIX)
        },
        problems=item["problems"],
        warnings=tuple(
            Warned(code, message, count, tuple(columns))
            for code, message, count, columns in item.get("warnings", ())
        ),
        refusal=problem_from(item["refusal"]) if "refusal" in item else None,
        pages=item["pages"],
        tasks=Tasks(
            first=item["first"],
            last=item["last"],
            done=item["done"],
            queued=item["queued"],
            levels=tuple(item["levels"]),
            part=item["part"],
        ),
        is_first=item.get("is_first", False),
        integration=item.get("integration", FILE_INTEGRATION),
        run_id=item.get("run_id"),
    )


def tasks_values(tasks: Tasks) -> Item:
    return {
        "first": tasks.first,
        "last": tasks.last,
        "done": tasks.done,
        "queued": tasks.queued,
        "levels": list(tasks.levels),
        "part": tasks.part,
    }


def warnings_value(warnings: Sequence[Warned]) -> list[Any]:
    return [[one.code, one.message, one.count, list(one.columns)] for one in warnings]


def problem_value(problem: Problem) -> list[Any]:
    return [problem.line, problem.column, problem.code, problem.message, list(problem.chain)]


def problem_from(value: Sequence[Any]) -> Problem:
    line, column, code, message, chain = value
    return Problem(line, column, code, message, tuple(chain))


def result_values(result: PageResult) -> Item:
    return {
        "counts": dict(result.counts),
        "touched": list(result.touched),
        "created": list(result.created),
        "awaited": list(result.awaited),
        "links": links_value(result.links),
    }


def result_from_item(item: Mapping[str, Any]) -> PageResult:
    return PageResult(
        item["counts"],
        tuple(item["touched"]),
        tuple(item["created"]),
        tuple(item["awaited"]),
        links_from(item["links"]),
    )


def links_value(links: Sequence[Link]) -> list[Any]:
    return [[link.child_id, link.parent_id, link.line, link.awaited_id] for link in links]


def links_from(value: Sequence[Any]) -> tuple[Link, ...]:
    return tuple(Link(*link) for link in value)


def expires_at(requested_at: datetime, days: int) -> int:
    """Return when the table may forget, in seconds since 1970 (DynamoDB's TTL)."""
    return int(requested_at.timestamp()) + days * 86_400


def _instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
