"""Calls the API's handler as the gateway does, from a sample event."""

import json
from base64 import b64encode
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aws_lambda_powertools.utilities.typing import LambdaContext

from api import app

SAMPLE = Path(__file__).parents[1] / "events/api/get_account.json"
_numbers = count(1)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: Any
    raw: str = ""


@dataclass(frozen=True)
class ApiClient:
    """Somebody who calls; `token_use` and `workspace` as their token and header say."""

    subject: str
    workspace: str | None = None
    token_use: str = "access"

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Any = (),
        headers: dict[str, str] | None = None,
        raw: str | bytes | None = None,
    ) -> Reply:
        reply = app.handler(self.event(method, path, body, query, headers, raw), LambdaContext())
        text = reply.get("body")
        is_json = "json" in str(reply.get("headers", {}).get("Content-Type", ""))
        parsed = json.loads(text) if text and is_json else text
        return Reply(reply["statusCode"], reply.get("headers", {}), parsed, text or "")

    def get(self, path: str, **query: Any) -> Any:
        return self._fine(self.send("GET", path, query=query))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._fine(self.send("POST", path, body, headers=headers))

    def put(self, path: str, body: Any, **headers: str) -> Any:
        return self._fine(self.send("PUT", path, body, headers=headers))

    def patch(self, path: str, body: Any, tag: str = "*") -> Any:
        return self._fine(self.send("PATCH", path, body, headers={"If-Match": tag}))

    def event(self, method, path, body=None, query=(), headers=None, raw=None) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(SAMPLE.read_text("utf-8"))
        event["rawPath"] = event["requestContext"]["http"]["path"] = path
        event["requestContext"]["http"]["method"] = method
        event["requestContext"]["requestId"] = f"request-{next(_numbers)}"
        event["rawQueryString"] = urlencode(query, doseq=True)
        claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
        claims |= {"sub": self.subject, "token_use": self.token_use}
        if self.workspace is not None:
            event["headers"]["stageline-workspace"] = self.workspace
        if body is not None:
            event["headers"]["content-type"] = "application/json"
            event["body"] = json.dumps(body)
        if isinstance(raw, bytes):
            event["body"], event["isBase64Encoded"] = b64encode(raw).decode(), True
        elif raw is not None:
            event["body"] = raw
        sent = {name.replace("_", "-").lower(): value for name, value in (headers or {}).items()}
        event["headers"] |= sent
        return event

    def _fine(self, reply: Reply) -> Any:
        assert reply.status < 300, reply
        return reply.body
