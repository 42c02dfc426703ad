"""What a person sees of an import: a bar while it runs, then what became of the rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.client import Progress

MOST_SHOWN = 20


@contextmanager
def progress_bar(records: str, *, hidden: bool) -> "Iterator[Progress | None]":
    """Yield what to call with the job as it goes on; a bar beside standard output."""
    if hidden:
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from tools.cli.output import console

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{records}: waiting", total=None)

        def show(job: dict[str, Any]) -> None:
            pages = job.get("pages") or {}
            bar.update(
                task,
                description=f"{records}: {job['status']}",
                completed=pages.get("done", 0),
                total=pages.get("total") or None,
            )

        yield show


def print_summary(records: str, path: Path, job: dict[str, Any]) -> None:
    """Print the counts, then the refused rows, and how to see the rest of them."""
    from tools.cli.output import console, print_table

    for line in summary_lines(records, path, job):
        console().print(line, soft_wrap=True)
    problems = job["problems"]
    if problems:
        print_table(
            ("Line", "Column", "Code", "Reason"),
            (
                (one.get("line"), one.get("column"), one.get("code"), one.get("message"))
                for one in problems
            ),
        )
    more = job["counts"].get("problems", len(problems)) - len(problems)
    if more > 0:
        text = f"and {more} more: `--json` shows all, or GET /v1/imports/{job['id']}/problems"
        console().print(text, soft_wrap=True)


def summary_lines(records: str, path: Path, job: dict[str, Any]) -> Iterator[str]:
    counts = job["counts"]
    would = "would be " if job.get("dry_run") else ""
    yield f"{records} from {path.name}: {job['status'].replace('_', ' ')}"
    told = (
        f"{would}{name} {counts[name]}"
        for name in ("created", "changed", "unchanged", "refused")
        if name in counts
    )
    yield f"  {counts.get('rows', 0)} rows: {', '.join(told)}"
