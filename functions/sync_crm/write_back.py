"""Work off what is to be written to CRMs; asked for by the messages of `work_run`."""

from collections.abc import Mapping
from functools import lru_cache

from stageline import bootstrap
from stageline.domain.crm_mapping import read_mapping
from stageline.domain.crm_records import CrmField
from stageline.domain.integration import Integration
from stageline.domain.workspace import Workspace
from stageline.schemes import shipped
from stageline.use_cases.crm_writing import Writing
from sync_crm.opening import Deadline, opened

# Of one revision of an integration; a choice that the CRM has since is seen by new workers.
_KEPT = 64


def writing_of(workspace: Workspace, deadline: Deadline) -> Writing:
    """Return what writes of a workspace read and write."""
    configuration = bootstrap.configuration(workspace)
    return Writing(
        writes=bootstrap.writes(workspace),
        queue=bootstrap.write_queue(workspace),
        accounts=bootstrap.accounts(workspace),
        rows=bootstrap.rows(workspace),
        aliases=bootstrap.aliases(workspace),
        identities=bootstrap.identities(workspace),
        configuration=configuration,
        scheme=shipped(),
        connector=lambda integration: opened(workspace, integration, deadline).connector,
        stage_field=stage_field,
        described=lambda integration, name: _described(workspace, integration, deadline).get(name),
        today=lambda: bootstrap.clock().today(configuration.zone()),
        now=bootstrap.clock().now,
    )


@lru_cache(maxsize=_KEPT)
def stage_field(integration: Integration) -> str | None:
    """Return the field of the CRM's accounts that the stage goes into, if there is one."""
    if integration.connection is None or integration.connection.mapping is None:
        return None
    return read_mapping(integration.connection.mapping).accounts.write.stage


@lru_cache(maxsize=_KEPT)
def _described(
    workspace: Workspace, integration: Integration, deadline: Deadline
) -> Mapping[str, CrmField]:
    connector = opened(workspace, integration, deadline).connector
    return {field.name: field for field in connector.describe("accounts")}
