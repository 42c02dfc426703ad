"""One row of an export, understood: what it says of an account or a deal. None: nothing said."""

import json
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, Self

from stageline.domain.deal import Outcome
from stageline.domain.person_records import ActivityRecord, ContactRecord
from stageline.domain.personal import Personal, Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRecord:
    line: int
    external_id: Personal
    name: Personal
    parent_external_id: Personal | None = None
    domain: Personal | None = None
    industry: Plain | None = None
    country: Plain | None = None
    owner_email: Personal | None = None
    created_on: date | None = None
    in_crm: bool | None = None

    def said(self, *names: str) -> dict[str, Any]:
        """Return those of the fields about which something is said."""
        return _said(self, names)

    def content(self) -> str:
        """Return what the row says as text; equal content gives equal text, wherever it stands."""
        return _content(self)

    def to_json(self) -> str:
        return _to_json(self)

    @classmethod
    def from_json(cls, text: str) -> Self:
        values = json.loads(text)
        return cls(**values | _days(values, "created_on"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DealRecord:
    line: int
    external_id: Personal
    name: Personal
    status: Outcome
    account_external_id: Personal | None = None
    opened_on: date | None = None
    closed_on: date | None = None
    expected_close_on: date | None = None
    amount: Decimal | None = None
    currency: Plain | None = None
    probability: Decimal | None = None
    owner_email: Personal | None = None

    def said(self, *names: str) -> dict[str, Any]:
        """Return those of the fields about which something is said."""
        return _said(self, names)

    def content(self) -> str:
        """Return what the row says as text; equal content gives equal text, wherever it stands."""
        return _content(self)

    def to_json(self) -> str:
        return _to_json(self)

    @classmethod
    def from_json(cls, text: str) -> Self:
        values = json.loads(text)
        decimals = {
            name: Decimal(values[name]) for name in ("amount", "probability") if name in values
        }
        return cls(
            **values | decimals | _days(values, "opened_on", "closed_on", "expected_close_on")
        )


type _Record = AccountRecord | DealRecord
type Record = _Record | ContactRecord | ActivityRecord


def _said(record: _Record, names: tuple[str, ...]) -> dict[str, Any]:
    values = {name: getattr(record, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def _plain(record: _Record) -> dict[str, Any]:
    """Return what the row says as JSON-able data; an amount keeps its number of places."""
    values: dict[str, Any] = {}
    for one in fields(record):
        value = getattr(record, one.name)
        if isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, Decimal):
            value = format(value, "f")
        if value is not None:
            values[one.name] = value
    return values


def _content(record: _Record) -> str:
    values = _plain(record)
    del values["line"]
    if isinstance(record, DealRecord):
        for name in ("amount", "probability"):
            if name in values:
                # 10 and 10.00 are one amount: another export of the same changes nothing.
                values[name] = format(Decimal(values[name]).normalize(), "f")
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _to_json(record: _Record) -> str:
    return json.dumps(_plain(record), ensure_ascii=False, separators=(",", ":"))


def _days(values: dict[str, Any], *names: str) -> dict[str, date]:
    return {name: date.fromisoformat(values[name]) for name in names if name in values}
