"""What a row of an export says: the fields about which it says something."""

import json
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any


class Row:
    """The base of dataclasses that are rows, with a `line`; None in a field: nothing said.

    A row of a CRM says of the fields in `cleared` that they are empty.
    """

    __slots__ = ()
    cleared: tuple[str, ...]

    def said(self, *names: str) -> dict[str, Any]:
        """Return those of the fields about which something is said."""
        values = {name: getattr(self, name) for name in names}
        return {
            name: value
            for name, value in values.items()
            if value is not None or name in self.cleared
        }

    def content(self) -> str:
        """Return what the row says as text; equal content gives equal text, wherever it stands."""
        values = self._all()
        del values["line"]
        for name, value in values.items():
            if isinstance(value, Decimal):
                # 10 and 10.00 are one amount: another export of the same changes nothing.
                values[name] = value.normalize()
            if name in ("account_external_ids", "contact_external_ids", "cleared"):
                # Sets, in whatever order a CRM says them.
                values[name] = sorted(value)
        return json.dumps(_plain(values), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def to_json(self) -> str:
        """Return the row as JSON; an amount keeps its number of places."""
        return json.dumps(_plain(self._all()), ensure_ascii=False, separators=(",", ":"))

    def _all(self) -> dict[str, Any]:
        values = {one.name: getattr(self, one.name) for one in fields(self)}  # type: ignore[arg-type]
        if not self.cleared:
            del values["cleared"]
        return {name: value for name, value in values.items() if value is not None}


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _json(value) for name, value in values.items()}


def _json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return _plain(value)
    return format(value, "f") if isinstance(value, Decimal) else value


def tuples(values: dict[str, Any]) -> dict[str, Any]:
    """Return values of a row read from JSON, lists as what they are in rows."""
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
