"""The API's document. It is public."""

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
)
