"""The check of a restored table. It passes the fence, which nothing else opens."""

from api.route import Route

ROUTES = (
    Route(
        method="POST",
        path="/v1/privacy/restore-checks",
        handler="privacy_restore:request_check",
        summary="Erase anew, after a restore, who was erased; the same check while one runs",
        tag="Privacy",
        action="protect",
        answer="RestoreCheck",
        status=202,
        idempotent=True,
        passes_fence=True,
    ),
    Route(
        method="GET",
        path="/v1/privacy/restore-checks/{id}",
        handler="privacy_restore:get_check",
        summary="One check of a restored table: its progress, and what is left by store",
        tag="Privacy",
        action="protect",
        answer="RestoreCheck",
        passes_fence=True,
    ),
)
