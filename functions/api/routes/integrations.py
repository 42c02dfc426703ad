"""Integrations: the sources of a workspace, and whether stages are shown because of them."""

import json
import re
from datetime import time
from typing import TYPE_CHECKING, Any

from api import render, render_integrations
from api.call import Answer, Call, etag, validated
from stageline import bootstrap
from stageline.domain.errors import Invalid, NotFound
from stageline.domain.integration import Integration, Schedule
from stageline.domain.job_states import FILE_INTEGRATION
from stageline.domain.overlay import overlay_on
from stageline.domain.permissions import may
from stageline.domain.sync import SyncState
from stageline.use_cases import integrations

if TYPE_CHECKING:
    from api.integration_bodies import NewCrmIntegration, ScheduleBody

_KEY = re.compile(r"[a-z][a-z0-9-]{0,30}")


def list_integrations(call: Call) -> Answer:
    configured = bootstrap.configuration(call.workspace).read()
    dash = overlay_on(configured.overlay.entries, call.today_in(configured.zone))
    return Answer(
        {
            "items": [
                _rendered(call, one, configured.sync(one.key)) for one in configured.integrations
            ],
            "no_stage": render.no_stage(dash),
        }
    )


def get_file_integration(call: Call) -> Answer:
    configuration = bootstrap.configuration(call.workspace)
    return _shown(call, integrations.get_integration(configuration, FILE_INTEGRATION))


def put_file_integration(call: Call) -> Answer:
    from api.bodies import IntegrationSwitches

    body = call.body(IntegrationSwitches)
    return _shown(
        call,
        integrations.put_integration(
            bootstrap.configuration(call.workspace),
            FILE_INTEGRATION,
            active=body.active,
            opportunity_pull=body.opportunity_pull,
            expected=call.expected_revision("integration"),
            today=call.today,
            stamp=call.stamp,
        ),
    )


def change_file_integration(call: Call) -> Answer:
    from api.bodies import IntegrationChanges

    expected = call.expected_revision("integration", needed=True)
    changes = call.body(IntegrationChanges).sent()
    return _shown(
        call,
        integrations.change_integration(
            bootstrap.configuration(call.workspace),
            FILE_INTEGRATION,
            active=changes.get("active"),
            opportunity_pull=changes.get("opportunity_pull"),
            expected=expected,
            today=call.today,
            stamp=call.stamp,
        ),
    )


def get_integration(call: Call) -> Answer:
    return _shown(call, found(call))


def put_integration(call: Call) -> Answer:
    from api.integration_bodies import NewCrmIntegration

    body = call.body(NewCrmIntegration)
    if not _KEY.fullmatch(call.path["integration"]):
        raise Invalid("integration", "pattern", "is a-z, 0-9 and -, up to 31 signs, a-z first")
    return _put(call, body, call.expected_revision("integration"))


def change_integration(call: Call) -> Answer:
    from api.integration_bodies import CrmIntegrationChanges, NewCrmIntegration
    from stageline.use_cases.again import expect_revision

    expected = call.expected_revision("integration", needed=True)
    changes = call.body(CrmIntegrationChanges).model_dump(exclude_unset=True)
    before = found(call)
    expect_revision("integration", before.rev, expected)
    assert before.connection is not None
    settings = render_integrations.settings(before, before.connection)
    after = json.dumps(merged(settings, changes)).encode()
    return _put(call, validated(NewCrmIntegration, after), before.rev)


def set_credentials(call: Call) -> Answer:
    from api.integration_bodies import Credentials
    from stageline.use_cases import crm_integrations

    crm_integrations.set_credentials(
        bootstrap.configuration(call.workspace),
        bootstrap.integration_secrets(call.workspace),
        bootstrap.syncs(call.workspace),
        key_of(call),
        call.body(Credentials).model_extra or {},
        today=call.today,
        stamp=call.stamp,
    )
    return Answer(None, 204)


def delete_integration(call: Call) -> Answer:
    from stageline.use_cases import crm_integrations, sync_start

    key, records = key_of(call), call.query["records"]
    if records is None:
        message = "say what becomes of its records: keep (as they are), or end_presence (today)"
        raise Invalid("records", "missing", message)
    if records == "end_presence":
        run = sync_start.start_run(
            bootstrap.syncs(call.workspace),
            found(call),
            "leave",
            call.new_id("request"),
            call.principal.subject,
            call.now,
        )
        bootstrap.sync_queue(call.workspace).send(run.run_id, run.rev)
        address = f"/v1/integrations/{key}/runs/{run.run_id}"
        return Answer({"run": render_integrations.run(run)}, 200, {"Location": address})
    crm_integrations.remove_integration(
        bootstrap.configuration(call.workspace),
        bootstrap.integration_secrets(call.workspace),
        bootstrap.refused_records(call.workspace, key),
        key,
        today=call.today,
        stamp=call.stamp,
    )
    return Answer({"run": None})


def key_of(call: Call) -> str:
    """Return the key in the path. Raises NotFound for a text that is none."""
    key = call.path["integration"]
    if not _KEY.fullmatch(key):
        raise NotFound("integration")
    return key


def found(call: Call) -> Integration:
    """Return the integration in the path. Raises NotFound, also for that of files."""
    from stageline.use_cases.crm_integrations import crm_integration

    return crm_integration(bootstrap.configuration(call.workspace).read(), key_of(call))


def merged(before: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return a document as a merge patch leaves it (RFC 7396)."""
    after = dict(before)
    for name, value in changes.items():
        if value is None:
            after.pop(name, None)
        elif isinstance(value, dict):
            inner = after.get(name)
            after[name] = merged(inner if isinstance(inner, dict) else {}, value)
        else:
            after[name] = value
    return after


def _put(call: Call, body: "NewCrmIntegration", expected: int | None) -> Answer:
    from stageline.use_cases import crm_integrations

    wanted = crm_integrations.Wanted(
        vendor=body.vendor,
        base_url=body.base_url,
        schedule=_schedule(call, body.schedule),
        records=tuple(body.records),
        mapping=body.mapping,
        active=body.active,
        opportunity_pull=body.opportunity_pull,
        sync=body.sync,
    )
    return _shown(
        call,
        crm_integrations.put_crm_integration(
            bootstrap.configuration(call.workspace),
            call.path["integration"],
            wanted,
            expected=expected,
            today=call.today,
            stamp=call.stamp,
        ),
    )


def _schedule(call: Call, body: "ScheduleBody") -> Schedule:
    from stageline.domain.sync_schedule import make_schedule

    zone = body.zone or bootstrap.configuration(call.workspace).zone()
    return make_schedule(map(time.fromisoformat, body.times), zone, body.full_every_days)


def _shown(call: Call, integration: Integration) -> Answer:
    if integration.connection is None:
        return Answer(render.integration(integration), headers=etag(integration.rev))
    state = bootstrap.syncs(call.workspace).state(integration.key)
    return Answer(_rendered(call, integration, state), headers=etag(integration.rev))


def _rendered(call: Call, integration: Integration, state: SyncState) -> dict[str, Any]:
    administers = may(call.principal, "administer")
    return render_integrations.integration(integration, state, call.now, with_mapping=administers)
