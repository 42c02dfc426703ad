"""`stageline sync`: what an admin does with integrations with a CRM."""

from typing import TYPE_CHECKING, Annotated

import typer

from tools.cli import sync_setup
from tools.cli.options import (
    JsonOption,
    ProfileOption,
    RoleOption,
    WorkspaceOption,
    caller,
)
from tools.cli.sync_setup import KeyArgument, address_of
from tools.errors import ApiError

if TYPE_CHECKING:
    from tools.client import Client

ENDED = frozenset({"completed", "completed_with_errors", "partial", "failed"})
_NOT_WELL = frozenset({"needs_attention", "failing", "stale"})
_EXIT_CODES = {"completed": 0, "completed_with_errors": 3}

sync = typer.Typer(
    name="sync",
    no_args_is_help=True,
    help="Integrations with a CRM: connect, read, and look after them.",
)

sync.command("connect")(sync_setup.connect)
sync.command("credentials")(sync_setup.credentials)
sync.command("check")(sync_setup.check)

LimitOption = Annotated[int, typer.Option(help="How many at most.", min=1)]


@sync.command("status")
def status(
    context: typer.Context,
    key: Annotated[str | None, typer.Argument(metavar="[KEY]", help="All, if left out.")] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """Show how integrations are doing; ends with 1 when one is not well."""
    from tools.cli.output import print_json
    from tools.cli.sync_text import print_integration, print_integrations

    client = caller(context, workspace, role, profile).client()
    if key is None:
        listed = client.get("/v1/integrations")["items"]
        found = [one for one in listed if "vendor" in one]
    else:
        found = [client.get(address_of(key))]
    if as_json:
        print_json(found[0] if key else found)
    elif key is None:
        print_integrations(found)
    else:
        print_integration(found[0])
    if any(one["active"] and one["health"] in _NOT_WELL for one in found):
        raise typer.Exit(1)


@sync.command("run")
def run(
    context: typer.Context,
    key: KeyArgument,
    mode: Annotated[
        str, typer.Option(help="changes, full (all there is), retry (what was refused)")
    ] = "changes",
    wait: Annotated[bool, typer.Option(help="Follow it to its end.")] = True,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """Read a CRM now, with progress. One run at a time: of another it says so, and follows it.

    Exit code 0: all is in; 3: all but refused records; 1: it ended early, and goes on later.
    """
    client = caller(context, workspace, role, profile).client()
    _run(client, key, mode, wait=wait, as_json=as_json)


@sync.command("retry")
def retry(
    context: typer.Context,
    key: KeyArgument,
    wait: Annotated[bool, typer.Option(help="Follow it to its end.")] = True,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """Try the refused records again; the same as `run --mode retry`."""
    client = caller(context, workspace, role, profile).client()
    _run(client, key, "retry", wait=wait, as_json=as_json)


@sync.command("runs")
def runs(
    context: typer.Context,
    key: KeyArgument,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """List the runs of an integration, the latest first."""
    from tools.cli.output import print_json
    from tools.cli.sync_text import print_runs
    from tools.client import get_list

    client = caller(context, workspace, role, profile).client()
    page = get_list(client, f"{address_of(key)}/runs", limit)
    if as_json:
        print_json(page)
    else:
        print_runs(page["items"])


@sync.command("errors")
def errors(
    context: typer.Context,
    key: KeyArgument,
    limit: LimitOption = 50,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """List the records of the CRM that are not stored, and why."""
    from tools.cli.output import print_json
    from tools.cli.sync_text import print_refused
    from tools.client import get_list

    client = caller(context, workspace, role, profile).client()
    page = get_list(client, f"{address_of(key)}/errors", limit)
    if as_json:
        print_json(page)
    else:
        print_refused(page)


@sync.command("writes")
def writes(
    context: typer.Context,
    key: KeyArgument,
    limit: LimitOption = 50,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """List what was, and is to be, written to the CRM, the latest first."""
    from tools.cli.output import print_json
    from tools.cli.sync_text import print_writes
    from tools.client import get_list

    client = caller(context, workspace, role, profile).client()
    page = get_list(client, f"{address_of(key)}/writes", limit)
    if as_json:
        print_json(page)
    else:
        print_writes(page)


def _run(client: "Client", key: str, mode: str, *, wait: bool, as_json: bool) -> None:
    from tools.cli.output import print_json
    from tools.cli.sync_text import print_run, progress_bar
    from tools.client import wait_for_job

    try:
        found = client.post(f"{address_of(key)}/runs", {"mode": mode})
    except ApiError as error:
        if error.code != "sync_running" or not wait:
            raise
        typer.echo("stageline: a run is under way; this is that one", err=True)
        found = {"id": error.problem["run_id"]}
    address = f"{address_of(key)}/runs/{found['id']}"
    if wait:
        with progress_bar(hidden=as_json) as on_progress:
            found = wait_for_job(client, address, on_progress, finished=ENDED)
    if as_json:
        print_json(found)
    else:
        print_run(found)
    if wait:
        raise typer.Exit(_EXIT_CODES.get(found["status"], 1))
