"""Mappings checked against their CRMs, and records as they would be."""

import json
from typing import Any

from api import render, render_integrations
from api.call import Answer, Call
from api.routes.integrations import found, key_of
from stageline import bootstrap
from stageline.domain.sync_check import MappingCheck
from stageline.use_cases.sync_start import begin_check


def request_mapping_check(call: Call) -> Answer:
    from api.integration_bodies import NewCheck
    from stageline.use_cases.crm_integrations import mapping_text

    mapping = call.body(NewCheck).mapping
    check = begin_check(
        bootstrap.checks(call.workspace),
        found(call),
        None if mapping is None else mapping_text(mapping),
        call.new_id("request"),
        call.principal.subject,
        call.now,
    )
    bootstrap.sync_queue(call.workspace).send_check(check.integration)
    address = f"/v1/integrations/{check.integration}/check"
    return Answer(_shown(call, check), 202, {"Location": address})


def get_mapping_check(call: Call) -> Answer:
    return Answer(_shown(call, bootstrap.checks(call.workspace).last(key_of(call))))


def _shown(call: Call, check: MappingCheck) -> dict[str, Any]:
    return {
        "id": check.check_id,
        "integration": check.integration,
        "status": check.status,
        "requested_by": check.requested_by,
        "requested_at": render.instant(check.requested_at),
        "finished_at": render.instant(check.finished_at),
        "attention": render_integrations.attention(check.attention),
        "result": None if check.result is None else _result(call, json.loads(check.result)),
    }


def _result(call: Call, result: dict[str, Any]) -> dict[str, Any]:
    """Return what was found, without records of modules that are closed to the caller."""
    opened = [one for one in result["previews"] if call.rights.opens(one["records"])]
    return result | {"previews": opened}
