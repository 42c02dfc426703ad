"""Integrations: the sources of a workspace, and whether stages are shown because of them."""

from api import render
from api.call import Answer, Call, etag
from stageline import bootstrap
from stageline.domain.integration import Integration
from stageline.domain.job_states import FILE_INTEGRATION
from stageline.domain.overlay import overlay_on
from stageline.use_cases import integrations


def list_integrations(call: Call) -> Answer:
    configured = bootstrap.configuration(call.workspace).read()
    dash = overlay_on(configured.overlay.entries, call.today_in(configured.zone))
    return Answer(
        {
            "items": [render.integration(one) for one in configured.integrations],
            "no_stage": render.no_stage(dash),
        }
    )


def get_integration(call: Call) -> Answer:
    configuration = bootstrap.configuration(call.workspace)
    return _shown(integrations.get_integration(configuration, FILE_INTEGRATION))


def put_integration(call: Call) -> Answer:
    from api.bodies import IntegrationSwitches

    body = call.body(IntegrationSwitches)
    return _shown(
        integrations.put_integration(
            bootstrap.configuration(call.workspace),
            FILE_INTEGRATION,
            active=body.active,
            opportunity_pull=body.opportunity_pull,
            expected=call.expected_revision("integration"),
            today=call.today,
            stamp=call.stamp,
        )
    )


def change_integration(call: Call) -> Answer:
    from api.bodies import IntegrationChanges

    expected = call.expected_revision("integration", needed=True)
    changes = call.body(IntegrationChanges).sent()
    return _shown(
        integrations.change_integration(
            bootstrap.configuration(call.workspace),
            FILE_INTEGRATION,
            active=changes.get("active"),
            opportunity_pull=changes.get("opportunity_pull"),
            expected=expected,
            today=call.today,
            stamp=call.stamp,
        )
    )


def _shown(integration: Integration) -> Answer:
    return Answer(render.integration(integration), headers=etag(integration.rev))
