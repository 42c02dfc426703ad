"""What a value of a CRM says: text, number, day, instant, yes or no. Nothing is guessed.

Each reader takes a value that is not None and returns ours, None for one that is empty after all.
Raises CellFault.
"""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from html import unescape
from typing import Any

from sync_crm.connectors import csv_cells as cells
from sync_crm.connectors.csv_cells import CellFault
from sync_crm.connectors.csv_instants import instant_parser

type Reader = Callable[[Any], Any]

# More digits than anything has that is counted; keeps 1E+999999 from being written out.
_MOST_DIGITS = 40
_LONGEST_PHONE = 50
# Of a text in HTML that is read at all; some twenty times what is kept of a text.
_LONGEST_HTML = 200_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NAME_OF_A_HOST = re.compile(r"[^\s.]+(\.[^\s.]+)+")
_TAGS = (
    "a|b|blockquote|body|br|div|em|font|h[1-6]|head|hr|html|i|img|li|meta|ol|p|pre|script|span"
    "|strong|style|table|tbody|td|th|tr|u|ul"
)
_HTML = re.compile(rf"<(?:/?(?:{_TAGS})(?:\s[^<>]*)?/?|!doctype[^<>]*)>", re.IGNORECASE)
_UNREAD = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style|title)\b.*?(?:</\1\s*>|\Z)", re.I | re.S)
_TAG = re.compile(r"</?([a-z][a-z0-9]*)(?=[\s/>])[^<>]*>|<![^<>]*>", re.IGNORECASE)
_BLOCKS = frozenset(
    [
        "blockquote",
        "br",
        "div",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "p",
        "pre",
        "table",
        "tr",
        "ul",
        "ol",
    ]
)
_decimal = cells.decimal_parser(None)


def line(value: Any) -> str | None:
    """Return a value as text of one line, without spaces around it."""
    text = _SURROGATE.sub("\ufffd", _written(value))
    return _CONTROL.sub(" ", text).strip() or None


def lines(value: Any) -> str | None:
    """Return a value as text of some lines; of HTML what is to be read."""
    text = _SURROGATE.sub("\ufffd", _written(value)).replace("\r\n", "\n").replace("\r", "\n")
    if _HTML.search(text[:_LONGEST_HTML]):
        text = _read_as_html(text[:_LONGEST_HTML])
    return _UNSEEN.sub("", text).strip() or None


def of_line(parse: Callable[[str], object]) -> Reader:
    """Return what reads a value as a cell of a file with the same text."""

    def read(value: Any) -> object:
        text = line(value)
        return None if text is None else parse(text)

    return read


def day_reader(zone: str) -> Reader:
    """Return what reads a day; an instant is the day it falls on in `zone`."""
    return of_line(cells.date_parser((), zone))


def instant_reader(zone: str) -> Reader:
    parse = instant_parser((), zone)

    def instant(text: str) -> datetime:
        try:
            found = parse(text)
        except OverflowError as error:
            raise CellFault("date_out_of_range", "a date is from 1900 to 2199") from error
        assert isinstance(found, datetime)
        return found

    return of_line(instant)


def number(value: Any) -> Decimal | None:
    """Return a number; one that is written as text only if it can be read in one way."""
    if isinstance(value, bool):
        raise CellFault("invalid_decimal", "a number is written 1234.50")
    if isinstance(value, int | float | Decimal):
        return cells.bounded(_digits(value))
    text = line(value)
    if text is None:
        return None
    found = _decimal(text)
    assert isinstance(found, Decimal)
    return found


def flag(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    text = line(value)
    return None if text is None else cells.yes_or_no(text)


def host(text: str) -> str:
    """Return the host of a domain name or web address; what is no name of a host is none."""
    found = cells.domain_name(text)
    if not _NAME_OF_A_HOST.fullmatch(found):
        raise CellFault("invalid_domain", "a domain name, like example.com")
    return found


def phone(text: str) -> str:
    if len(text) > _LONGEST_PHONE or not any(char.isdecimal() for char in text):
        raise CellFault("invalid_phone", f"a number of at most {_LONGEST_PHONE} characters")
    return text


def _written(value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float() | Decimal():
            return _digits(value)
    raise CellFault("invalid_text", "a text, a number or a flag")


def _digits(value: float | Decimal) -> str:
    """Return a number as text, 10 for 10.0."""
    if isinstance(value, int):
        if value.bit_length() > 4 * _MOST_DIGITS:
            raise CellFault("number_too_large", "a number has at most 18 digits")
        return str(value)
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not exact.is_finite():
        raise CellFault("invalid_decimal", "a number is written 1234.50")
    if max(abs(exact.adjusted()), -int(exact.as_tuple().exponent)) > _MOST_DIGITS:
        raise CellFault("number_too_large", "a number has at most 18 digits")
    whole = exact.to_integral_value()
    return format(whole if exact == whole else exact.normalize(), "f")


def _read_as_html(text: str) -> str:
    """Return what is to be read of HTML, a line for each block.

    By expressions that pass over the text once: Python's parser takes minutes for hostile texts.
    """
    text = _UNREAD.sub(" ", text)
    text = re.sub(r"\s+", " ", text)
    text = _TAG.sub(lambda tag: "\n" if (tag[1] or "").lower() in _BLOCKS else "", text)
    return re.sub(r" ?\n[ \n]*", "\n", unescape(text).replace("\u00a0", " "))
