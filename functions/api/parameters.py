"""Query parameters: each parses what was sent, and describes itself in the API's document.

No pydantic here, and few generated methods: the first answer of a cold function pays for them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qsl

from stageline.domain.errors import Invalid

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_PERIOD = r"^P([0-9]{1,3}Y)?([0-9]{1,4}M)?([0-9]{1,4}W)?([0-9]{1,5}D)?$"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, repr=False)
class Parameter:
    """A parameter that is given at most once: any text."""

    name: str
    description: str
    longest: int = 200

    def parse(self, values: Sequence[str]) -> Any:
        """Return what was sent, or the default. Raises Invalid, naming the parameter."""
        if not values:
            return self.default
        if len(values) > 1:
            raise self.refused("repeated", "is given once")
        if not 1 <= len(values[0]) <= self.longest:
            raise self.refused("length", f"has 1 to {self.longest} characters")
        return self.value(values[0])

    def value(self, text: str) -> Any:
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": self.longest}

    @property
    def default(self) -> Any:
        return None

    def refused(self, reason: str, message: str) -> Invalid:
        return Invalid(self.name, reason, message)


@dataclass(frozen=True, repr=False)
class Choice(Parameter):
    choices: tuple[str, ...] = ()
    otherwise: str | None = None

    def value(self, text: str) -> Any:
        if text not in self.choices:
            raise self.refused("unknown", f"is one of {', '.join(self.choices)}")
        return text

    @property
    def default(self) -> Any:
        return self.otherwise

    def schema(self) -> dict[str, Any]:
        default = {} if self.otherwise is None else {"default": self.otherwise}
        return {"type": "string", "enum": list(self.choices), **default}


class Flag(Parameter):
    def value(self, text: str) -> Any:
        if text not in ("true", "false"):
            raise self.refused("no_boolean", "is true or false")
        return text == "true"

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, repr=False)
class Number(Parameter):
    least: int = 0
    most: int = 0
    otherwise: int | None = 0

    def value(self, text: str) -> Any:
        if not (text.isascii() and text.isdigit() and self.least <= int(text) <= self.most):
            raise self.refused("out_of_range", f"is a number from {self.least} to {self.most}")
        return int(text)

    @property
    def default(self) -> Any:
        return self.otherwise

    def schema(self) -> dict[str, Any]:
        default = {} if self.otherwise is None else {"default": self.otherwise}
        return {"type": "integer", "minimum": self.least, "maximum": self.most, **default}


class Day(Parameter):
    def value(self, text: str) -> Any:
        try:
            # fromisoformat also takes weeks and dates without hyphens.
            return date.fromisoformat(text if _DAY.fullmatch(text) else "")
        except ValueError as error:
            raise self.refused("no_date", "is a day of the calendar, like 2024-02-29") from error

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


class Instant(Parameter):
    def value(self, text: str) -> Any:
        # A plus sign that was not escaped arrives as a space.
        text = text.replace(" ", "+")
        try:
            instant = datetime.fromisoformat(text if _INSTANT.fullmatch(text) else "")
            return instant.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            message = "is an instant with its offset, like 2024-02-29T12:00:00Z"
            raise self.refused("no_instant", message) from error

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


class Period(Parameter):
    """A duration of calendar years, months, weeks and days."""

    def value(self, text: str) -> Any:
        from stageline.domain.ages import parse_period

        try:
            return parse_period(text)
        except ValueError as error:
            raise self.refused("no_duration", str(error)) from error

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": _PERIOD}


class Several(Parameter):
    """A parameter that may be given several times: a tuple of texts."""

    def parse(self, values: Sequence[str]) -> Any:
        for text in values:
            if not 1 <= len(text) <= self.longest:
                raise self.refused("length", f"has 1 to {self.longest} characters")
        return tuple(values)

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 200}}


def parse_query(raw: str, parameters: Sequence[Parameter]) -> Mapping[str, Any]:
    """Return each parameter's value. Raises Invalid, naming one that is wrong or unknown."""
    sent: dict[str, list[str]] = {}
    for name, value in parse_qsl(raw, keep_blank_values=True):
        sent.setdefault(name, []).append(value)
    for name in sent.keys() - {parameter.name for parameter in parameters}:
        known = ", ".join(parameter.name for parameter in parameters) or "none"
        raise Invalid(name[:100], "unknown_parameter", f"is no parameter here; known: {known}")
    return {one.name: one.parse(sent.get(one.name, ())) for one in parameters}
