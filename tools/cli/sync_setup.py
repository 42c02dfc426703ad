"""`stageline sync connect`, `credentials` and `check`: how an integration with a CRM is set up."""

from collections.abc import Mapping
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
from tools.errors import ApiError, CommandFailed

if TYPE_CHECKING:
    from tools.client import Client

KeyArgument = Annotated[
    str, typer.Argument(help="The integration, by the name that it was given.", metavar="KEY")
]
MappingOption = Annotated[
    Path | None,
    typer.Option(
        exists=True, dir_okay=False, readable=True, metavar="F", help="A mapping document."
    ),
]
ValuesOption = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        readable=True,
        metavar="F",
        help="YAML or JSON with the values by name; without it they are asked for.",
    ),
]

_SETTINGS = (
    *("vendor", "base_url", "schedule", "records", "mapping"),
    *("active", "opportunity_pull", "sync"),
)


def address_of(key: str) -> str:
    return f"/v1/integrations/{key}"


def connect(
    context: typer.Context,
    key: KeyArgument,
    vendor: Annotated[str | None, typer.Option(help="hubspot, salesforce, …")] = None,
    url: Annotated[
        str | None, typer.Option(help="Where the CRM is, if each customer has their own.")
    ] = None,
    mapping: MappingOption = None,
    records: Annotated[
        list[str] | None, typer.Option(help="What to read; repeat it. All, if left out.")
    ] = None,
    at: Annotated[
        list[str] | None, typer.Option(help="When to read, like 02:00; repeat it.")
    ] = None,
    zone: Annotated[str | None, typer.Option(help="The time zone of these times.")] = None,
    full_every_days: Annotated[
        int | None, typer.Option(help="After how many days all there is is read.")
    ] = None,
    active: Annotated[bool | None, typer.Option(help="Whether it may be read.")] = None,
    pull: Annotated[
        bool | None, typer.Option("--deals/--no-deals", help="Whether deals are read.")
    ] = None,
    by_itself: Annotated[
        bool | None, typer.Option("--scheduled/--by-hand", help="Whether runs start by themselves.")
    ] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """Set up an integration with a CRM, or change what is given of one."""
    from tools.cli.mapping_file import read_mapping
    from tools.cli.output import print_json
    from tools.cli.sync_text import print_integration

    schedule = {"times": at or None, "zone": zone, "full_every_days": full_every_days}
    given: dict[str, Any] = {
        "vendor": vendor,
        "base_url": url,
        "schedule": _said(schedule) or None,
        "records": records or None,
        "mapping": read_mapping(mapping) if mapping else None,
        "active": active,
        "opportunity_pull": pull,
        "sync": by_itself,
    }
    client = caller(context, workspace, role, profile).client()
    made = _connect(client, address_of(key), _said(given))
    if as_json:
        print_json(made)
        return
    print_integration(made)
    if made["sign_in"] is None:
        from tools.cli.output import console

        console().print(f"it has no credentials yet: stageline sync credentials {key}")


def credentials(
    context: typer.Context,
    key: KeyArgument,
    file: ValuesOption = None,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """Give the credentials for the CRM: from a file, or asked for. They are never arguments."""
    from tools.cli.mapping_file import read_mapping

    client = caller(context, workspace, role, profile).client()
    found = client.get(address_of(key))
    values = read_mapping(file) if file else _asked(found.get("vendor", ""))
    client.put(f"{address_of(key)}/credentials", values)
    typer.echo(f"{key} has its credentials", err=True)


def check(
    context: typer.Context,
    key: KeyArgument,
    mapping: MappingOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """Check a mapping, or the one in use, against the CRM, and show records as they would be.

    Exit code 0: it fits; 1: it does not, or the CRM was not to be asked.
    """
    from tools.cli.mapping_file import read_mapping
    from tools.cli.output import print_json
    from tools.cli.sync_text import print_check
    from tools.client import wait_for_job

    client = caller(context, workspace, role, profile).client()
    wanted = {} if mapping is None else {"mapping": read_mapping(mapping)}
    client.post(f"{address_of(key)}/check", wanted)
    found = wait_for_job(client, f"{address_of(key)}/check", None, patience_seconds=900)
    if as_json:
        print_json(found)
    else:
        print_check(found)
    if found["result"] is None or not found["result"]["fits"]:
        raise typer.Exit(1)


def _connect(client: "Client", address: str, given: dict[str, Any]) -> dict[str, Any]:
    """Create the integration, or change what is given of it."""
    reply = client.send("GET", address)
    made: dict[str, Any]
    if reply.status == 404:
        if "vendor" not in given:
            raise CommandFailed("say which CRM it is: --vendor")
        switches = {"active": True, "opportunity_pull": True, "sync": True}
        made = client.put(address, switches | given)
        return made
    if reply.status >= 400:
        raise ApiError(reply.status, reply.body if isinstance(reply.body, dict) else {})
    # Not a patch: a mapping takes the place of the one before.
    before = {name: reply.body[name] for name in _SETTINGS}
    schedule = before["schedule"] | given.get("schedule", {})
    changed = before | given | {"schedule": schedule}
    made = client.put(address, changed, If_Match=reply.headers["etag"])
    return made


def _asked(vendor: str) -> dict[str, str]:
    """Return what the vendor's way of signing in takes, asked of whoever sits there."""
    from stageline.domain.crm_vendors import VENDORS

    ways = VENDORS[vendor].sign_ins if vendor in VENDORS else {}
    if not ways:
        raise CommandFailed("nothing is known of how this CRM signs in; give a --file")
    way = next(iter(ways))
    if len(ways) > 1:
        way = typer.prompt(f"Which of {', '.join(ways)}", default=way, err=True)
        if way not in ways:
            raise CommandFailed(f"{way!r} is none of {', '.join(ways)}")
    return {name: typer.prompt(name, hide_input=True, err=True) for name in ways[way]}


def _said(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}
