"""What goes back to the client: answers, and refusals with HubSpot's error body."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

type Json = dict[str, Any]

INVALID = "VALIDATION_ERROR"
NOT_FOUND = "OBJECT_NOT_FOUND"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json;charset=utf-8"
    length: int | None = None
    """The declared length, if it is not that of the payload."""

    def payload(self) -> bytes:
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, separators=(",", ":")).encode()


class Refused(Exception):
    """HubSpot's error body; the correlation id is added when it is sent."""

    def __init__(self, status: int, body: Json, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(body.get("message"))
        self.status = status
        self.body = body
        self.headers = headers or {}


def refusal(status: int, category: str, message: str, **more: Any) -> Refused:
    return Refused(status, {"status": "error", "message": message, **more, "category": category})


def invalid(message: str, **more: Any) -> Refused:
    return refusal(400, INVALID, message, **more)


def next_page(after: str) -> Json:
    return {"next": {"after": after, "link": f"?after={quote(after, safe='')}"}}
