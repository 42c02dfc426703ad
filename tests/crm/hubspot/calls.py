"""One request, as the endpoints see it."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.crm.hubspot.answers import Json, invalid


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    words: Mapping[str, str] = field(default_factory=dict)
    """The variable parts of the path."""

    @property
    def body(self) -> Json:
        try:
            body = json.loads(self.content)
        except ValueError:
            raise invalid("Invalid input JSON on line 1, column 1") from None
        if not isinstance(body, dict):
            raise invalid("Invalid input JSON on line 1, column 1: an object is expected")
        return body

    @property
    def archived(self) -> bool:
        return self.query.get("archived", "false") == "true"

    def names(self, parameter: str) -> list[str]:
        return [each for each in self.query.get(parameter, "").split(",") if each]

    def limit(self, default: int, most: int) -> int:
        text = self.query.get("limit", str(default))
        if not text.isdecimal() or not 1 <= int(text) <= most:
            raise invalid(f"limit must be between 1 and {most}, not {text}")
        return int(text)

    def after(self) -> int:
        return from_cursor(self.query.get("after"))


def cursor(last: int) -> str:
    """Opaque, as in the vendor's examples: `NTI1Cg==` is 525."""
    return b64encode(f"{last}\n".encode()).decode()


def from_cursor(token: Any) -> int:
    if not token:
        return 0
    try:
        return int(b64decode(str(token), validate=True))
    except ValueError:
        raise invalid(f"{token} is no paging cursor") from None


def members(body: Json, *required: str) -> None:
    for name in required:
        if body.get(name) is None:
            raise invalid(f"Invalid input JSON: required properties are missing: [{name}]")


def number(text: Any) -> int | None:
    return int(str(text)) if str(text).isdecimal() else None
