"""Set up workspaces and who belongs to them."""

from stageline.domain.errors import Invalid
from stageline.domain.principal import ROLES, Member, Role
from stageline.domain.stamp import Stamp
from stageline.domain.workspace import Workspace
from stageline.ports import Configuration, Directory


def create_workspace(
    directory: Directory,
    configuration: Configuration,
    workspace: Workspace,
    zone: str,
    stamp: Stamp,
) -> None:
    """Make a workspace whose days are those of `zone` (IANA, like Europe/Vienna).

    `configuration` is the new workspace's. Safe to repeat; a repetition sets the zone.
    Raises Invalid for an unknown zone.
    """
    _check_zone(zone)
    configuration.save_zone(zone, stamp)
    directory.add_workspace(workspace)


def add_member(
    directory: Directory,
    workspace: Workspace,
    subject: str,
    role: Role,
    *,
    suspended: bool = False,
) -> None:
    """Let the subject of a token into a workspace, in a role. A repetition replaces the role.

    Raises Invalid for an unknown role.
    """
    if role not in ROLES:
        raise Invalid("role", "unknown", f"a role is one of {', '.join(ROLES)}")
    directory.save_member(Member(subject, workspace, role, suspended))


def _check_zone(zone: str) -> None:
    from zoneinfo import available_timezones

    if zone not in available_timezones():
        raise Invalid("zone", "unknown", "a zone is a name of the IANA database")
