"""One row of an export of people, understood: a contact or an activity. None: nothing said."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from stageline.domain.activity import ActivityKind
from stageline.domain.contact import Role
from stageline.domain.personal import Personal, Plain
from stageline.domain.said import Row, tuples


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRecord(Row):
    """`roles` are those on the account that the row names.

    `account_external_ids`: all of the contact's accounts in a CRM.
    """

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
    account_external_ids: tuple[Personal, ...] | None = None
    custom: Mapping[Plain, Any] | None = None
    cleared: tuple[Plain, ...] = ()

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls(**tuples(json.loads(text)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRecord(Row):
    """`occurred_at` is in UTC. `contact_external_ids`: all of its contacts in a CRM."""

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
    contact_external_ids: tuple[Personal, ...] | None = None
    custom: Mapping[Plain, Any] | None = None
    cleared: tuple[Plain, ...] = ()

    @classmethod
    def from_json(cls, text: str) -> Self:
        values = tuples(json.loads(text))
        return cls(**values | {"occurred_at": datetime.fromisoformat(values["occurred_at"])})
