"""Write the API's document from its routes and models: `make openapi`; `--check` only compares.

docs/openapi.json is for readers of the repository; the function serves its own copy, and a page
made from it that needs neither scripts nor another server.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api import answers, bodies, erasure_bodies, integration_bodies
from api.addresses.fields import MODULES
from api.call import KEY_HEADER
from api.identity import WORKSPACE_HEADER
from api.parameters import Parameter
from api.route import CURSOR, Route
from api.routing import ROUTES
from tools.openapi_page import page_of

ROOT = Path(__file__).parents[1]
PROBLEM_TYPE = "application/problem+json"
REFERENCE = "#/components/schemas/{model}"
_BODIES: dict[str, type[BaseModel]] = {
    **vars(bodies),
    **vars(erasure_bodies),
    **vars(integration_bodies),
}
type References = dict[type[Any], dict[str, str]]
_IN_PATHS: dict[str, dict[str, Any]] = {
    "id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    "account_id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    "deal_id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    "tag": {"type": "string", "minLength": 1, "maxLength": 50, "pattern": r"^[^/?#%\\]+$"},
    "integration": {"type": "string", "pattern": "^[a-z][a-z0-9-]{0,30}$"},
    "module": {"type": "string", "enum": list(MODULES)},
    "key": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"},
    "member_id": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": r"^[^/?#%\\]+$"},
}

_REFUSALS = {
    400: "The body or the cursor cannot be read",
    401: "No valid access token, or no membership in force",
    403: "Role, scope or profile do not let you do this, or it takes another person",
    404: "Unknown, or not for you to see",
    409: "Against a rule; `code` says which",
    410: "Erased; only the privacy officer is told so",
    412: "Changed since it was read",
    413: "The body is too large",
    415: "The body is not JSON",
    422: "A field or parameter is invalid; it is named",
    428: "If-Match is needed",
    429: "Too many requests",
    500: "Something went wrong here",
    503: "Busy; try again. `restored_not_checked`: a restored table is being checked",
}


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the API."""
    schemas, references = _schemas()
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, references)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Stageline",
            "version": "1",
            "summary": "Which stage an account is in, since when, why, and what changes it next.",
        },
        "security": [{"token": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(route.tag for route in ROUTES)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An access token; an ID token is refused.",
                }
            },
        },
    }


def files() -> dict[Path, str]:
    """Return what each generated file has to contain."""
    made = document()
    served = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    return {
        ROOT / "docs/openapi.json": json.dumps(made, ensure_ascii=False, indent=1) + "\n",
        ROOT / "functions/api/openapi.json": served + "\n",
        ROOT / "functions/api/docs.html": page_of(made),
    }


def main(arguments: list[str]) -> int:
    made = files()
    if "--check" in arguments:
        stale = [path for path, text in made.items() if _read(path) != text]
        for path in stale:
            print(f"{path.relative_to(ROOT)} does not fit the code: make openapi", file=sys.stderr)
        print("openapi: " + ("stale" if stale else "ok"))
        return 1 if stale else 0
    for path, text in made.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return 0


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


def _schemas() -> tuple[dict[str, Any], References]:
    """Return the schemas, and where each model's is."""
    wanted: list[tuple[type[BaseModel], Any]] = [(answers.Problem, "serialization")]
    for route in ROUTES:
        if route.body is not None:
            wanted.append((_BODIES[route.body], "validation"))
        if route.answer is not None:
            wanted.append((getattr(answers, route.answer), "serialization"))
    found, definitions = models_json_schema(list(dict.fromkeys(wanted)), ref_template=REFERENCE)
    references: References = {
        model: {"$ref": schema["$ref"]} for (model, _), schema in found.items()
    }
    return definitions["$defs"], references


def _operation(route: Route, references: References) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.handler.rpartition(":")[2],
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": _parameters(route),
        "responses": _responses(route, references),
    }
    if route.action is None:
        operation["security"] = []
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": references[_BODIES[route.body]]}},
        }
    return operation


def _parameters(route: Route) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    found += [
        {"name": name, "in": "path", "required": True, "schema": schema}
        for name, schema in _IN_PATHS.items()
        if f"{{{name}}}" in route.path
    ]
    found += [_query_parameter(parameter) for parameter in route.parameters]
    if route.action is not None:
        about = "Which of your workspaces; needed by members of several."
        found.append(_header(WORKSPACE_HEADER, about))
    if route.if_match is not None:
        about = "The ETag of the revision to change; of any other nothing is changed."
        found.append(_header("If-Match", about, required=route.if_match == "needed"))
    if route.idempotent:
        about = "The same key with the same body makes nothing twice, and gets the same status."
        found.append(_header(KEY_HEADER, about, pattern="^[ -~]{1,255}$"))
    return found


def _query_parameter(parameter: Parameter) -> dict[str, Any]:
    schema = parameter.schema()
    described = {"name": parameter.name, "in": "query", "description": parameter.description}
    return described | {"schema": schema}


def _header(
    name: str, description: str, *, required: bool = False, pattern: str | None = None
) -> dict[str, Any]:
    schema = {"type": "string"} | ({"pattern": pattern} if pattern else {})
    described: dict[str, Any] = {"name": name, "in": "header", "description": description}
    return described | {"required": required, "schema": schema}


def _responses(route: Route, references: References) -> dict[str, Any]:
    responses: dict[str, Any] = {str(route.status): _success(route, references)}
    if route.idempotent and route.status == 201:
        responses["200"] = _success(route, references) | {"description": "As it was made before"}
    if route.by_job:
        job = {"application/json": {"schema": references[answers.Job]}}
        responses["202"] = {"description": "Accepted: `Location` is the job", "content": job}
    problem = {PROBLEM_TYPE: {"schema": references[answers.Problem]}}
    for status in _refusals(route):
        responses[str(status)] = {"description": _REFUSALS[status], "content": problem}
    return dict(sorted(responses.items()))


def _success(route: Route, references: References) -> dict[str, Any]:
    if route.path == "/docs":
        return {"description": "A page", "content": {"text/html": {"schema": {"type": "string"}}}}
    if route.status == 204:
        return {"description": "Done"}
    schema = references[getattr(answers, route.answer)] if route.answer else {"type": "object"}
    return {"description": "Done", "content": {"application/json": {"schema": schema}}}


def _refusals(route: Route) -> list[int]:
    if route.action is None:
        return [429]
    found = [401, 403, 404, 422, 429, 500, 503]
    if route.body is not None:
        found += [400, 413, 415]
    if CURSOR in route.parameters:
        found.append(400)
    if route.if_match is not None:
        found.append(412)
    if route.if_match == "needed":
        found.append(428)
    if route.conflicts or route.idempotent:
        found.append(409)
    if route.erasable:
        found.append(410)
    return sorted(set(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
