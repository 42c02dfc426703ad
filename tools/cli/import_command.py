"""`stageline import`: load exports of a CRM, and say what became of every row."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tools.cli.options import (
    JsonOption,
    ProfileOption,
    RoleOption,
    WorkspaceOption,
    caller,
)
from tools.errors import CommandFailed

if TYPE_CHECKING:
    from tools.client import Client

COMPLETED_WITH_ERRORS = 3
REFUSED = 1

FileOption = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, readable=True, metavar="F")
]


def import_files(
    context: typer.Context,
    accounts: FileOption = None,
    deals: FileOption = None,
    contacts: FileOption = None,
    activities: FileOption = None,
    mapping: FileOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen, and write nothing.")
    ] = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """Import CSV files of accounts, deals, contacts and activities, in this order.

    When it ends, the stages are right.

    Exit code 0: all rows are in; 3: all but the refused ones; 1: a file was refused.
    """
    from tools.cli.import_text import MOST_SHOWN, print_summary, progress_bar
    from tools.cli.mapping_file import read_mapping
    from tools.cli.output import print_json
    from tools.client import import_file

    # What a file names comes before it, and is not waited for.
    files = {"accounts": accounts, "deals": deals, "contacts": contacts, "activities": activities}
    given = {records: path for records, path in files.items() if path is not None}
    if not given:
        raise CommandFailed("give a file: --accounts, --deals, --contacts or --activities")
    sections = read_mapping(mapping) if mapping else None
    client = caller(context, workspace, role, profile).client()
    jobs: dict[str, Any] = {}
    for records, path in given.items():
        with progress_bar(records, hidden=as_json) as on_progress:
            job = import_file(client, records, path, sections, dry_run, on_progress)
        problems = _problems(client, job["id"], None if as_json else MOST_SHOWN)
        jobs[records] = job | {"problem_list": problems}
        if not as_json:
            print_summary(records, path, job, problems)
        if job["status"] == "refused":
            break
    if as_json:
        print_json(jobs)
    statuses = {job["status"] for job in jobs.values()}
    if "refused" in statuses:
        raise typer.Exit(REFUSED)
    if "completed_with_errors" in statuses:
        raise typer.Exit(COMPLETED_WITH_ERRORS)


def _problems(client: "Client", job_id: str, most: int | None) -> list[Any]:
    problems: list[Any] = []
    cursor = None
    while True:
        page = client.get(f"/v1/imports/{job_id}/problems", cursor=cursor, limit=most)
        problems += page["items"]
        cursor = page["next_cursor"]
        if not cursor or (most is not None and len(problems) >= most):
            return problems[:most]
