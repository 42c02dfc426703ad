"""What a person sees of an import: a bar while it runs, then what became of the rows."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.client import Progress

MOST_SHOWN = 20


@contextmanager
def progress_bar(records: str, *, hidden: bool) -> "Iterator[Progress | None]":
    """Yield what to call with the job as it goes on; a bar beside standard output."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from tools.cli.output import console

    beside = console(stderr=True)
    if hidden or not beside.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=beside, transient=True) as bar:
        task = bar.add_task(f"{records}: waiting", total=None)

        def show(job: dict[str, Any]) -> None:
            progress = job["progress"]
            bar.update(
                task,
                description=f"{records}: {job['status']}",
                completed=progress["done"],
                total=progress["total"] or None,
            )

        yield show


def print_summary(
    records: str, path: Path, job: dict[str, Any], problems: Sequence[dict[str, Any]]
) -> None:
    """Print the counts, then the first problems, and how to see the rest of them."""
    from tools.cli.output import console, print_table

    for line in summary_lines(records, path, job):
        console().print(line, soft_wrap=True)
    if problems:
        rows = ((one["line"], one["column"], one["code"], one["message"]) for one in problems)
        print_table(("Line", "Column", "Code", "Reason"), rows)
    more = job["problems"] - len(problems)
    if more > 0:
        text = f"and {more} more: --json shows all, as does GET /v1/imports/{job['id']}/problems"
        console().print(text, soft_wrap=True)


def summary_lines(records: str, path: Path, job: dict[str, Any]) -> Iterator[str]:
    """Yield how the job ended, what became of the rows, why it was refused, what to look at."""
    dry_run = " (dry run: nothing is written)" if job["dry_run"] else ""
    yield f"{records} from {path.name}: {job['status'].replace('_', ' ')}{dry_run}"
    refusal = job["refusal"]
    if refusal:
        where = (f"line {refusal['line']}" if refusal["line"] else "", refusal["column"] or "")
        place = ", ".join(part for part in where if part)
        yield f"  {place + ': ' if place else ''}{refusal['message']} ({refusal['code']})"
    told = [f"{count} {name}" for name, count in job["counts"].items() if count or name == "read"]
    yield f"  rows: {', '.join(told)}"
    for warning in job["warnings"]:
        columns = f": {', '.join(warning['columns'])}" if warning["columns"] else ""
        yield f"  note: {warning['message']} ({warning['code']}{columns})"
