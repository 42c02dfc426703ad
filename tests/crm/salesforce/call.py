"""One call of the API: what was asked, and how answers are written."""

import json
from dataclasses import dataclass
from typing import Any

from tests.crm.salesforce.errors import Refusal
from tests.crm.salesforce.login import JSON
from tests.crm.server import Reply, Request


@dataclass(frozen=True, slots=True)
class Call:
    request: Request
    version: str
    # What the pattern of the path leaves open.
    args: tuple[str, ...] = ()

    @property
    def root(self) -> str:
        return f"/services/data/v{self.version}"

    def param(self, name: str) -> str | None:
        return self.request.param(name)

    def body(self) -> Any:
        kind = self.request.headers.get("content-type", "").partition(";")[0].strip()
        if kind != "application/json":
            raise Refusal(
                415,
                "UNSUPPORTED_MEDIA_TYPE",
                f"Content type of request is not supported: {kind or 'none'}",
            )
        try:
            return json.loads(self.request.body)
        except ValueError as error:
            raise Refusal(400, "JSON_PARSER_ERROR", "Unexpected character in the body") from error

    def record(self) -> dict[str, Any]:
        body = self.body()
        if not isinstance(body, dict):
            raise Refusal(400, "JSON_PARSER_ERROR", "The body is a record: a JSON object")
        return body


def reply(body: object, status: int = 200) -> Reply:
    return Reply(status, json.dumps(body).encode(), dict(JSON))


def empty(status: int = 204) -> Reply:
    return Reply(status)


def flag(text: str | None) -> bool:
    return (text or "").lower() == "true"
