"""Record ids: 15 characters that mind case, and three more that let case be forgotten."""

import re
from functools import cache

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_FORM = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")


def suffix(short: str) -> str:
    return _sign(short[:5]) + _sign(short[5:10]) + _sign(short[10:])


@cache
def _sign(letters: str) -> str:
    """Says which of five letters are capitals, the first in the lowest bit."""
    return CHECK[sum(1 << bit for bit, letter in enumerate(letters) if letter.isupper())]


def make_id(prefix: str, number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = DIGITS[digit] + digits
    short = prefix + "5g" + digits.rjust(10, "0")
    return short + suffix(short)


def normal(value: str) -> str | None:
    """The id in 18 characters, or None if it is not one.

    The suffix repairs the case of the first 15; one that fits no repair is refused.
    """
    if not _FORM.fullmatch(value):
        return None
    short, check = value[:15], value[15:].upper()
    if not check:
        return short + suffix(short)
    repaired = ""
    for block, sign in enumerate(check):
        bits = CHECK.find(sign)
        if bits < 0:
            return None
        for bit, letter in enumerate(short[block * 5 : block * 5 + 5]):
            repaired += letter.upper() if bits >> bit & 1 else letter.lower()
    return repaired + check if suffix(repaired) == check else None
