"""The one place where errors become HTTP: problem documents (RFC 9457)."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from api.refusals import (
    BodyTooLarge,
    CursorInvalid,
    IfMatchNeeded,
    InvalidFields,
    MethodNotAllowed,
    NoSuchRoute,
    Unreadable,
    WrongContentType,
)
from stageline.domain.errors import (
    CallInFlight,
    Conflict,
    CountsPending,
    Erased,
    Forbidden,
    GroupBusy,
    Invalid,
    NotFound,
    RestoredNotChecked,
    StagelineError,
    Stale,
    Unauthorized,
)

CONTENT_TYPE = "application/problem+json"

# A subclass that is not listed has the status of its nearest base.
STATUS_OF: Mapping[type[StagelineError], HTTPStatus] = {
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Conflict: HTTPStatus.CONFLICT,
    CursorInvalid: HTTPStatus.BAD_REQUEST,
    Erased: HTTPStatus.GONE,
    Forbidden: HTTPStatus.FORBIDDEN,
    IfMatchNeeded: HTTPStatus.PRECONDITION_REQUIRED,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    NoSuchRoute: HTTPStatus.NOT_FOUND,
    NotFound: HTTPStatus.NOT_FOUND,
    RestoredNotChecked: HTTPStatus.SERVICE_UNAVAILABLE,
    Stale: HTTPStatus.PRECONDITION_FAILED,
    Unauthorized: HTTPStatus.UNAUTHORIZED,
    Unreadable: HTTPStatus.BAD_REQUEST,
    WrongContentType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
}

_HEADERS: Mapping[HTTPStatus, Mapping[str, str]] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": "1"},
}


def status_of(error: StagelineError) -> HTTPStatus:
    return next(STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF)


def problem_of(error: StagelineError, request_id: str) -> Response[str]:
    """Return the answer to a request that was refused."""
    status = status_of(error)
    more: dict[str, Any] = {}
    if isinstance(error, Invalid):
        faults = (
            error.faults
            if isinstance(error, InvalidFields)
            else [(error.field, error.reason, error.detail)]
        )
        more["field"] = error.field
        more["errors"] = [
            {"field": field, "code": code, "message": message} for field, code, message in faults
        ]
    headers = {}
    if isinstance(error, MethodNotAllowed):
        headers["Allow"] = ", ".join(error.allowed)
    elif isinstance(error, (CallInFlight, GroupBusy, RestoredNotChecked)):
        headers["Retry-After"] = str(error.retry_after_seconds)
    elif isinstance(error, CountsPending):
        headers["Retry-After"] = "1"
    return _problem(status, error.code, error.detail, request_id, {**more, **error.extra}, headers)


def busy(request_id: str) -> Response[str]:
    """Return the answer when the table asks us to slow down."""
    status = HTTPStatus.SERVICE_UNAVAILABLE
    return _problem(status, "busy", "too much at once; try again", request_id, {}, {})


def unforeseen(request_id: str) -> Response[str]:
    """Return the answer to what should not have happened: nothing internal in it."""
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    detail = "something went wrong here; the request id finds it in our logs"
    return _problem(status, "internal", detail, request_id, {}, {})


def _problem(
    status: HTTPStatus,
    code: str,
    detail: str,
    request_id: str,
    more: Mapping[str, Any],
    headers: Mapping[str, str],
) -> Response[str]:
    document = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "code": code,
        "detail": detail,
        "request_id": request_id,
        **more,
    }
    return Response(
        status_code=status.value,
        content_type=CONTENT_TYPE,
        body=json.dumps(document, ensure_ascii=False),
        headers={"Cache-Control": "no-store", **_HEADERS.get(status, {}), **headers},
    )
