"""`stageline privacy request`, `show`, `approve`, `execute` …: erasures of people, by hand."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from tools.cli.options import JsonOption, ProfileOption, RoleOption, WorkspaceOption, caller
from tools.errors import ApiError, CommandFailed

if TYPE_CHECKING:
    from tools.client import Client

REQUESTS = "/v1/privacy/requests"
# Nothing is being done about a request then.
AT_REST = frozenset({"previewed", "approved", "done", "cancelled"})
NOT_DONE = 1
MOST_CANDIDATES = 200

IdArgument = Annotated[str, typer.Argument(help="The id of the request.", metavar="ID")]


def request(
    context: typer.Context,
    way: Annotated[str, typer.Option(help="erase, anonymize or mask_selected.")],
    ground: Annotated[str, typer.Option(help="Like consent_withdrawn or storage_limitation.")],
    reason: Annotated[str, typer.Option(help="In your words; forgotten with the person.")],
    contact_ids: Annotated[
        list[str] | None, typer.Argument(help="Ids of contacts.", metavar="[CONTACT]…")
    ] = None,
    field: Annotated[
        list[str] | None, typer.Option(help="Of mask_selected, besides the name. Repeat it.")
    ] = None,
    older_than: Annotated[
        str | None, typer.Option(help="Instead of contacts: all whose data is older, like P3Y.")
    ] = None,
    member: Annotated[str | None, typer.Option(help="Instead of contacts: a member's id.")] = None,
    received_on: Annotated[str | None, typer.Option(help="Today if left out.")] = None,
    due_on: Annotated[str | None, typer.Option(help="A month later if left out.")] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """Ask for people to be erased, and show what that would do. Nothing is erased by this."""
    client = caller(context, workspace, role, profile).client()
    said: dict[str, Any] = {
        "way": way,
        "ground": ground,
        "reason": reason,
        "fields": field,
        "contact_ids": contact_ids,
        "selection": older_than and {"older_than": older_than},
        "member_id": member,
        "received_on": received_on,
        "due_on": due_on,
    }
    sent = {name: value for name, value in said.items() if value}
    try:
        made = client.post(REQUESTS, sent, Idempotency_Key=uuid4().hex)
    except ApiError as error:
        if error.code != "request_open":
            raise
        raise CommandFailed(f"{error}: {error.problem['erasure_id']}") from error
    _show(client, _at_rest(client, made["id"], as_json), as_json)


def requests(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where a list ended.")] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """List erasure requests, the latest first."""
    from tools.cli.erasure_text import print_requests
    from tools.cli.output import console, print_json
    from tools.client import get_list

    client = caller(context, workspace, role, profile).client()
    found = get_list(client, REQUESTS, limit, cursor)
    if as_json:
        print_json(found)
        return
    print_requests(found["items"])
    if found["next_cursor"]:
        console(stderr=True).print(f"more: --cursor {found['next_cursor']}", soft_wrap=True)


def show(
    context: typer.Context,
    request_id: IdArgument,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """Show a request: what it would do in each store, and texts that seem to name the person."""
    client = caller(context, workspace, role, profile).client()
    _show(client, client.get(f"{REQUESTS}/{request_id}"), as_json)


def approve(
    context: typer.Context,
    request_id: IdArgument,
    candidates: Annotated[
        str | None,
        typer.Option(
            help="Texts to be blanked, too: all, none, or ids with commas. Needed if any."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """Let exactly what is shown be done. Privacy officers only."""
    from tools.cli.output import print_json

    client = caller(context, workspace, role, profile).client()
    found = client.get(f"{REQUESTS}/{request_id}")
    if not as_json:
        _show(client, found, as_json)
    if found["preview"] is None:
        raise CommandFailed(f"the request is {found['status']} and has no preview")
    if candidates is None and found["preview"]["candidates"]:
        number = found["preview"]["candidates"]
        raise CommandFailed(f"say which of the {number} texts go: --candidates all, none or ids")
    candidates = candidates or "none"
    if not yes:
        typer.confirm("Let this be done? It cannot be undone.", abort=True, err=True)
    chosen = candidates if candidates in ("all", "none") else candidates.split(",")
    body = {"preview": found["preview"]["hash"], "candidates": chosen}
    approved = client.post(f"{REQUESTS}/{request_id}/approval", body)
    if as_json:
        print_json(approved)
    else:
        print(f"approved; have it done: stageline privacy execute {request_id}")


def execute(
    context: typer.Context,
    request_id: IdArgument,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """Have an approved request done, and follow it to its certificate.

    Exit code 0: everything that can be reached is erased; 1: it was refused, something changed
    since it was approved, or a store did not answer, which is tried again every hour.
    """
    from tools.cli.erasure_text import outcome
    from tools.cli.output import print_json

    client = caller(context, workspace, role, profile).client()
    client.post(f"{REQUESTS}/{request_id}/execution")
    ended = _at_rest(client, request_id, as_json)
    if as_json:
        print_json(ended)
    else:
        print(outcome(ended))
    if ended["erased_at"] is None:
        raise typer.Exit(NOT_DONE)


def cancel(
    context: typer.Context,
    request_id: IdArgument,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """Cancel a request of which nothing is done yet."""
    from tools.cli.output import print_json

    client = caller(context, workspace, role, profile).client()
    cancelled = client.delete(f"{REQUESTS}/{request_id}")
    if as_json:
        print_json(cancelled)
    else:
        print(f"{request_id} is cancelled; nobody was erased")


def extend(
    context: typer.Context,
    request_id: IdArgument,
    reason: Annotated[str | None, typer.Option(help="Why it takes longer.")] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """Give a request two months more, once (Art. 12(3) GDPR)."""
    from tools.cli.output import print_json

    client = caller(context, workspace, role, profile).client()
    extended = client.post(f"{REQUESTS}/{request_id}/extension", {"reason": reason})
    if as_json:
        print_json(extended)
    else:
        print(f"due on {extended['due_on']}; tell the person so, and why")


def release(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help="account, deal, activity, task or contact.")],
    record_id: Annotated[str, typer.Argument(help="The record's id.", metavar="ID")],
    fields: Annotated[list[str], typer.Argument(help="Like name.", metavar="FIELD…")],
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """Let erased texts of a record be said again. Privacy officers only."""
    from tools.cli.output import print_json

    client = caller(context, workspace, role, profile).client()
    sent = {"kind": kind, "record_id": record_id, "fields": fields}
    released = client.post("/v1/privacy/releases", sent)
    if as_json:
        print_json(released)
    else:
        print(f"still pinned: {', '.join(released['pinned']) or 'nothing'}")


def certificate(
    context: typer.Context,
    request_id: IdArgument,
    output: Annotated[
        Path | None, typer.Option(help="Write it to this file.", metavar="FILE")
    ] = None,
    number: Annotated[
        int | None, typer.Option(min=1, help="Which one; the latest if left out.")
    ] = None,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """Get a certificate, byte by byte as it was signed. Check it with `privacy verify`."""
    client = caller(context, workspace, role, profile).client()
    content = client.content(f"{REQUESTS}/{request_id}/certificate", number=number)
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise CommandFailed(f"{output}: {error.strerror}") from error


def key(
    context: typer.Context,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """Print the public key that certificates are verified with, in PEM form."""
    from tools.cli.output import print_json

    found = caller(context, workspace, role, profile).client().get("/v1/privacy/signing-key")
    if as_json:
        print_json(found)
        return
    print(found["public_key"], end="")
    print(f"fingerprint {found['fingerprint']}", file=sys.stderr)


def _at_rest(client: "Client", request_id: str, as_json: bool) -> dict[str, Any]:
    from tools.cli.erasure_text import progress_bar
    from tools.client import wait_for_job

    with progress_bar(hidden=as_json) as on_progress:
        return wait_for_job(client, f"{REQUESTS}/{request_id}", on_progress, finished=AT_REST)


def _show(client: "Client", found: dict[str, Any], as_json: bool) -> None:
    from tools.cli.erasure_text import print_request
    from tools.cli.output import print_json
    from tools.client import get_list

    path = f"{REQUESTS}/{found['id']}/candidates"
    has_some = found["preview"] and found["preview"]["candidates"]
    candidates = get_list(client, path, MOST_CANDIDATES)["items"] if has_some else []
    if as_json:
        print_json(found | {"candidates": candidates})
    else:
        print_request(found, candidates)
