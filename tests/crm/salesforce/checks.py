"""What is refused when a record is written."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tests.crm.salesforce import ids
from tests.crm.salesforce.errors import Refusal, invalid_field
from tests.crm.salesforce.fields import NUMBERS, TEXTS, Field, ObjectType, Row
from tests.crm.salesforce.org import Org
from tests.crm.salesforce.store import stamp

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:?\d\d)")


def checked(org: Org, kind: ObjectType, body: Mapping[str, Any], old: Row | None) -> Row:
    """The values to store. `old` is the record that is changed, None if one is created."""
    if not kind.writable:
        raise Refusal(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"{kind.name} is read-only")
    values: Row = {}
    for name, value in body.items():
        if name == "attributes":
            continue
        field = kind.find(name)
        if field is None:
            raise invalid_field(f"No such column '{name}' on sobject of type {kind.name}")
        if field.name == "Id":
            raise invalid_field("The Id field should not be specified in the sobject data.")
        if not field.writable or field.derived:
            raise Refusal(
                400,
                "INVALID_FIELD_FOR_INSERT_UPDATE",
                f"Unable to create/update fields: {field.name}. Please check the security "
                "settings of this field and verify that it is read/write for your profile or "
                "permission set.",
                (field.name,),
            )
        values[field.name] = _value(org, kind, field, value)
    missing = [
        field.name
        for field in kind.fields.values()
        if field.required and _empty(values, field.name, old)
    ]
    if missing:
        names = ", ".join(missing)
        message = f"Required fields are missing: [{names}]"
        raise Refusal(400, "REQUIRED_FIELD_MISSING", message, tuple(missing))
    _unique(org, kind, values, old)
    _hierarchy(org, values, old)
    return values


def _empty(values: Row, name: str, old: Row | None) -> bool:
    return values[name] is None if name in values else old is None


def _value(org: Org, kind: ObjectType, field: Field, value: Any) -> Any:
    if value is None or value == "":
        return None if field.type != "boolean" else False
    if field.type == "boolean":
        return _typed(field, value, bool)
    if field.type in NUMBERS:
        if isinstance(value, bool):
            raise _wrong(field, value)
        return _typed(field, value, int if field.type == "int" else (int, float))
    text: str = _typed(field, value, str)
    if field.type == "date":
        return _date(field, text)
    if field.type == "datetime":
        if not _INSTANT.fullmatch(text):
            raise _wrong(field, value)
        return stamp(datetime.fromisoformat(text))
    if field.type == "reference":
        return _reference(org, kind, field, text)
    if field.type == "email" and not _EMAIL.fullmatch(text):
        message = f"{field.name}: invalid email address: {text}"
        raise Refusal(400, "INVALID_EMAIL_ADDRESS", message, (field.name,))
    if field.type in TEXTS and len(text) > field.length:
        message = f"{field.name}: data value too large (max length={field.length})"
        raise Refusal(400, "STRING_TOO_LONG", message, (field.name,))
    return text


def _typed(field: Field, value: Any, types: type | tuple[type, ...]) -> Any:
    if not isinstance(value, types):
        raise _wrong(field, value)
    return value


def _wrong(field: Field, value: object) -> Refusal:
    message = f"Cannot deserialize instance of {field.type} from {type(value).__name__} value"
    return Refusal(400, "JSON_PARSER_ERROR", message)


def _date(field: Field, text: str) -> str:
    """Ten characters, or an instant of which the day is kept."""
    try:
        datetime.strptime(text[:10], "%Y-%m-%d")
    except ValueError as error:
        raise _wrong(field, text) from error
    if text[10:] and not _INSTANT.fullmatch(text):
        raise _wrong(field, text)
    return text[:10]


def _reference(org: Org, kind: ObjectType, field: Field, text: str) -> str:
    record_id = ids.normal(text)
    target = org.store.type_of(record_id) if record_id else None
    if record_id is None or target is None or target.name not in field.refers:
        message = f"{field.name}: id value of incorrect type: {text}"
        raise Refusal(400, "MALFORMED_ID", message, (field.name,))
    row = org.store.find(record_id)
    if row is None:
        raise Refusal(
            400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (field.name,)
        )
    if row.get("IsDeleted"):
        raise Refusal(400, "ENTITY_IS_DELETED", "entity is deleted", (field.name,))
    return record_id


def _unique(org: Org, kind: ObjectType, values: Row, old: Row | None) -> None:
    for name, value in values.items():
        if not kind.fields[name].unique or value is None:
            continue
        others = org.store.by_external_id(kind.name, name, value)
        taken = [one for one in others if old is None or one != old["Id"]]
        if taken:
            message = f"duplicate value found: {name} duplicates value on record: {taken[0]}"
            raise Refusal(400, "DUPLICATE_VALUE", message, (name,))


def _hierarchy(org: Org, values: Row, old: Row | None) -> None:
    """No account is its own ancestor."""
    at = values.get("ParentId") if old else None
    while at:
        if old and at == old["Id"]:
            message = "attempt to violate hierarchy constraints"
            raise Refusal(400, "CIRCULAR_DEPENDENCY", message, ("ParentId",))
        row = org.store.find(at)
        at = row["ParentId"] if row else None
