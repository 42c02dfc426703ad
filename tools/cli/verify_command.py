"""`stageline verify`: hold all that is stored against its records, and repair it if asked to."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tools.cli.options import (
    JsonOption,
    ProfileOption,
    RoleOption,
    WorkspaceOption,
    caller,
)
from tools.errors import ApiError

if TYPE_CHECKING:
    from tools.client import Client

NOT_ALL_RIGHT = 1
ALREADY_RUNNING = "verification_running"


def verify(
    context: typer.Context,
    repair: Annotated[bool, typer.Option("--repair", help="Repair what differs, too.")] = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """Verify everything in a workspace against its accounts and deals, and say what differs.

    Follows the verification that runs, if one does. Exit code 0: nothing differs, or all of it was
    repaired; 1: something is not right, could not be told while an import runs, or the verification
    did not get through.
    """
    from tools.cli.output import print_json
    from tools.cli.verify_text import print_found, progress_bar
    from tools.client import wait_for_job

    client = caller(context, workspace, role, profile).client()
    job_id = _begun(client, repair)
    with progress_bar(hidden=as_json) as on_progress:
        job = wait_for_job(client, f"/v1/verifications/{job_id}", on_progress)
    if as_json:
        print_json(job)
    else:
        print_found(job)
    left = sum(job["drift"].values()) - sum(job["repaired"].values())
    if job["status"] != "completed" or left or job["unsettled"]:
        raise typer.Exit(NOT_ALL_RIGHT)


def _begun(client: "Client", repair: bool) -> str:
    from tools.cli.output import print_error

    try:
        job: Any = client.post("/v1/verifications", {"repair": repair})
    except ApiError as error:
        if error.code != ALREADY_RUNNING:
            raise
        job = error.problem["job"]
        print_error(f"verification {job['id']} is running; following it")
    return str(job["id"])
