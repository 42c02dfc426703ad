"""`stageline token`, `clock` and `tick`: what the local stack offers besides the API."""

from datetime import date
from typing import Annotated

import typer

from tools.cli.options import (
    JsonOption,
    ProfileOption,
    WorkspaceOption,
    caller,
)
from tools.errors import CommandFailed

clock = typer.Typer(
    name="clock",
    no_args_is_help=True,
    help="Set the day that ticks and reads go by (local stack only).",
)


def token(
    context: typer.Context,
    role: Annotated[str, typer.Argument(help="viewer, seller, manager, admin, privacy_officer.")],
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    profile: ProfileOption = None,
) -> None:
    """Print an access token of a role."""
    from tools.cli.output import print_json

    asking = caller(context, workspace, role, profile)
    workspace_id = asking.profile.workspace_id(asking.workspace)
    access_token = asking.profile.token(role, asking.workspace)
    if as_json:
        print_json({"workspace": workspace_id, "role": role, "token": access_token})
    else:
        print(access_token)


@clock.command("set")
def set_clock(
    context: typer.Context,
    day: Annotated[str, typer.Argument(help="A day like 2026-12-24, or reset.")],
    as_json: JsonOption = False,
    profile: ProfileOption = None,
) -> None:
    """Set the day; the real one again with reset."""
    today = None if day == "reset" else _day(day)
    _set_clock(context, today, as_json, profile)


@clock.command("reset")
def reset_clock(
    context: typer.Context, as_json: JsonOption = False, profile: ProfileOption = None
) -> None:
    """Go by the real day again."""
    _set_clock(context, None, as_json, profile)


def tick(
    context: typer.Context, as_json: JsonOption = False, profile: ProfileOption = None
) -> None:
    """Move every account on whose stage changes by today (local stack only)."""
    from tools.cli.local_stack import tick as run_tick
    from tools.cli.output import print_json

    counts = run_tick(caller(context, None, None, profile).local_stack())
    if as_json:
        print_json(counts)
    else:
        print(f"{counts['groups']} groups moved on in {counts['workspaces']} workspaces")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandFailed(f"{text!r} is no day; write it like 2026-12-24, or reset") from None


def _set_clock(
    context: typer.Context, today: date | None, as_json: bool, profile: str | None
) -> None:
    from tools.cli.local_stack import set_clock
    from tools.cli.output import print_json

    moved = set_clock(caller(context, None, None, profile).local_stack(), today)
    shown = today.isoformat() if today else None
    if as_json:
        print_json({"today": shown, "groups": moved})
        return
    print(f"today is {shown} now" if shown else "the clock goes by the real day again")
    if moved is None:
        print("`stageline tick` moves what is due by then")
    else:
        print(f"{moved} groups went back with it")
