"""What Salesforce's standard objects are to us.

Activities are calls and e-mails that are done (Task) and meetings that are over (Event), with an
account or a contact. Not among them: what is about a lead only; other tasks, which are to-dos even
when they are closed; private events; the copies of an event that its invitees have; the pattern of
a series, whose occurrences are records of their own.

Whether a call was answered is in no standard field: an incoming one is two-way, others are not
unless a mapping says so (CallDisposition is free text). Of the people in an activity Salesforce
shows us the first (WhoId).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from stageline.domain.crm_records import CrmField
from stageline.domain.job_states import Records

type Row = Mapping[str, Any]
"""A record's values by their paths; what could not be asked for is not in it."""

CURRENCY = "stageline:currency"
_STATUS = "stageline:status"
_CLOSED_ON = "stageline:closed_on"
_PROBABILITY = "stageline:probability"
_KIND = "stageline:kind"
_OCCURRED_AT = "stageline:occurred_at"
_TWO_WAY = "stageline:two_way"

FIELDS: Mapping[Records, Mapping[str, str]] = {
    "accounts": {
        "name": "Name",
        "domain": "Website",
        "industry": "Industry",
        "country": "BillingCountry",
        "owner_email": "Owner.Email",
        "created_on": "CreatedDate",
    },
    "deals": {
        "name": "Name",
        "status": _STATUS,
        "stage": "StageName",
        "opened_on": "CreatedDate",
        "closed_on": _CLOSED_ON,
        "expected_close_on": "CloseDate",
        "amount": "Amount",
        "currency": CURRENCY,
        "probability": _PROBABILITY,
        "owner_email": "Owner.Email",
    },
    "contacts": {
        "first_name": "FirstName",
        "last_name": "LastName",
        "email": "Email",
        "phone": "Phone",
        "job_title": "Title",
        "owner_email": "Owner.Email",
    },
    "activities": {
        "kind": _KIND,
        "occurred_at": _OCCURRED_AT,
        "two_way": _TWO_WAY,
        "subject": "Subject",
        "text": "Description",
        "owner_email": "Owner.Email",
    },
}


@dataclass(frozen=True, slots=True)
class Derived:
    """A value that no single field holds, and the fields that it is made of."""

    made_of: tuple[str, ...]
    value: Callable[[Row], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sobject:
    """`links`: the field that names another record, and how that record's ids begin.

    `needs` are asked for always, `wants` where we may see them. `is_ours` says whether a record is
    one for us at an instant; `ours` does so for Salesforce (not exactly, it saves reading). `ends`
    holds when a record becomes one without being changed.
    """

    name: str
    prefix: str
    links: Mapping[str, tuple[str, str]]
    needs: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    derived: Mapping[str, Derived] = field(default_factory=dict)
    is_ours: Callable[[Row, datetime], bool] = lambda _row, _at: True
    ours: str | None = None
    ends: str | None = None


def _status(row: Row) -> str:
    if not row["IsClosed"]:
        return "open"
    return "won" if row["IsWon"] else "lost"


def _share(row: Row) -> Decimal | None:
    percent = row["Probability"]
    return None if percent is None else Decimal(percent) / 100


def _task_at(row: Row) -> str:
    """When it was done, or its day if that is earlier: calls are logged afterwards, or imported."""
    done: str = row.get("CompletedDateTime") or row["CreatedDate"]
    day: str | None = row.get("ActivityDate")
    return f"{day}T12:00:00.000Z" if day and day < done[:10] else done


def _is_with_a_customer(row: Row) -> bool:
    return bool(row["AccountId"] or (row["WhoId"] or "").startswith("003"))


def _is_done(row: Row, _at: datetime) -> bool:
    is_one = row["IsClosed"] and row["TaskSubtype"] in ("Call", "Email")
    return bool(is_one and not row.get("IsRecurrence") and _is_with_a_customer(row))


def _is_over(row: Row, at: datetime) -> bool:
    ends = row["EndDateTime"]
    if ends is None or row["StartDateTime"] is None or datetime.fromisoformat(ends) >= at:
        return False
    is_other = any(row.get(name) for name in ("IsPrivate", "IsChild", "IsRecurrence"))
    return not is_other and _is_with_a_customer(row)


_OF_ACTIVITIES = {
    "account": ("AccountId", "001"),
    "contacts": ("WhoId", "003"),
    "deal": ("WhatId", "006"),
}

OBJECTS: Mapping[Records, tuple[Sobject, ...]] = {
    "accounts": (
        Sobject(
            name="Account",
            prefix="001",
            needs=("MasterRecordId",),
            links={"parent": ("ParentId", "001")},
        ),
    ),
    "deals": (
        Sobject(
            name="Opportunity",
            prefix="006",
            links={"account": ("AccountId", "001")},
            derived={
                _STATUS: Derived(("IsClosed", "IsWon"), _status),
                _CLOSED_ON: Derived(
                    ("IsClosed", "CloseDate"),
                    lambda row: row["CloseDate"] if row["IsClosed"] else None,
                ),
                _PROBABILITY: Derived(("Probability",), _share),
                CURRENCY: Derived(("CurrencyIsoCode",), lambda row: row["CurrencyIsoCode"]),
            },
        ),
    ),
    "contacts": (
        Sobject(
            name="Contact",
            prefix="003",
            needs=("MasterRecordId",),
            links={"accounts": ("AccountId", "001")},
        ),
    ),
    "activities": (
        Sobject(
            name="Task",
            prefix="00T",
            needs=("TaskSubtype", "IsClosed", "CreatedDate", "AccountId", "WhoId"),
            wants=("CompletedDateTime", "ActivityDate", "CallType", "IsRecurrence"),
            links=_OF_ACTIVITIES,
            derived={
                _KIND: Derived((), lambda row: row["TaskSubtype"].lower()),
                _OCCURRED_AT: Derived((), _task_at),
                _TWO_WAY: Derived((), lambda row: row.get("CallType") == "Inbound"),
            },
            is_ours=_is_done,
            ours="IsClosed = true AND TaskSubtype IN ('Call','Email')",
        ),
        Sobject(
            name="Event",
            prefix="00U",
            needs=("StartDateTime", "EndDateTime", "AccountId", "WhoId"),
            wants=("IsPrivate", "IsChild", "IsRecurrence"),
            links=_OF_ACTIVITIES,
            derived={
                _KIND: Derived((), lambda _row: "meeting"),
                _OCCURRED_AT: Derived((), lambda row: row["StartDateTime"]),
                _TWO_WAY: Derived((), lambda _row: True),
            },
            is_ours=_is_over,
            ends="EndDateTime",
        ),
    ),
}

OWN_FIELDS: Mapping[Records, tuple[CrmField, ...]] = {
    "deals": (
        CrmField(_STATUS, "Outcome", "choice", ("open", "won", "lost"), is_writable=False),
        CrmField(_CLOSED_ON, "Close date of what is closed", "date", is_writable=False),
        CrmField(_PROBABILITY, "Probability from 0 to 1", "number", is_writable=False),
        CrmField(CURRENCY, "Currency, the org's if it has one only", "text", is_writable=False),
    ),
    "activities": (
        CrmField(_KIND, "Kind", "choice", ("call", "email", "meeting"), is_writable=False),
        CrmField(_OCCURRED_AT, "When it took place", "instant", is_writable=False),
        CrmField(_TWO_WAY, "Meeting or incoming call", "boolean", is_writable=False),
    ),
}
