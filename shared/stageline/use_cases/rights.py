"""What a workspace decides about who sees what: settings and access profiles."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from stageline.domain.access import LEVELS, MODULES, AccessProfile, Level, is_field
from stageline.domain.errors import Invalid, NotFound, ProfileInUse
from stageline.domain.settings import Settings
from stageline.domain.stamp import Stamp
from stageline.domain.workspace import Workspace
from stageline.ports import Directory, Rights
from stageline.use_cases.again import again, expect_revision


def change_settings(
    rights: Rights, changes: Mapping[str, Any], *, expected: int | None, stamp: Stamp
) -> Settings:
    """Change settings of the workspace. What does not differ is not written. Raises Stale."""

    def attempt() -> Settings:
        before = rights.settings()
        expect_revision("settings", before.rev, expected)
        after = replace(before, **changes)
        if after == before:
            return before
        after = replace(after, changed=stamp, rev=before.rev + 1)
        rights.save_settings(after)
        return after

    return again(attempt, expected=expected)


def get_profile(rights: Rights, key: str) -> AccessProfile:
    """Raises NotFound."""
    found = rights.profile(key)
    if found is None:
        raise NotFound("profile")
    return found


def put_profile(
    rights: Rights,
    key: str,
    name: str,
    modules: Mapping[Any, Level],
    fields: Mapping[str, Level],
    *,
    expected: int | None,
    stamp: Stamp,
) -> AccessProfile:
    """Make a profile, or replace what it says. Raises Invalid, Stale."""
    for module, level in modules.items():
        if module not in MODULES:
            raise Invalid("modules", "unknown", f"a module is one of {', '.join(MODULES)}")
        _check_level("modules", level)
    for path, level in fields.items():
        if not is_field(path):
            raise Invalid("fields", "unknown", "a field is named like deals.amount")
        _check_level("fields", level)

    def attempt() -> AccessProfile:
        before = rights.profile(key)
        expect_revision("profile", before.rev if before else 0, expected)
        after = AccessProfile(
            key=key,
            name=name,
            modules=modules,
            fields=fields,
            changed=before.changed if before else stamp,
            rev=before.rev if before else 1,
        )
        if after == before:
            return before
        if before is not None:
            after = replace(after, changed=stamp, rev=before.rev + 1)
        rights.save_profile(after)
        return after

    return again(attempt, expected=expected)


def delete_profile(
    rights: Rights,
    directory: Directory,
    workspace: Workspace,
    key: str,
    *,
    expected: int | None,
    stamp: Stamp,
) -> None:
    """Remove a profile that no member has. Raises NotFound, Stale, ProfileInUse.

    Should a member get it at the same moment, they may nothing until they get another one.
    """

    def attempt() -> None:
        profile = get_profile(rights, key)
        expect_revision("profile", profile.rev, expected)
        members = directory.roster(workspace).members
        if using := sorted(one.subject for one in members if one.profile == key):
            raise ProfileInUse(using)
        rights.delete_profile(profile, stamp)

    again(attempt, expected=expected)


def _check_level(field: str, level: str) -> None:
    if level not in LEVELS:
        raise Invalid(field, "level", f"a level is one of {', '.join(LEVELS)}")
