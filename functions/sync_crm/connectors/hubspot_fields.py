"""HubSpot's objects and properties, and the values that it has no single property for.

Those have names of their own, `stageline:…`, and say which properties they are made of.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from stageline.domain.crm_records import CrmField, FieldKind
from stageline.domain.job_states import Records
from sync_crm.connectors.hubspot_facts import Facts, Stage

type Properties = Mapping[str, Any]

OBJECTS: Mapping[Records, tuple[str, ...]] = {
    "accounts": ("companies",),
    "deals": ("deals",),
    "contacts": ("contacts",),
    "activities": ("calls", "emails", "meetings", "notes"),
}
KIND_OF = {"calls": "call", "emails": "email", "meetings": "meeting", "notes": "note"}
FIELDS: Mapping[Records, Mapping[str, str]] = {
    "accounts": {
        "name": "name",
        "domain": "domain",
        "industry": "industry",
        "country": "country",
        "owner_email": "stageline:owner_email",
        "created_on": "createdate",
    },
    "deals": {
        "name": "dealname",
        "status": "stageline:status",
        "stage": "dealstage",
        "opened_on": "createdate",
        # Of an open deal it is the expected day.
        "closed_on": "closedate",
        "amount": "amount",
        "currency": "stageline:currency",
        "probability": "stageline:probability",
        "owner_email": "stageline:owner_email",
    },
    "contacts": {
        "first_name": "firstname",
        "last_name": "lastname",
        "email": "email",
        "phone": "phone",
        "job_title": "jobtitle",
        "company_name": "company",
        "owner_email": "stageline:owner_email",
    },
    "activities": {
        "kind": "stageline:kind",
        "occurred_at": "hs_timestamp",
        "two_way": "stageline:two_way",
        "subject": "stageline:subject",
        "text": "stageline:text",
        "owner_email": "stageline:owner_email",
    },
}
ID = "hs_object_id"
MERGED = "hs_merged_object_ids"
OUTCOME = "hs_meeting_outcome"
# With such an outcome a meeting did not take place; with a no-show it was tried.
CALLED_OFF = ("CANCELED", "RESCHEDULED")
_ALWAYS = {"companies": MERGED, "deals": MERGED, "contacts": MERGED, "meetings": OUTCOME}

_SUBJECTS = {
    "calls": "hs_call_title",
    "emails": "hs_email_subject",
    "meetings": "hs_meeting_title",
}
_TEXTS = {
    "calls": "hs_call_body",
    "emails": "hs_email_text",
    "meetings": "hs_meeting_body",
    "notes": "hs_note_body",
}
# Outcomes of calls that every account has; accounts may add others.
_CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
_NOT_REACHED = frozenset(
    {
        "9d9162e7-6cf3-4944-bf63-4dff82258764",  # busy
        "a4c4c377-d246-4b32-a13b-75a56a4cd0ff",  # left a message with somebody else
        "b2cf5968-551e-4856-9783-52b3da59a7d0",  # left voicemail
        "73a0d17f-1163-4015-bdd5-ec830791da20",  # no answer
        "17b47fee-58de-441e-a44c-c6300d46f273",  # wrong number
    }
)


def _owner(_kind: str, given: Properties, facts: Facts) -> str | None:
    owner = given.get("hubspot_owner_id")
    return facts.owners.get(owner) if owner else None


def _stage(deal: Properties, facts: Facts) -> Stage | None:
    return facts.stages.get((deal.get("pipeline") or "default", deal.get("dealstage") or ""))


def _status(_kind: str, deal: Properties, facts: Facts) -> str | None:
    """Return won, lost or open; None for a deal in a stage that is not there any more."""
    if deal.get("hs_is_closed_won") == "true":
        return "won"
    closed = deal.get("hs_is_closed")
    if closed in ("true", "false"):
        return "lost" if closed == "true" else "open"
    stage = _stage(deal, facts)
    return stage.outcome if stage else None


def _currency(_kind: str, deal: Properties, facts: Facts) -> str | None:
    return deal.get("deal_currency_code") or facts.currency


def _probability(_kind: str, deal: Properties, facts: Facts) -> Decimal | str | None:
    given = deal.get("hs_deal_stage_probability")
    if not given:
        stage = _stage(deal, facts)
        given = stage.probability if stage else None
    if not given:
        return None
    try:
        number = Decimal(given)
    except InvalidOperation:
        return str(given)
    # HubSpot gives every digit of the binary fraction.
    return round(number, 4).normalize() if number.is_finite() else str(given)


def _two_way(kind: str, given: Properties, _facts: Facts) -> bool:
    match kind:
        case "calls":
            outcome = given.get("hs_call_disposition")
            if outcome in _NOT_REACHED:
                return False
            return outcome == _CONNECTED or given.get("hs_call_status") == "COMPLETED"
        case "emails":
            return given.get("hs_email_direction") == "INCOMING_EMAIL"
        case "meetings":
            return given.get(OUTCOME) not in ("NO_SHOW", *CALLED_OFF)
    return False


@dataclass(frozen=True, slots=True)
class _Own:
    """A field of our own. `needs`: properties by the object."""

    label: str
    value: Callable[[str, Properties, Facts], Any]
    needs: Mapping[str, tuple[str, ...]]
    kind: FieldKind = "text"
    options: tuple[str, ...] = ()


def _one_of(label: str, names: Mapping[str, str]) -> _Own:
    needs = {kind: (name,) for kind, name in names.items()}
    return _Own(label, lambda kind, given, _: given.get(names.get(kind, "")) or None, needs)


_STAGE = ("pipeline", "dealstage")
_OWNED = {kind: ("hubspot_owner_id",) for kinds in OBJECTS.values() for kind in kinds}
_OWN: Mapping[str, _Own] = {
    "stageline:owner_email": _Own("Owner's e-mail address", _owner, _OWNED),
    "stageline:status": _Own(
        "Won, lost or open",
        _status,
        {"deals": ("hs_is_closed_won", "hs_is_closed", *_STAGE)},
        "choice",
        ("open", "won", "lost"),
    ),
    "stageline:currency": _Own(
        "Currency, or else that of the account", _currency, {"deals": ("deal_currency_code",)}
    ),
    "stageline:probability": _Own(
        "Probability, or else that of the stage",
        _probability,
        {"deals": ("hs_deal_stage_probability", *_STAGE)},
        "number",
    ),
    "stageline:kind": _Own(
        "Kind of activity", lambda kind, *_: KIND_OF[kind], {}, "choice", tuple(KIND_OF.values())
    ),
    "stageline:two_way": _Own(
        "Both sides took part",
        _two_way,
        {
            "calls": ("hs_call_disposition", "hs_call_status"),
            "emails": ("hs_email_direction",),
            "meetings": (OUTCOME,),
        },
        "boolean",
    ),
    "stageline:subject": _one_of("Title or subject", _SUBJECTS),
    "stageline:text": _one_of("Text", _TEXTS),
}


def properties(kind: str, fields: Sequence[str]) -> list[str]:
    """Return which properties of an object the values of these fields are made of."""
    wanted = [_ALWAYS.get(kind, ID)]
    for name in fields:
        wanted += _OWN[name].needs.get(kind, ()) if name in _OWN else (name,)
    return list(dict.fromkeys(wanted))


def value(name: str, kind: str, given: Properties, facts: Facts) -> Any:
    """Return the value of a field of a record of an object."""
    found = _OWN[name].value(kind, given, facts) if name in _OWN else given.get(name)
    if found == "":
        return None
    return _number(found) if isinstance(found, str) and name in facts.numbers(kind) else found


def _number(text: str) -> Decimal | str:
    """Return a number that HubSpot gives as text; as it is if it is none."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return number if number.is_finite() else text


_KINDS: Mapping[str, FieldKind] = {
    "number": "number",
    "date": "date",
    "datetime": "instant",
    "bool": "boolean",
    "enumeration": "choice",
}


def described(found: Properties, in_pipelines: Mapping[str, tuple[str, ...]]) -> CrmField:
    """Return what HubSpot says of a property; pipelines say which stages there are."""
    name = str(found.get("name"))
    kind = _KINDS.get(str(found.get("type")), "text")
    if kind == "choice" and found.get("fieldType") == "checkbox":
        kind = "choices"
    elif kind == "choice" and found.get("externalOptions") and name not in in_pipelines:
        kind = "reference"
    elif kind == "number" and found.get("showCurrencySymbol"):
        kind = "money"
    options = tuple(str(each.get("value")) for each in found.get("options") or ())
    fixed = (found.get("modificationMetadata") or {}).get("readOnlyValue")
    return CrmField(
        name,
        str(found.get("label") or name),
        kind,
        in_pipelines.get(name, options),
        is_writable=not (fixed or found.get("calculated")),
    )


def own_fields(records: Records) -> list[CrmField]:
    """Return the fields of a kind that have names of their own."""
    return [
        CrmField(name, own.label, own.kind, own.options, is_writable=False)
        for name, own in _OWN.items()
        if name in FIELDS[records].values()
    ]
