"""The HTTP API: reads a request as its route says, calls it, and translates what comes back."""

import gc
import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from time import perf_counter
from traceback import extract_tb
from typing import Any
from urllib.parse import quote

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from api.call import KEY_HEADER, Answer, Call
from api.identity import WORKSPACE_HEADER, KnownCallers, subject_of
from api.parameters import parse_query
from api.problems import busy, problem_of, unforeseen
from api.refusals import MethodNotAllowed, ModuleClosed, NoSuchRoute, RoleMayNot, ScopeMissing
from api.route import Route
from api.routing import ROUTES
from stageline import bootstrap
from stageline.domain.errors import StagelineError
from stageline.domain.permissions import Action, has_level, has_scope, may
from stageline.domain.principal import Principal
from stageline.domain.workspace import Workspace

logger = Logger()
app = APIGatewayHttpResolver()

_OF_ADDRESSES = "/%-._~()'!*:@,;=+&$<>[]{}|^"
_waiting = list(ROUTES)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_BUSY = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionInProgressException",
    }
)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    # HTTP APIs hand over a decoded address, and the router knows only what may stand in one.
    address = str(event.get("rawPath", ""))
    event["rawPath"] = quote(address, safe=_OF_ADDRESSES, errors="replace")
    _offer(str(event["rawPath"]))
    answer = app.resolve(event, context)
    if not gc.isenabled():
        # What the first answer has left stays; only what comes later can become garbage.
        gc.freeze()
        gc.enable()
    return answer


@cache
def known_callers() -> KnownCallers:
    def owner_of(workspace: Workspace, address: str) -> str:
        return bootstrap.identities(workspace).owner(address)

    return KnownCallers(bootstrap.directory(), bootstrap.rights, owner_of)


def serve(route: Route, path: Mapping[str, str]) -> Response[str]:
    """Answer the request at hand, and log one line about it: ids and outcome, nothing sent."""
    event = app.current_event.raw_event
    request_id = str(event.get("requestContext", {}).get("requestId", ""))
    began = perf_counter()
    told: dict[str, Any] = {"method": route.method, "route": route.path, "request_id": request_id}
    try:
        response = _answer(route, path, event, request_id, told)
    except StagelineError as error:
        response = problem_of(error, request_id)
        told["code"] = error.code
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        told["aws_error"] = code
        response = busy(request_id) if code in _BUSY else _unforeseen(error, request_id)
    except Exception as error:
        response = _unforeseen(error, request_id)
    told["status"] = response.status_code
    told["duration_ms"] = round((perf_counter() - began) * 1_000, 1)
    logger.info("request", **told)
    return response


def _answer(
    route: Route,
    path: Mapping[str, str],
    event: dict[str, Any],
    request_id: str,
    told: dict[str, Any],
) -> Response[str]:
    handle = _handler(route.handler)
    if route.action is None:
        answered: Response[str] = handle()
        return answered
    if not route.passes_fence:
        bootstrap.fence().refuse()
    headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
    subject = subject_of(event)
    named = headers.get(WORKSPACE_HEADER.lower())
    principal = known_callers().principal(subject, named, bootstrap.clock().now())
    told["workspace"] = principal.workspace.id
    _refuse(principal, route, route.action)
    query = parse_query(event.get("rawQueryString", ""), route.parameters)
    call = Call(event, principal, path, query, headers, request_id, route.module)
    answer: Answer
    if route.idempotent and KEY_HEADER.lower() in headers:
        from api.idempotency import answer_once

        answer = answer_once(call, f"{route.method} {route.path}", handle)
    else:
        answer = handle(call)
    text = answer.text
    if text is None and answer.body is not None:
        text = _json(answer.body)
    return Response(
        status_code=answer.status,
        content_type=None if text is None else "application/json",
        body=text or "",
        headers={"Cache-Control": "no-store", **answer.headers},
    )


def _refuse(principal: Principal, route: Route, action: Action) -> None:
    """Refuse what the caller may do to no record. Raises RoleMayNot, ScopeMissing, ModuleClosed."""
    if not may(principal, action):
        role = principal.role.replace("_", " ")
        raise RoleMayNot(f"{'an' if role == 'admin' else 'a'} {role} may not {action}")
    module = route.module
    if module is None:
        return
    if not has_scope(principal, module, action):
        raise ScopeMissing(f"{module}:{'read' if action == 'read' else 'write'}")
    if not has_level(principal, module, action):
        raise ModuleClosed(f"your profile does not let you {action} {module}")


def _unforeseen(error: Exception, request_id: str) -> Response[str]:
    """Log what broke and where, without the texts of errors: they may quote what was sent."""
    frames = [f"{frame.name}:{frame.lineno}" for frame in extract_tb(error.__traceback__)]
    logger.error(
        "unforeseen", request_id=request_id, error=type(error).__qualname__, frames=frames[-12:]
    )
    return unforeseen(request_id)


def _json(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


@cache
def _handler(name: str) -> Callable[..., Any]:
    module, _, function = name.partition(":")
    handle: Callable[..., Any] = getattr(import_module(f"api.routes.{module}"), function)
    return handle


def _offer(address: str) -> None:
    """Make the routes of this address known to the router: compiling all of them takes longer."""
    asked = address.split("/")
    for route in list(_waiting):
        parts = route.path.split("/")
        if len(parts) == len(asked) and all(
            part == sent or part[:1] == "{" for part, sent in zip(parts, asked, strict=True)
        ):
            del _waiting[next(n for n, one in enumerate(_waiting) if one is route)]
            _register(route)


def _register(route: Route) -> None:
    def handle(**path: str) -> Response[str]:
        return serve(route, path)

    app.route(_PLACEHOLDER.sub(r"<\1>", route.path), method=[route.method])(handle)


@app.not_found
def no_such_route(_error: Exception) -> Response[str]:
    """Answer an address that is none, or a method that an address does not take."""
    event = app.current_event.raw_event
    request_id = str(event.get("requestContext", {}).get("requestId", ""))
    address = str(event.get("rawPath", ""))
    allowed = [
        route.method
        for route in ROUTES
        if re.fullmatch(_PLACEHOLDER.sub("[^/]+", route.path), address)
    ]
    # The router takes fewer texts for an id than stand here; none of the others is one.
    is_taken = not allowed or app.current_event.http_method in allowed
    error = NoSuchRoute() if is_taken else MethodNotAllowed(allowed)
    response = problem_of(error, request_id)
    logger.info("request", status=response.status_code, code=error.code, request_id=request_id)
    return response
