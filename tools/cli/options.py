"""The options that every command has, and what they lead to: a caller of one deployment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tools.errors import CommandFailed

if TYPE_CHECKING:
    from tools.client import Client
    from tools.profile import Profile

WorkspaceOption = Annotated[
    str | None,
    typer.Option("--workspace", help="The workspace, by its short name or its id.", metavar="W"),
]
RoleOption = Annotated[
    str | None,
    typer.Option("--role", help="Ask as this role of the local stack (admin).", metavar="ROLE"),
]
ProfileOption = Annotated[
    str | None,
    typer.Option("--profile", help="A deployment, instead of the local stack.", metavar="NAME"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON on standard output, for scripts.")]


@dataclass(frozen=True, slots=True)
class Common:
    """What was given before the command's name; the same options after it win."""

    workspace: str | None = None
    role: str | None = None
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """A deployment, a workspace (None: the profile's) and a role."""

    profile: "Profile"
    workspace: str | None
    role: str

    def client(self) -> "Client":
        """Raises ProfileError."""
        from tools.client import Client

        workspace_id = self.profile.workspace_id(self.workspace)
        token = self.profile.token(self.role, self.workspace)
        return Client(self.profile.api_url, token, workspace_id)

    def local_stack(self) -> Mapping[str, Any]:
        """Return the stack file. Raises CommandFailed for a deployment that is no local stack."""
        if self.profile.stack is None:
            raise CommandFailed("only a local stack has this; leave --profile out")
        return self.profile.stack


def caller(
    context: typer.Context, workspace: str | None, role: str | None, profile: str | None
) -> Caller:
    """Return who asks whom. Raises ProfileError."""
    from tools.profile import load

    common = context.find_root().obj or Common()
    return Caller(
        load(profile or common.profile),
        workspace or common.workspace,
        role or common.role or "admin",
    )
