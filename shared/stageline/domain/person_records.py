"""One row of an export of people, understood: a contact or an activity. None: nothing said."""

import json
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self

from stageline.domain.activity import ActivityKind
from stageline.domain.contact import Role
from stageline.domain.personal import Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRecord:
    """`roles` are those on the account that the row names."""

    line: int
    external_id: Personal
    first_name: Personal | None = None
    last_name: Personal | None = None
    email: Personal | None = None
    phone: Personal | None = None
    job_title: Personal | None = None
    company_name: Personal | None = None
    owner_email: Personal | None = None
    account_external_id: Personal | None = None
    roles: tuple[Role, ...] | None = None

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
        if "roles" in values:
            values["roles"] = tuple(values["roles"])
        return cls(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRecord:
    """`occurred_at` is in UTC."""

    line: int
    external_id: Personal
    kind: ActivityKind
    occurred_at: datetime
    two_way: bool | None = None
    subject: Personal | None = None
    text: Personal | None = None
    owner_email: Personal | None = None
    account_external_id: Personal | None = None
    deal_external_id: Personal | None = None
    contact_external_id: Personal | None = None

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
        return cls(**values | {"occurred_at": datetime.fromisoformat(values["occurred_at"])})


type _Record = ContactRecord | ActivityRecord


def _said(record: _Record, names: tuple[str, ...]) -> dict[str, Any]:
    values = {name: getattr(record, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def _plain(record: _Record) -> dict[str, Any]:
    """Return what the row says as JSON-able data."""
    values = _said(record, tuple(one.name for one in fields(record)))
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
    }


def _content(record: _Record) -> str:
    values = _plain(record)
    del values["line"]
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _to_json(record: _Record) -> str:
    return json.dumps(_plain(record), ensure_ascii=False, separators=(",", ":"))
