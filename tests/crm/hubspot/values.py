"""Which property values HubSpot takes from a client."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.crm.hubspot.account import Account, as_text
from tests.crm.hubspot.answers import INVALID, Json, Refused, invalid, refusal
from tests.crm.hubspot.clock import iso
from tests.crm.hubspot.schema import Property
from tests.crm.hubspot.search import stored

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def taken(account: Account, kind: str, given: Any, record_id: int | None) -> dict[str, str]:
    """The values to store. Raises Refused with everything that is wrong with them."""
    if not isinstance(given, Mapping):
        raise invalid("Invalid input JSON: properties must be an object")
    if any(isinstance(each, dict | list) for each in given.values()):
        raise invalid("Invalid input JSON: property values must be strings")
    defined, wrong, values = account.schema.of(kind), [], {}
    for name, text in as_text(given).items():
        if name not in defined:
            wrong.append(_fault(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'))
        elif defined[name].read_only or defined[name].calculated:
            wrong.append(
                _fault(
                    name, "READ_ONLY_VALUE", f'"{name}" is a read only property; it can\'t be set'
                )
            )
        elif text and (fault := _unfit(account, defined[name], text)):
            wrong.append(fault)
        else:
            values[name] = _normal(defined[name], text)
    if wrong:
        raise _not_valid(account, wrong)
    _unique(account, kind, values, record_id)
    return values


def _unfit(account: Account, wanted: Property, text: str) -> Json | None:
    name = wanted.name
    if wanted.type == "number" and not _is_number(text):
        return _fault(name, "INVALID_FLOAT", f"{text} was not a valid number.")
    if wanted.type in ("datetime", "date") and stored(wanted.type, text) is None:
        return _fault(name, "INVALID_DATE", f"{text} was not a valid date.")
    if name == "email" and (not _EMAIL.fullmatch(text) or text.lower() in account.blocked_emails):
        return _fault(name, "INVALID_EMAIL", f"Email address {text} is invalid")
    options = wanted.options
    if name == "dealstage":
        options = tuple(s.id for p in account.pipelines.deals.values() for s in p.stages)
    if name == "pipeline":
        options = tuple(account.pipelines.deals)
    if options and text not in options:
        return _fault(
            name, "INVALID_OPTION", f"{text} was not one of the allowed options: {options}"
        )
    return None


def _normal(wanted: Property, text: str) -> str:
    if text and wanted.type == "datetime":
        return iso(int(str(stored("datetime", text))))
    return text


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _unique(account: Account, kind: str, values: Mapping[str, str], record_id: int | None) -> None:
    for name, text in values.items():
        if account.schema.of(kind)[name].unique and text:
            other = account.with_unique(kind, name, text)
            if other is not None and other.id != record_id:
                what = "Contact" if kind == "contacts" else "Object"
                raise refusal(409, "CONFLICT", f"{what} already exists. Existing ID: {other.id}")


def _fault(name: str, code: str, message: str) -> Json:
    return {"message": message, "code": code, "context": {"propertyName": [name]}}


def _not_valid(account: Account, wrong: list[Json]) -> Refused:
    told = [
        {
            "isValid": False,
            "message": each["message"],
            "error": each["code"],
            "name": each["context"]["propertyName"][0],
            "localizedErrorMessage": each["message"],
            "portalId": account.options.portal_id,
        }
        for each in wrong
    ]
    text = json.dumps(told, separators=(",", ":"))
    return refusal(400, INVALID, f"Property values were not valid: {text}", errors=wrong)
