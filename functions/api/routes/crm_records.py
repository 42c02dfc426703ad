"""What is written to CRMs: asked for, listed."""

from typing import Any

from api import render
from api.call import Answer, Call
from api.routes.integrations import found
from stageline import bootstrap
from stageline.domain.errors import Invalid, NotFound
from stageline.domain.write_back import WriteBack


def request_crm_record(call: Call) -> Answer:
    from api.integration_bodies import NewCrmRecord
    from stageline.use_cases.crm_creation import request_creation
    from stageline.use_cases.crm_integrations import crm_integration

    account_id, key = call.id_of("account"), call.body(NewCrmRecord).integration
    account = call.rights.account(account_id, "write")
    try:
        integration = crm_integration(bootstrap.configuration(call.workspace).read(), key)
    except NotFound as error:
        raise Invalid("integration", "unknown", "is none of this workspace with a CRM") from error
    write = request_creation(
        bootstrap.writes(call.workspace),
        integration,
        account,
        call.new_id("request"),
        call.principal.subject,
        call.now,
    )
    if not write.is_finished:
        bootstrap.write_queue(call.workspace).send_write(write.write_id)
    return Answer(_shown(write), 202, {"Location": f"/v1/integrations/{key}/writes"})


def list_writes(call: Call) -> Answer:
    place = call.place()
    writes, following = bootstrap.writes(call.workspace).latest(
        found(call).key, call.query["limit"], str(place[0]) if place else None
    )
    return Answer(
        {
            "items": [_shown(write) for write in writes],
            "next_cursor": following and call.cursor([following]),
        }
    )


def _shown(write: WriteBack) -> dict[str, Any]:
    return {
        "id": write.write_id,
        "integration": write.integration,
        "what": write.what,
        "record_id": write.record_id,
        "status": write.status,
        "attempts": write.attempts,
        "vendor_status": write.vendor_status,
        "code": write.code,
        "value": write.value,
        "conflict": write.is_conflict,
        "requested_by": write.requested_by,
        "requested_at": render.instant(write.requested_at),
        "moved_at": render.instant(write.moved_at),
    }
