"""Plain Python values as DynamoDB attribute values, and back.

Numbers come back as int when they are whole, else Decimal. Written out rather than taken from
boto3's resource layer, which costs start-up time and turns every number into a Decimal.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

type Item = dict[str, Any]


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
    ((kind, inner),) = value.items()
    match kind:
        case "S" | "BOOL" | "B":
            return inner
        case "N":
            number = Decimal(inner)
            return int(number) if number == number.to_integral_value() else number
        case "NULL":
            return None
        case "M":
            return {key: from_value(entry) for key, entry in inner.items()}
        case "L":
            return [from_value(entry) for entry in inner]
        case _:
            raise TypeError(f"attributes of kind {kind} are not used here")


def to_item(item: Mapping[str, Any]) -> Item:
    return {name: to_value(value) for name, value in item.items()}


def from_item(item: Mapping[str, Any]) -> Item:
    return {name: from_value(value) for name, value in item.items()}
