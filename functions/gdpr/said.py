"""What an event by hand says, field by field. No error quotes a value: it may name somebody."""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any

from stageline.domain.errors import Invalid

LONGEST_REASON = 1_000
_LONGEST = 128


class Said:
    """Reads fields of one event. Raises Invalid, naming the field; None for what is not said."""

    def __init__(self, event: Mapping[str, Any], fields: Collection[str]) -> None:
        for name in event.keys() - set(fields):
            raise Invalid(str(name)[:100], "unknown_field", "is no field of this action")
        try:
            json.dumps(event, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise Invalid("event", "malformed", "is a text in Unicode") from error
        self._event = event

    def text(self, name: str, longest: int = _LONGEST) -> str | None:
        value = self._event.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not 1 <= len(value.strip()) <= longest:
            raise Invalid(name, "length", f"is a text of 1 to {longest} characters")
        return value.strip()

    def needed(self, name: str, longest: int = _LONGEST) -> str:
        value = self.text(name, longest)
        if value is None:
            raise Invalid(name, "missing", "is needed")
        return value

    def choice[Choice: str](self, name: str, choices: Collection[Choice]) -> Choice:
        value = self.needed(name)
        for choice in choices:
            if choice == value:
                return choice
        raise Invalid(name, "unknown", f"is one of {', '.join(choices)}")

    def is_list(self, name: str) -> bool:
        return isinstance(self._event.get(name), list)

    def texts(self, name: str) -> list[str]:
        value = self._event.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise Invalid(name, "list_type", "is a list of texts")
        return value

    def number(self, name: str) -> int | None:
        value = self._event.get(name)
        if value is None:
            return None
        if type(value) is not int or value < 1:
            raise Invalid(name, "out_of_range", "is a number from 1 on")
        return value

    def day(self, name: str) -> date | None:
        value = self.text(name)
        try:
            return None if value is None else date.fromisoformat(value)
        except ValueError as error:
            raise Invalid(name, "no_date", "is a day like 2024-02-29") from error

    def instant(self, name: str) -> datetime | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            found = datetime.fromisoformat(value)
            if found.tzinfo is None:
                raise ValueError
            return found.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            message = "is an instant with its offset, like 2024-02-29T12:00:00Z"
            raise Invalid(name, "no_instant", message) from error

    def inner(self, name: str, fields: Collection[str]) -> "Said | None":
        value = self._event.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise Invalid(name, "object_type", "is an object")
        return Said(value, fields)
