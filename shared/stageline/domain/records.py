"""One row of an export, understood: what it says of an account or a deal. None: nothing said."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Self

from stageline.domain.deal import Outcome
from stageline.domain.person_records import ActivityRecord, ContactRecord
from stageline.domain.personal import Personal, Plain
from stageline.domain.said import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRecord(Row):
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

    @classmethod
    def from_json(cls, text: str) -> Self:
        values = json.loads(text)
        return cls(**values | _days(values, "created_on"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DealRecord(Row):
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

    @classmethod
    def from_json(cls, text: str) -> Self:
        values = json.loads(text)
        decimals = {
            name: Decimal(values[name]) for name in ("amount", "probability") if name in values
        }
        return cls(
            **values | decimals | _days(values, "opened_on", "closed_on", "expected_close_on")
        )


type Record = AccountRecord | DealRecord | ContactRecord | ActivityRecord


def _days(values: dict[str, Any], *names: str) -> dict[str, date]:
    return {name: date.fromisoformat(values[name]) for name in names if name in values}
