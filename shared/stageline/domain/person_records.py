"""One row of an export of people, understood: a contact or an activity. None: nothing said."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from stageline.domain.activity import ActivityKind
from stageline.domain.contact import Role
from stageline.domain.personal import Personal
from stageline.domain.said import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRecord(Row):
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

    @classmethod
    def from_json(cls, text: str) -> Self:
        values = json.loads(text)
        if "roles" in values:
            values["roles"] = tuple(values["roles"])
        return cls(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRecord(Row):
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

    @classmethod
    def from_json(cls, text: str) -> Self:
        values = json.loads(text)
        return cls(**values | {"occurred_at": datetime.fromisoformat(values["occurred_at"])})
