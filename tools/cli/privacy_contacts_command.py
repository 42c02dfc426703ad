"""`stageline privacy contacts` and `privacy touch`: whose data is how old, and what is kept."""

from collections import Counter
from itertools import batched
from typing import Annotated, Any

import typer

from tools.cli.options import JsonOption, ProfileOption, RoleOption, WorkspaceOption, caller

MOST_AT_ONCE = 1_000
NOT_ALL_TOUCHED = 1


def contacts(
    context: typer.Context,
    older_than: Annotated[
        str | None, typer.Option(help="Only those of a greater age, like P2Y or P90D.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many contacts at most.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where a list ended.")] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """List contacts by the age of their data, the oldest first."""
    from tools.cli.output import console, print_json, print_table
    from tools.client import get_list

    client = caller(context, workspace, role, profile).client()
    found = get_list(client, "/v1/privacy/contacts", limit, cursor, older_than=older_than)
    if as_json:
        print_json(found)
        return
    columns = ("Contact", "Age in days", "Since", "Owner", "Stages", "Id")
    print_table(columns, map(_row, found["items"]))
    if found["next_cursor"]:
        console(stderr=True).print(f"more: --cursor {found['next_cursor']}", soft_wrap=True)


def touch(
    context: typer.Context,
    contact_ids: Annotated[list[str], typer.Argument(help="Ids of contacts.", metavar="CONTACT…")],
    reason: Annotated[str, typer.Option(help="Why their data is still needed.")],
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    role: RoleOption = None,
    profile: ProfileOption = None,
) -> None:
    """Have the age of contacts begin now; ends with 1 when one of them was not touched."""
    from tools.cli.output import print_json, print_table

    client = caller(context, workspace, role, profile).client()
    told: list[Any] = []
    for some in batched(dict.fromkeys(contact_ids), MOST_AT_ONCE, strict=False):
        sent = {"contact_ids": list(some), "reason": reason}
        told += client.post("/v1/privacy/touches", sent)["items"]
    left = [one for one in told if one["outcome"] != "touched"]
    if as_json:
        print_json(told)
    else:
        counted = Counter(one["outcome"].replace("_", " ") for one in told)
        print(", ".join(f"{number} {outcome}" for outcome, number in counted.items()))
        if left:
            rows = ((one["contact_id"], one["outcome"].replace("_", " ")) for one in left)
            print_table(("Id", "Not touched"), rows)
    if left:
        raise typer.Exit(NOT_ALL_TOUCHED)


def _row(one: dict[str, Any]) -> tuple[Any, ...]:
    name = " ".join(filter(None, (one["first_name"], one["last_name"]))) or one["email"]
    stages = (f"{of['name']}: {of['display']}" for of in one["stages"] or ())
    since = one["gdpr_date"][:10]
    return name, one["age_days"], since, one["owner_email"], ", ".join(stages), one["id"]
