"""Integrations, and how fresh what they brought is."""

from api.route import Route

ROUTES = (
    Route(
        method="GET",
        path="/v1/integrations",
        handler="integrations:list_integrations",
        summary="List integrations, and whether stages are shown",
        tag="Integrations",
        answer="Integrations",
    ),
    Route(
        method="GET",
        path="/v1/integrations/file",
        handler="integrations:get_integration",
        summary="The file integration",
        tag="Integrations",
        answer="Integration",
    ),
    Route(
        method="PUT",
        path="/v1/integrations/file",
        handler="integrations:put_integration",
        summary="Create the file integration, or set its switches",
        tag="Integrations",
        action="administer",
        body="IntegrationSwitches",
        answer="Integration",
        if_match="possible",
    ),
    Route(
        method="PATCH",
        path="/v1/integrations/file",
        handler="integrations:change_integration",
        summary="Set some switches of the file integration (RFC 7396)",
        tag="Integrations",
        action="administer",
        body="IntegrationChanges",
        answer="Integration",
        if_match="needed",
    ),
    Route(
        method="GET",
        path="/v1/freshness",
        handler="freshness:get_freshness",
        summary="As of when stages are known to be right, and what that rests on",
        tag="Freshness",
        answer="Freshness",
    ),
)
