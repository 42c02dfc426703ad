"""Work off what is to be written to CRMs; asked for by the messages of `work_run`."""

from stageline import bootstrap
from stageline.domain.workspace import Workspace
from stageline.use_cases.crm_writes import Writing
from sync_crm.opening import Deadline, opened


def writing_of(workspace: Workspace, deadline: Deadline) -> Writing:
    """Return what writes of a workspace read and write."""
    configuration = bootstrap.configuration(workspace)
    return Writing(
        writes=bootstrap.writes(workspace),
        queue=bootstrap.write_queue(workspace),
        accounts=bootstrap.accounts(workspace),
        aliases=bootstrap.aliases(workspace),
        identities=bootstrap.identities(workspace),
        configuration=configuration,
        connector=lambda integration: opened(workspace, integration, deadline).connector,
        today=lambda: bootstrap.clock().today(configuration.zone()),
        now=bootstrap.clock().now,
    )
