"""Plain Python values as DynamoDB attribute values, and back.

Numbers come back as int when they are whole, else Decimal. Written out rather than taken from
boto3's resource layer, which costs start-up time and turns every number into a Decimal.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

type Item = dict[str, Any]

_AS_THEY_ARE = frozenset({"S", "BOOL", "B"})


def to_value(value: Any) -> dict[str, Any]:
    """Return one attribute value. Raises TypeError for what DynamoDB cannot hold."""
    match value:
        case str():
            return {"S": value}
        case bool():
            return {"BOOL": value}
        case int() | Decimal():
            return {"N": str(value)}
        case None:
            return {"NULL": True}
        case dict():
            return {"M": {key: to_value(inner) for key, inner in value.items()}}
        case list() | tuple():
            return {"L": [to_value(inner) for inner in value]}
        case bytes():
            return {"B": value}
        case _:
            raise TypeError(f"{type(value).__name__} cannot be stored")


def from_value(value: Mapping[str, Any]) -> Any:
    """Return the plain value of one attribute value."""
    for kind, inner in value.items():
        if kind in _AS_THEY_ARE:
            return inner
        if kind == "L":
            return [from_value(entry) for entry in inner]
        if kind == "N":
            return int(inner) if inner.isdecimal() else _number(inner)
        if kind == "NULL":
            return None
        if kind == "M":
            return {key: from_value(entry) for key, entry in inner.items()}
        raise TypeError(f"attributes of kind {kind} are not used here")
    raise TypeError("an attribute without a value")


def _number(text: str) -> int | Decimal:
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else number


def to_item(item: Mapping[str, Any]) -> Item:
    return {name: to_value(value) for name, value in item.items()}


def from_item(item: Mapping[str, Any]) -> Item:
    # Most attributes are texts, and a call for each costs more than looking.
    return {name: value["S"] if "S" in value else from_value(value) for name, value in item.items()}
