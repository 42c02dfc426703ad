"""Let people into a deployment: `python -m tools.members` makes a workspace and its first members.

Uses the AWS credentials of whoever runs it, who must be allowed to write the table. For the first
administrator; they let in the others over the API.
"""

from datetime import UTC, datetime
from typing import Annotated, cast

import boto3
import typer

from stageline.adapters.dynamodb.configuration import DynamoDbConfiguration
from stageline.adapters.dynamodb.directory import DynamoDbDirectory
from stageline.adapters.dynamodb.table import Table
from stageline.domain.errors import Conflict, Invalid
from stageline.domain.principal import ROLES, Role
from stageline.domain.stamp import Stamp
from stageline.domain.workspace import Workspace
from stageline.use_cases.members import add_member
from stageline.use_cases.workspaces import create_workspace


def add(
    workspace: Annotated[str, typer.Argument(help="2 to 40 lower-case letters, digits, hyphens")],
    subject: Annotated[str, typer.Argument(help="the `sub` of the person's or client's token")],
    role: Annotated[str, typer.Argument(help=f"one of {', '.join(ROLES)}")],
    table: Annotated[str, typer.Option(help="output TableName of the stack")],
    email: Annotated[
        str | None, typer.Option(help="whose records are theirs: those with this owner")
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help="makes the workspace, whose days are those of this zone")
    ] = None,
) -> None:
    """Let a subject into a workspace, in a role. A repetition replaces the role."""
    items = Table(boto3.client("dynamodb"), table)
    directory = DynamoDbDirectory(items)
    try:
        named = Workspace(workspace)
        stamp = Stamp("operator", "tools.members", datetime.now(UTC))
        if zone is not None:
            create_workspace(directory, DynamoDbConfiguration(items, named), named, zone, stamp)
        elif named not in directory.workspaces():
            raise Invalid("workspace", "unknown", "there is no such workspace; --zone makes it")
        add_member(directory, named, subject, cast("Role", role), email=email, stamp=stamp)
    except (Conflict, Invalid, ValueError) as error:
        typer.echo(f"members: {error}", err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    typer.run(add)
