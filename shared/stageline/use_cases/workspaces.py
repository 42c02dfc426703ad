"""Set up workspaces."""

from stageline.domain.stamp import Stamp
from stageline.domain.workspace import Workspace
from stageline.ports import Configuration, Directory
from stageline.use_cases.members import check_zone


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
    check_zone(zone)
    configuration.save_zone(zone, stamp)
    directory.add_workspace(workspace)
