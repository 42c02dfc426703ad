"""Values of custom fields: read from JSON, compared, and turned into JSON again. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal, get_args

from stageline.domain.currency import CURRENCIES
from stageline.domain.errors import Invalid
from stageline.domain.personal import Personal, Plain

type FieldType = Literal["text", "number", "money", "date", "boolean", "picklist", "multi_select"]

TYPES: tuple[FieldType, ...] = get_args(FieldType.__value__)

LONGEST_TEXT: Final = 2_000
LONGEST_OPTION: Final = 100
# As many digits as a number in JSON keeps wherever it is read.
NUMBER_DIGITS: Final = 15
MONEY_DIGITS: Final = 20
PLACES: Final = 6

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_AMOUNT = re.compile(r"-?\d{1,20}(\.\d{1,6})?", re.ASCII)
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Money:
    """`amount` in units of `currency` (ISO 4217)."""

    amount: Decimal
    currency: Plain


type Value = Personal | Decimal | Money | date | bool | tuple[Personal, ...]
"""A text or an option, a number, an amount, a day, a flag, or several options."""

type Values = Mapping[Plain, Value]
"""By the key of the field."""


def read_value(
    type_: FieldType, options: tuple[str, ...], sent: Any, where: str, before: Value | None = None
) -> Value | None:
    """Return the value that JSON says, None for a choice of nothing. Raises Invalid at `where`.

    Options are those of now; one of `before`, the value so far, may stay.
    """
    try:
        match type_:
            case "text":
                return _text(sent)
            case "number":
                return _number(sent)
            case "money":
                return _money(sent)
            case "date":
                return _date(sent)
            case "boolean":
                return _boolean(sent)
            case "picklist":
                return _option(sent, options, before)
            case "multi_select":
                return _options(sent, options, before)
    except _Fault as fault:
        raise Invalid(where + fault.member, fault.reason, fault.detail) from fault


def shown(value: Value) -> Any:
    """Return the value as JSON has it: what `read_value` reads as the same."""
    match value:
        case bool() | str():
            return value
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case Money(amount, currency):
            return {"amount": format(amount, "f"), "currency": currency}
        case date():
            return value.isoformat()
        case tuple():
            return list(value)


def unique_text(value: Value) -> str:
    """Return what is the same for values that count as equal: case and spaces do not."""
    if isinstance(value, str):
        return " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    return str(shown(value))


def size_of(values: Values) -> int:
    """Return about how many bytes the values take."""
    return sum(len(key) + len(repr(value).encode()) for key, value in values.items())


def options_of(sent: Iterable[str]) -> tuple[str, ...]:
    """Return the options of a field, each once, as they were sent. Raises Invalid."""
    options = tuple(dict.fromkeys(option.strip() for option in sent))
    for option in options:
        if not 1 <= len(option) <= LONGEST_OPTION or _CONTROL.search(option):
            raise Invalid("options", "malformed", f"have 1 to {LONGEST_OPTION} characters each")
    return options


class _Fault(Exception):
    """`member` is the part of the value that is at fault, like ".currency"."""

    def __init__(self, reason: str, detail: str, member: str = "") -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.member = member


def _text(sent: Any) -> str:
    if not isinstance(sent, str):
        raise _Fault("no_text", "is a text")
    text = sent.strip()
    if not 1 <= len(text) <= LONGEST_TEXT:
        raise _Fault("length", f"has 1 to {LONGEST_TEXT:,} characters; null removes it")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _Fault("malformed", "is a text in Unicode") from error
    if _UNSEEN.search(text):
        raise _Fault("malformed", "has no control characters but tabs and line feeds")
    return text


def _number(sent: Any) -> Decimal:
    if isinstance(sent, bool) or not isinstance(sent, int | float):
        raise _Fault("no_number", "is a number")
    return _plain(_decimal(sent, NUMBER_DIGITS))


def _decimal(sent: float | str, most_digits: int) -> Decimal:
    detail = f"has at most {most_digits} digits, {PLACES} of them decimal places"
    try:
        number = Decimal(str(sent))
    except (InvalidOperation, ValueError) as error:
        raise _Fault("out_of_range", detail) from error
    if not number.is_finite() or abs(number.adjusted()) > most_digits:
        raise _Fault("out_of_range", detail)
    places = max(0, -int(_plain(number).as_tuple().exponent))
    if places > PLACES or abs(number) >= Decimal(10) ** (most_digits - places):
        raise _Fault("out_of_range", detail)
    return number


def _plain(number: Decimal) -> Decimal:
    """Return the number without zeros at its end, nor a sign before zero."""
    return Decimal(format(number.normalize() + 0, "f"))


def _money(sent: Any) -> Money:
    if not isinstance(sent, Mapping):
        raise _Fault("no_money", 'is like {"amount": "1234.50", "currency": "EUR"}')
    for member in sent.keys() - {"amount", "currency"}:
        raise _Fault("unknown_field", "is no field here", f".{member}"[:60])
    amount, currency = sent.get("amount"), sent.get("currency")
    if isinstance(amount, bool) or not isinstance(amount, int | float | str):
        raise _Fault("no_number", "is a decimal number, like 1234.50", ".amount")
    if isinstance(amount, str) and not _AMOUNT.fullmatch(amount):
        raise _Fault("no_number", "is a decimal number, like 1234.50", ".amount")
    if not isinstance(currency, str) or currency not in CURRENCIES:
        raise _Fault("unknown", "is an ISO 4217 code, like EUR", ".currency")
    try:
        number = _decimal(amount, MONEY_DIGITS)
    except _Fault as fault:
        raise _Fault(fault.reason, fault.detail, ".amount") from fault
    return Money(Decimal(format(number, "f")), currency)


def _date(sent: Any) -> date:
    try:
        # fromisoformat also takes weeks and dates without hyphens.
        return date.fromisoformat(sent if _DAY.fullmatch(sent) else "")
    except (TypeError, ValueError) as error:
        raise _Fault("no_date", "is a day of the calendar, like 2024-02-29") from error


def _boolean(sent: Any) -> bool:
    if not isinstance(sent, bool):
        raise _Fault("no_boolean", "is true or false")
    return sent


def _option(sent: Any, options: tuple[str, ...], before: Value | None) -> str:
    if not isinstance(sent, str) or (sent not in options and sent != before):
        raise _Fault("unknown", "is one of the field's options")
    return sent


def _options(sent: Any, options: tuple[str, ...], before: Value | None) -> tuple[str, ...] | None:
    if not isinstance(sent, list | tuple):
        raise _Fault("no_list", "is a list of the field's options")
    kept = before if isinstance(before, tuple) else ()
    if any(not isinstance(one, str) or (one not in options and one not in kept) for one in sent):
        raise _Fault("unknown", "has the field's options only")
    # In the order of the options, so that equal choices are equal.
    order = list(dict.fromkeys((*options, *kept)))
    return tuple(option for option in order if option in sent) or None
