"""Custom values and tags on the items of records, and what is stored beside these."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.keys import tag_key, unique_value_key
from stageline.adapters.dynamodb.table import Write
from stageline.domain.beside import Beside
from stageline.domain.custom_value import Money, Value, Values
from stageline.domain.workspace import Workspace


def custom_values(custom: Values, tags: tuple[str, ...]) -> Item:
    """Return the attributes that hold them, None where there is nothing to hold."""
    stored = {key: value_as_stored(value) for key, value in custom.items()}
    return {"custom": stored or None, "tags": list(tags) or None}


def custom_from(item: Item) -> Values:
    return {key: value_from_stored(stored) for key, stored in item.get("custom", {}).items()}


def tags_from(item: Item) -> tuple[str, ...]:
    return tuple(item.get("tags", ()))


def beside_writes(workspace: Workspace, beside: Beside) -> Iterator[Write]:
    """Yield what goes into the transaction of the record."""
    record_id = beside.record_id
    nobody_else = "attribute_not_exists(PK) OR id = :id"
    for hash_, key in beside.claimed.items():
        item = unique_value_key(workspace, hash_) | {"id": record_id, "key": key}
        yield Write("Put", item, nobody_else, values={":id": record_id})
    for hash_ in beside.freed:
        key_of_item = unique_value_key(workspace, hash_)
        yield Write("Delete", key_of_item, nobody_else, values={":id": record_id})
    for hash_ in beside.tagged:
        yield Write("Put", tag_key(workspace, hash_, record_id) | {"id": record_id})
    for hash_ in beside.untagged:
        yield Write("Delete", tag_key(workspace, hash_, record_id))


def value_as_stored(value: Value) -> Any:
    """Return a value as the table holds it: the form alone says which type it has."""
    match value:
        case Money(amount, currency):
            return {"amount": format(amount, "f"), "currency": currency}
        case date():
            return {"date": value.isoformat()}
        case tuple():
            return list(value)
        case _:
            return value


def value_from_stored(stored: Any) -> Value:
    match stored:
        case {"amount": amount, "currency": currency}:
            return Money(Decimal(amount), currency)
        case {"date": day}:
            return date.fromisoformat(day)
        case list():
            return tuple(stored)
        case str() | bool():
            return stored
        case int() | Decimal():
            return Decimal(stored)
        case _:
            raise ValueError("this is no value of a custom field")
