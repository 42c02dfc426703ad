"""How large DynamoDB takes an item to be, and what reading and writing that many bytes costs."""

from collections.abc import Mapping
from typing import Any

WRITE_UNIT_BYTES = 1_024
READ_UNIT_BYTES = 4_096


def size_of(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Return the bytes of an item: the names of its attributes in UTF-8, and their values."""
    return sum(_bytes(name) + size_of_value(value) for name, value in item.items())


def size_of_value(value: Mapping[str, Any]) -> int:
    ((kind, inner),) = value.items()
    match kind:
        case "S":
            return _bytes(inner)
        case "N":
            # Two digits take a byte, the sign and the exponent one more.
            return (len(inner.lstrip("-").replace(".", "")) + 1) // 2 + 1
        case "B":
            return len(inner)
        case "L":
            return 3 + sum(1 + size_of_value(entry) for entry in inner)
        case "M":
            return 3 + sum(1 + _bytes(name) + size_of_value(entry) for name, entry in inner.items())
        case _:
            return 1


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def write_units(size: int) -> int:
    return max(1, -(-size // WRITE_UNIT_BYTES))


def read_units(size: int, *, consistent: bool) -> float:
    """Return the units of one read; what is not there costs as much as the smallest item."""
    return max(1, -(-size // READ_UNIT_BYTES)) * (1.0 if consistent else 0.5)
