"""`stageline privacy restore-check`: erase anew who was erased, after the table was restored."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from tools.cli.options import JsonOption, ProfileOption, RoleOption, WorkspaceOption, caller

if TYPE_CHECKING:
    from tools.client import Progress

STILL_FENCED = 1
_CHECKS = "/v1/privacy/restore-checks"


def restore_check(
    context: typer.Context,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """Apply the journal of erasures to a restored table, of all workspaces, and read all back.

    Until that is done, the API answers 503 to everything else. Follows the check that runs, if one
    does; may be repeated at any time. Exit code 0: nobody who was erased is left, and the API
    answers; 1: somebody is, by store.
    """
    from tools.cli.output import print_json
    from tools.client import wait_for_job

    client = caller(context, workspace, role, profile).client()
    begun = client.post(_CHECKS)
    with _bar(hidden=as_json) as on_progress:
        job = wait_for_job(client, f"{_CHECKS}/{begun['id']}", on_progress)
    if as_json:
        print_json(job)
    else:
        _print(job)
    if job["status"] != "completed":
        raise typer.Exit(STILL_FENCED)


@contextmanager
def _bar(*, hidden: bool) -> "Iterator[Progress | None]":
    """Yield what to call with the job as it goes on; a bar beside standard output."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from tools.cli.output import console

    beside = console(stderr=True)
    if hidden or not beside.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=beside, transient=True) as bar:
        applied, read_back = (bar.add_task(name, total=None) for name in ("erasing", "reading"))

        def show(job: dict[str, Any]) -> None:
            progress = job["progress"]
            total = progress["entries"]
            bar.update(applied, completed=progress["applied"], total=total)
            bar.update(read_back, completed=progress["read_back"], total=total)

        yield show


def _print(job: dict[str, Any]) -> None:
    from tools.cli.output import console, print_table

    read = f"{job['progress']['read_back']} entries of the journal were applied and read back"
    console().print(f"restore check {job['id']}: {job['status']}; {read}", soft_wrap=True)
    if job["unknown_workspaces"]:
        told = "workspaces with erasures are not in this table; theirs were applied, too"
        console().print(f"{job['unknown_workspaces']} {told}", soft_wrap=True)
    if job["remaining"]:
        print_table(("Store", "Remaining"), sorted(job["remaining"].items()))
        console().print("the API stays closed; see docs/runbook.md", soft_wrap=True)
    elif job["status"] == "completed":
        console().print("nobody who was erased is left; the API answers", soft_wrap=True)
    else:
        console().print("the check is of another restore: check again", soft_wrap=True)
