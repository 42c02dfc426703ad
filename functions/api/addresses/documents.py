"""The API's document, and whether it answers. Both are public."""

from api.route import Route

ROUTES = (
    Route(
        method="GET",
        path="/openapi.json",
        handler="documents:openapi",
        summary="This document",
        tag="Documents",
        action=None,
    ),
    Route(
        method="GET",
        path="/docs",
        handler="documents:docs",
        summary="This document, for people",
        tag="Documents",
        action=None,
    ),
    Route(
        method="GET",
        path="/health",
        handler="health:health",
        summary="Whether the API answers, or waits for a restored table to be checked",
        tag="Documents",
        action=None,
        answer="Health",
    ),
)
