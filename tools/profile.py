"""Where Stageline answers and who asks: the local stack's file, or a profile of a deployment."""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.errors import ProfileError

STACK_FILE = Path(".local") / "stack.json"
START_IT = "start one with `make up`, or name a deployment with --profile"


@dataclass(frozen=True, slots=True)
class Profile:
    """One deployment. `stack` is the whole stack file, None unless it is the local stack.

    `tokens` are access tokens by workspace (its short name) and role.
    """

    api_url: str
    workspaces: Mapping[str, str]
    tokens: Mapping[str, Mapping[str, str]] = field(repr=False)
    stack: Mapping[str, Any] | None = field(default=None, repr=False)

    def workspace_id(self, name: str | None) -> str | None:
        """Return the id behind a short name or an id; None when the profile names none.

        Raises ProfileError for an unknown one of the local stack.
        """
        if name is None:
            return self.workspaces.get("main")
        if name in self.workspaces:
            return self.workspaces[name]
        if self.stack is not None and name not in self.workspaces.values():
            known = ", ".join(self.workspaces)
            raise ProfileError(f"there is no workspace {name} here; there are: {known}")
        return name

    def token(self, role: str, workspace: str | None) -> str:
        """Return an access token. Raises ProfileError when there is none for that role."""
        ids = {identity: name for name, identity in self.workspaces.items()}
        name = "main" if workspace is None else ids.get(workspace, workspace)
        by_role = self.tokens.get(name, {})
        if role not in by_role:
            known = ", ".join(by_role) or "none"
            raise ProfileError(f"there is no token for the role {role}; roles here: {known}")
        return by_role[role]


def load(name: str | None) -> Profile:
    """Return the named profile, or the running local stack. Raises ProfileError."""
    return _from_stack_file(stack_file()) if name is None else _from_profiles(name)


def stack_file() -> Path:
    """Return where the local stack says what it is: STAGELINE_STACK, or the project's .local."""
    named = os.environ.get("STAGELINE_STACK")
    if named:
        return Path(named)
    here = Path.cwd()
    found = (folder / STACK_FILE for folder in (here, *here.parents))
    project = Path(__file__).resolve().parent.parent
    return next((path for path in found if path.is_file()), project / STACK_FILE)


def profiles_file() -> Path:
    """Return where profiles are kept: STAGELINE_PROFILES, or the user's configuration."""
    named = os.environ.get("STAGELINE_PROFILES")
    if named:
        return Path(named)
    configuration = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(configuration) / "stageline" / "profiles.toml"


def _from_stack_file(path: Path) -> Profile:
    try:
        stack = json.loads(path.read_text("utf-8"))
        return Profile(
            api_url=stack["api_url"],
            workspaces=stack["workspaces"],
            tokens=stack["tokens"],
            stack=stack,
        )
    except FileNotFoundError:
        raise ProfileError(f"no local stack is running: {START_IT}") from None
    except (ValueError, KeyError, TypeError, OSError):
        raise ProfileError(f"{path.name} is not a local stack's file: {START_IT}") from None


def _from_profiles(name: str) -> Profile:
    path = profiles_file()
    try:
        profile = tomllib.loads(path.read_text("utf-8"))[name]
        api_url = profile["api_url"]
        token = os.environ.get("STAGELINE_TOKEN") or _token_in(profile)
        workspace = profile.get("workspace")
        role = profile.get("role", "admin")
    except FileNotFoundError:
        raise ProfileError(f"there is no profile {name}: {path} does not exist") from None
    except (KeyError, TypeError, AttributeError):
        raise ProfileError(f"{path} needs a section [{name}] with api_url") from None
    except ValueError:
        raise ProfileError(f"{path} is not TOML") from None
    except OSError:
        raise ProfileError(f"the token_file of the profile {name} cannot be read") from None
    if not token:
        raise ProfileError(f"the profile {name} has no token: set STAGELINE_TOKEN or token_file")
    # A token proves who is calling; what they may do, their membership says, so any role fits.
    return Profile(
        api_url=api_url,
        workspaces={"main": workspace} if workspace else {},
        tokens={"main": _AnyRole({role: token})},
    )


def _token_in(profile: Mapping[str, Any]) -> str | None:
    path = profile.get("token_file")
    return Path(path).expanduser().read_text("utf-8").strip() if path else None


class _AnyRole(dict[str, str]):
    """The one token of a profile, whatever role is asked for."""

    def __contains__(self, role: object) -> bool:
        return True

    def __missing__(self, role: str) -> str:
        return next(iter(self.values()))
