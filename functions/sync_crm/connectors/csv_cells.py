"""What a cell says: dates, decimals, yes or no. Nothing is guessed."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from stageline.domain.activity import KINDS
from stageline.domain.calendar import day_in_zone
from stageline.domain.contact import ROLES

type Parser = Callable[[str], object]


class CellFault(Exception):
    """A cell that cannot be understood: a stable code, and the fix."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


_YES_OR_NO = {
    "true": True,
    "yes": True,
    "1": True,
    "false": False,
    "no": False,
    "0": False,
}
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ISO_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
YEARS = range(1900, 2200)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FORMS = {
    "YYYY": r"(?P<year>[0-9]{4})",
    "MMM": r"(?P<name>[A-Za-z]{3})",
    "MM": r"(?P<month>[0-9]{1,2})",
    "DD": r"(?P<day>[0-9]{1,2})",
    "HH": r"(?P<hour>[0-9]{1,2})",
    "mm": r"(?P<minute>[0-9]{2})",
    "SS": r"(?P<second>[0-9]{2})",
    "%Y": r"(?P<year>[0-9]{4})",
    "%b": r"(?P<name>[A-Za-z]{3})",
    "%m": r"(?P<month>[0-9]{1,2})",
    "%d": r"(?P<day>[0-9]{1,2})",
    "%H": r"(?P<hour>[0-9]{1,2})",
    "%M": r"(?P<minute>[0-9]{2})",
    "%S": r"(?P<second>[0-9]{2})",
}
_FORM = re.compile("|".join(sorted(_FORMS, key=len, reverse=True)))


@cache
def date_pattern(form: str) -> re.Pattern[str]:
    """Return what a date format matches: YYYY, MM, MMM, DD (or %Y, %m, %b, %d), HH, mm, SS.

    Raises ValueError for a format without year, month and day, each once.
    """
    pattern, end, rest = "", 0, ""
    for found in _FORM.finditer(form):
        between = form[end : found.start()]
        pattern += re.escape(between) + _FORMS[found[0]]
        rest += between
        end = found.end()
    pattern += re.escape(form[end:])
    rest += form[end:]
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ValueError("a date format names year, month and day once each") from error
    groups = compiled.groupindex.keys()
    if (
        not {"year", "day"} <= groups
        or not groups & {"month", "name"}
        or set(rest) & set("%YMDHSm")
    ):
        raise ValueError("a date format has YYYY, MM (or MMM) and DD, like DD.MM.YYYY")
    return compiled


def date_parser(forms: Sequence[str], zone: str) -> Parser:
    """Return what reads a day: by these formats, or ISO 8601 when there are none.

    An ISO instant with an offset is the day it falls on in `zone`.
    """
    patterns = [date_pattern(form) for form in forms]

    def parse(cell: str) -> date:
        day = _by_formats(cell, patterns) if patterns else _iso(cell, zone)
        if day is None:
            raise CellFault(
                "invalid_date",
                "no such day in the format that the mapping gives"
                if patterns
                else "a date is written YYYY-MM-DD; the mapping can give another date_format",
            )
        if day.year not in YEARS:
            raise CellFault("date_out_of_range", "a date is from 1900 to 2199")
        return day

    return parse


def day_of(found: re.Match[str]) -> date:
    """Return the day that a date format found. Raises ValueError for one that is none."""
    parts = found.groupdict()
    name = parts.get("name")
    month = _MONTHS.index(name.lower()) + 1 if name else int(parts["month"])
    return date(int(parts["year"]), month, int(parts["day"]))


def _by_formats(cell: str, patterns: Sequence[re.Pattern[str]]) -> date | None:
    for pattern in patterns:
        if found := pattern.fullmatch(cell):
            try:
                return day_of(found)
            except ValueError:
                continue
    return None


def _iso(cell: str, zone: str) -> date | None:
    try:
        if ISO_DAY.fullmatch(cell):
            return date.fromisoformat(cell)
        if ISO_INSTANT.fullmatch(cell):
            instant = datetime.fromisoformat(cell)
            return instant.date() if instant.tzinfo is None else day_in_zone(instant, zone)
    except (ValueError, OverflowError):
        pass
    return None


_PLAIN = re.compile(r"[+-]?[0-9]+([.][0-9]+)?")
_GROUPED_LIKE = re.compile(r"[+-]?[1-9][0-9]{0,2}[.][0-9]{3}")
# Apostrophes, a typographic one too, and spaces, two that do not break too.
_GROUPING = r"'\u2019 \u00a0\u202f"
_WITH_SIGNS = re.compile(rf"[+-]?[0-9][0-9.,{_GROUPING}]*")
_MOST_DIGITS = 18


def decimal_parser(sign: str | None) -> Parser:
    """Return what reads a decimal with this decimal sign; without one only what is unambiguous.

    With a sign declared, thousands may be grouped by the other one, by apostrophes or by spaces.
    """
    if sign is None:
        return _undeclared
    other = "." if sign == "," else ","
    grouping = f"[{other}{_GROUPING}]"
    grouped = re.compile(
        rf"([+-]?(?:[0-9]+|[0-9]{{1,3}}(?:{grouping}[0-9]{{3}})+))(?:{re.escape(sign)}([0-9]+))?"
    )

    def parse(cell: str) -> Decimal:
        found = grouped.fullmatch(cell)
        if found is None:
            raise CellFault("invalid_decimal", "not a number with the declared decimal sign")
        whole = re.sub(grouping, "", found[1])
        return bounded(f"{whole}.{found[2]}" if found[2] else whole)

    return parse


def _undeclared(cell: str) -> Decimal:
    if _PLAIN.fullmatch(cell) and not _GROUPED_LIKE.fullmatch(cell):
        return bounded(cell)
    if _WITH_SIGNS.fullmatch(cell):
        raise CellFault(
            "ambiguous_decimal",
            'decimals or thousands? Declare the sign in the mapping: decimal: "," or "."',
        )
    raise CellFault("invalid_decimal", "a number is written 1234.50")


def bounded(text: str) -> Decimal:
    whole, _, fraction = text.lstrip("+-").partition(".")
    if len(whole.lstrip("0")) > _MOST_DIGITS or len(fraction) > _MOST_DIGITS:
        raise CellFault("number_too_large", f"a number has at most {_MOST_DIGITS} digits")
    return Decimal(text)


def percent_parser(sign: str | None) -> Parser:
    """Return what reads percents, with or without the sign, as a fraction."""
    parse = decimal_parser(sign)

    def percent(cell: str) -> Decimal:
        value = parse(cell.removesuffix("%").rstrip())
        assert isinstance(value, Decimal)
        return value.scaleb(-2)

    return percent


def yes_or_no(cell: str) -> bool:
    value = _YES_OR_NO.get(cell.casefold())
    if value is None:
        raise CellFault("invalid_boolean", "one of true, false, yes, no, 1, 0")
    return value


def text_parser(most: int) -> Parser:
    def parse(cell: str) -> str:
        if len(cell) > most:
            raise CellFault("too_long", f"at most {most} characters")
        return cell

    return parse


_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def address(cell: str) -> str:
    if len(cell) > 320 or not _ADDRESS.fullmatch(cell):
        raise CellFault("invalid_email", "an e-mail address; map another column, or none")
    return cell


_HOST = re.compile(r"[^\s/@:?#]+")


def domain_name(cell: str) -> str:
    """Return the host of a domain name or a web address, in lower case."""
    host = re.sub(r"^[a-z]+://", "", cell.lower())
    host = re.split(r"[/?#]", host, maxsplit=1)[0].removesuffix(".")
    if len(host) > 253 or not _HOST.fullmatch(host):
        raise CellFault("invalid_domain", "a domain name, like example.com")
    return host


def currency_code(cell: str) -> str:
    return cell.upper()


def several(parse: Parser) -> Parser:
    """Return what reads the parts of a cell, which a semicolon, comma or bar separates."""

    def parts(cell: str) -> tuple[object, ...]:
        found = (part.strip() for part in re.split("[;,|]", cell))
        return tuple(dict.fromkeys(parse(part) for part in found if part))

    return parts


def role_word(cell: str) -> str:
    word = cell.casefold().replace(" ", "_")
    if word not in ROLES:
        hint = "the mapping can translate others (values: roles)"
        raise CellFault("unknown_role", f"{', '.join(ROLES)}; {hint}")
    return word


def kind_word(cell: str) -> str:
    word = cell.casefold()
    if word not in KINDS:
        hint = "the mapping can translate others (values: kind)"
        raise CellFault("unknown_kind", f"{', '.join(KINDS)}; {hint}")
    return word


def status_word(cell: str) -> str:
    word = cell.casefold()
    if word not in ("open", "won", "lost"):
        raise CellFault(
            "unknown_status", "open, won or lost; the mapping can translate others (values: status)"
        )
    return word
