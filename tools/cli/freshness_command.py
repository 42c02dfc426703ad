"""`stageline freshness`: as of when stages are known to be right."""

from collections.abc import Iterator
from typing import Any

import typer

from tools.cli.options import JsonOption, ProfileOption, RoleOption, WorkspaceOption, caller


def freshness(
    context: typer.Context,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """Show how fresh the stages are; ends with 1 when they are stale."""
    from tools.cli.output import console, print_json

    answer = caller(context, workspace, role, profile).client().get("/v1/freshness")
    if as_json:
        print_json(answer)
    else:
        for line in freshness_lines(answer):
            console().print(line, soft_wrap=True)
    if answer["stale"]:
        raise typer.Exit(1)


def freshness_lines(answer: dict[str, Any]) -> Iterator[str]:
    """Yield the lines: fresh or stale, the last tick, each integration with its last imports."""
    yield f"{_how(answer)} (stale after {answer['stale_after']})"
    tick = answer["tick"]
    if tick["completed_at"]:
        yield f"  tick: {tick['completed_at']}, through {tick['through']}"
    else:
        yield "  tick: none yet"
    for one in answer["integrations"]:
        off = "" if one["active"] else ", switched off"
        yield f"  {one['key']}: {_how(one)}{off}"
        for records, last in one["last_import"].items():
            if last:
                status = last["status"].replace("_", " ")
                yield f"    {records}: {status} at {last['completed_at']} (job {last['job_id']})"
            else:
                yield f"    {records}: no import yet"


def _how(answer: dict[str, Any]) -> str:
    as_of = answer["current_as_of"]
    return f"{'stale' if answer['stale'] else 'fresh'}, current as of {as_of or 'no time yet'}"
