"""`stageline counts`: how many accounts and groups are in each stage."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from tools.cli.options import JsonOption, ProfileOption, RoleOption, WorkspaceOption, caller

type Names = Mapping[str, str]


def counts(
    context: typer.Context,
    as_of: Annotated[
        str | None, typer.Option(help="On this day, also one ahead; today.", metavar="DAY")
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", help="Every day from this one on.", metavar="DAY")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", help="Until this one; goes with --from.", metavar="DAY")
    ] = None,
    known_at: Annotated[
        str | None,
        typer.Option(help="As it was believed at the end of that day.", metavar="INSTANT"),
    ] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """Count accounts and groups by stage; waits while they are being counted."""
    from tools.cli.output import print_json
    from tools.client import get_counts

    client = caller(context, workspace, role, profile).client()
    query = {"as_of": as_of, "from": first, "to": last, "known_at": known_at}
    answer = get_counts(client, query)
    if as_json:
        print_json(answer)
        return
    stages = client.get("/v1/schemes/crm_stage")["stages"]
    names = {stage["key"]: stage["name"] for stage in stages}
    if "items" in answer:
        _print_range(answer, names)
    else:
        _print_day(answer, names)


def _print_day(answer: dict[str, Any], names: Names) -> None:
    from tools.cli.output import print_table

    _print_line(answer, answer["as_of"] + (" (predicted)" if answer["predicted"] else ""))
    if answer["reason"]:
        print(answer["reason"])
    print_table(
        ("Stage", "Accounts", "Groups"),
        (
            (names.get(stage, stage), number, answer["groups"][stage])
            for stage, number in answer["accounts"].items()
        ),
    )


def _print_range(answer: dict[str, Any], names: Names) -> None:
    from tools.cli.output import print_table

    _print_line(answer, "accounts / groups")
    stages = dict.fromkeys(stage for day in answer["items"] for stage in day["accounts"])
    print_table(
        ("Day", *(names.get(stage, stage) for stage in stages)),
        (
            (day["as_of"], *(_accounts_of_groups(day, stage) for stage in stages))
            for day in answer["items"]
        ),
    )


def _accounts_of_groups(day: dict[str, Any], stage: str) -> str | None:
    if stage not in day["accounts"]:
        return None
    return f"{day['accounts'][stage]} / {day['groups'][stage]}"


def _print_line(answer: dict[str, Any], what: str) -> None:
    known_at = f", as known at {answer['known_at']}" if answer["known_at"] else ""
    print(f"{what}{known_at}, counted at {answer['counted_at']}")
