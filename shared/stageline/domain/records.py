"""One row of an export, or a CRM's record, understood: what it says of an account or a deal.

None: nothing said. `custom` are values of custom fields, as JSON says them.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Self

from stageline.domain.deal import Outcome
from stageline.domain.person_records import ActivityRecord, ContactRecord
from stageline.domain.personal import Personal, Plain
from stageline.domain.said import Row, tuples


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
    custom: Mapping[Plain, Any] | None = None
    cleared: tuple[Plain, ...] = ()

    @classmethod
    def from_json(cls, text: str) -> Self:
        values = tuples(json.loads(text))
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
    custom: Mapping[Plain, Any] | None = None
    cleared: tuple[Plain, ...] = ()

    @classmethod
    def from_json(cls, text: str) -> Self:
        values = tuples(json.loads(text))
        decimals: dict[str, Any] = {
            name: Decimal(values[name]) for name in ("amount", "probability") if name in values
        }
        return cls(
            **values | decimals | _days(values, "opened_on", "closed_on", "expected_close_on")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneRecord(Row):
    """The CRM has it no more; or another record stands for it."""

    line: int
    external_id: Personal
    merged_into: Personal | None = None
    is_gone: bool = True
    cleared: tuple[Plain, ...] = ()

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls(**tuples(json.loads(text)))


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a record; `field` by our name. It quotes no content."""

    field: Plain
    code: Plain
    message: Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRecord(Row):
    """A CRM's record that could not be understood. Without an id it cannot be tried again."""

    line: int
    external_id: Personal | None
    faults: tuple[Fault, ...]
    cleared: tuple[Plain, ...] = ()

    @classmethod
    def from_json(cls, text: str) -> Self:
        values = tuples(json.loads(text))
        values["faults"] = tuple(Fault(**fault) for fault in values["faults"])
        return cls(**{"external_id": None} | values)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))


type Record = AccountRecord | DealRecord | ContactRecord | ActivityRecord
type SyncedRecord = Record | GoneRecord | RefusedRecord
"""What a CRM's record becomes."""


def _days(values: dict[str, Any], *names: str) -> dict[str, date]:
    return {name: date.fromisoformat(values[name]) for name in names if name in values}
