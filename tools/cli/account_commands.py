"""`stageline accounts` and `stageline stage`: which stage accounts are in, and why."""

from typing import Annotated, Any

import typer

from tools.cli.options import JsonOption, ProfileOption, RoleOption, WorkspaceOption, caller


def accounts(
    context: typer.Context,
    stage: Annotated[
        list[str] | None, typer.Option(help='Only in this stage, or "-"; may be repeated.')
    ] = None,
    holds: Annotated[
        list[str] | None, typer.Option(help="Only where this condition holds; may be repeated.")
    ] = None,
    sort: Annotated[
        str | None, typer.Option(help="stage, name or since; -stage and so on for the other way.")
    ] = None,
    q: Annotated[
        str | None, typer.Option(help="Beginning of a word of the name, or of the domain.")
    ] = None,
    owner: Annotated[str | None, typer.Option(help='Address of the owner; "-" for none.')] = None,
    in_crm: Annotated[bool | None, typer.Option("--in-crm/--not-in-crm")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many accounts at most.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where a list ended.")] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """List accounts with their stage."""
    from tools.cli.output import console, print_json
    from tools.client import get_list

    client = caller(context, workspace, role, profile).client()
    found = get_list(
        client,
        "/v1/accounts",
        limit,
        cursor,
        stage=stage or None,
        holds=holds or None,
        sort=sort,
        q=q,
        owner=owner,
        in_crm=None if in_crm is None else str(in_crm).lower(),
    )
    if as_json:
        print_json(found)
        return
    _print_accounts(found["items"])
    if found["next_cursor"]:
        console(stderr=True).print(f"more: --cursor {found['next_cursor']}", soft_wrap=True)


def stage(
    context: typer.Context,
    account: Annotated[str, typer.Argument(help="Id, external id or exact name.")],
    as_of: Annotated[
        str | None, typer.Option(help="The stage on this day, also one ahead.", metavar="DAY")
    ] = None,
    known_at: Annotated[
        str | None, typer.Option(help="As it was believed at this instant.", metavar="INSTANT")
    ] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """Show the stage of an account: since when, why, and what will change it next."""
    from tools.cli.find_account import find_account
    from tools.cli.output import print_json
    from tools.cli.stage_text import print_stage

    client = caller(context, workspace, role, profile).client()
    account_id, name = find_account(client, account)
    path = f"/v1/accounts/{account_id}/stages/crm_stage"
    answer = client.get(path, as_of=as_of, known_at=known_at)
    if as_json:
        print_json(answer)
    else:
        print_stage(answer, name)


def _print_accounts(items: list[Any]) -> None:
    from tools.cli.output import print_table

    print_table(
        ("Account", "Stage", "Since", "Next", "In CRM", "Owner", "Id"),
        (
            (
                item["name"],
                item["display"],
                item.get("since"),
                item.get("next_change_on"),
                "yes" if item.get("in_crm") else "no",
                item.get("owner_email"),
                item["id"],
            )
            for item in items
        ),
    )
