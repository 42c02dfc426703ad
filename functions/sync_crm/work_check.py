"""Check a mapping against its CRM because an admin asked (a message of the queue of runs)."""

from dataclasses import replace

from stageline import bootstrap
from stageline.domain.crm_bodies import as_documented
from stageline.domain.crm_check import check_json
from stageline.domain.crm_errors import CrmError, CrmUnavailable
from stageline.domain.crm_mapping import read_mapping
from stageline.domain.errors import NotFound, Stale, UrlNotAllowed
from stageline.domain.sync import Attention
from stageline.domain.sync_check import MappingCheck, result_text
from stageline.domain.workspace import Workspace
from stageline.use_cases.sync_attention import attention_of
from sync_crm.checking import check_mapping
from sync_crm.opening import Deadline, opened


def work_check(workspace: Workspace, key: str, deadline: Deadline) -> MappingCheck | None:
    """Do the last check of an integration, if that was not done; return it as it is then."""
    checks = bootstrap.checks(workspace)
    try:
        check = checks.last(key)
    except NotFound:
        return None
    if check.status != "running":
        return check
    ended = replace(_checked(workspace, check, deadline), finished_at=bootstrap.clock().now())
    try:
        checks.end(ended)
    except Stale:
        # Somebody asked for another one meanwhile.
        return check
    return ended


def _checked(workspace: Workspace, check: MappingCheck, deadline: Deadline) -> MappingCheck:
    configured, now = bootstrap.configuration(workspace).read(), bootstrap.clock().now()
    integration = configured.integration(check.integration)
    if integration is None or integration.connection is None:
        return replace(check, status="failed")
    mapping = check.mapping or integration.connection.mapping
    try:
        with as_documented():
            found = check_mapping(
                opened(workspace, integration, deadline).connector,
                read_mapping(mapping),
                bootstrap.fields(workspace),
                configured.zone,
                now,
                integration.connection.records,
            )
    except CrmUnavailable as error:
        message = "the CRM does not answer as it should; ask again later"
        attention = Attention("crm_unavailable", message, error.status, error.code, None, now)
        return replace(check, status="failed", attention=attention)
    except (CrmError, UrlNotAllowed, NotFound) as error:
        attention = replace(attention_of(error, "accounts", now), records=None)
        return replace(check, status="failed", attention=attention)
    return replace(check, status="completed", result=result_text(check_json(found)))
