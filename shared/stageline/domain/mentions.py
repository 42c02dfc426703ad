"""Whether a text likely mentions a person: for somebody to look at and tick, no proof.

Texts are compared in NFKC and without case. What is found are whole words and whole numbers: a
first and a last name, an e-mail address, a phone number however it is written.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from stageline.domain.custom_value import Value
from stageline.domain.personal import Personal
from stageline.domain.pins import CUSTOM_PREFIX, Pinnable

SHORTEST_NAME = 2
FEWEST_DIGITS = 7
# Those at the end of a number are the same with a prefix of the country, of the area or without.
_COMPARED_DIGITS = 9
_MOST_DIGITS = 17

_TEXTS = ("name", "subject", "text", "title")
# What an e-mail address stands between.
_BETWEEN = re.compile(r"""[\s<>()\[\]{},;:"=|/\\?&#]+""")
_AROUND = re.compile(r"^\W+|\W+$")
_DIGITS = re.compile(r"(?<![^\W_])\d+(?![^\W_])")
# What stands between the digits of one number.
_GAP = re.compile(r"[\s().\-/\u2010-\u2014]{1,4}")

type Mentions = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Traits:
    """What is known of a person, as it was written. Any first name goes with any last name."""

    first_names: tuple[Personal, ...] = ()
    last_names: tuple[Personal, ...] = ()
    emails: tuple[Personal, ...] = ()
    phones: tuple[Personal, ...] = ()


def mentions_of(traits: Traits) -> Mentions:
    """Return what tells whether a text mentions the person.

    Of a first name one word is enough; of a last name all are needed, and alone it does not count,
    unless it has several words and no first name is known.
    """
    firsts = {word for name in traits.first_names for word in _words(_folded(name))}
    firsts = {word for word in firsts if len(word) >= SHORTEST_NAME}
    lasts = [frozenset(_words(_folded(name))) for name in traits.last_names]
    lasts = [words for words in lasts if any(len(word) >= SHORTEST_NAME for word in words)]
    emails = frozenset(one for email in traits.emails for one in _addresses(_folded(email)))
    phones = [digits for one in traits.phones if len(digits := _number(one)) >= FEWEST_DIGITS]

    def is_named(text: str) -> bool:
        likely = [one for one in lasts if all(word in text for word in one)]
        if not firsts:
            # All of the name stands in one field.
            likely = [one for one in likely if len(one) > 1]
        elif not any(word in text for word in firsts):
            return False
        if not likely:
            return False
        words = frozenset(_words(text))
        is_first = not firsts or not firsts.isdisjoint(words)
        return is_first and any(one <= words for one in likely)

    def mentions(text: str) -> bool:
        text = _folded(text)
        if is_named(text) or not emails.isdisjoint(_addresses(text)):
            return True
        return bool(phones) and any(_same(one, phone) for one in _numbers(text) for phone in phones)

    return mentions


def mentioning(record: Pinnable, mentions: Mentions) -> tuple[str, ...]:
    """Return the fields of a record whose texts mention the person, as they are pinned."""
    described: Any = getattr(record, record.DESCRIBED)
    texts: list[tuple[str, Iterable[str]]] = [
        (name, [text]) for name in _TEXTS if (text := getattr(described, name, None))
    ]
    custom = described.custom.items()
    texts += [(f"{CUSTOM_PREFIX}{key}", _texts(value)) for key, value in sorted(custom)]
    texts.append(("tags", described.tags))
    return tuple(name for name, some in texts if any(map(mentions, some)))


def _texts(value: Value) -> Iterable[str]:
    if isinstance(value, str):
        return [value]
    return value if isinstance(value, tuple) else ()


def _folded(text: str) -> str:
    # Capitals first: a dotless i has none of its own.
    capitals = unicodedata.normalize("NFKC", text).upper()
    return unicodedata.normalize("NFKC", capitals.casefold()).strip()


def _words(folded: str) -> list[str]:
    kept = (one if _is_of_a_word(one) else " " for one in folded)
    return "".join(kept).split()


def _is_of_a_word(char: str) -> bool:
    # The dot is that of Catalan, which NFKC takes out of letters.
    return char.isalnum() or char == "\u00b7" or unicodedata.category(char).startswith("M")


def _addresses(folded: str) -> Iterator[str]:
    return (_AROUND.sub("", one) for one in _BETWEEN.split(folded) if "@" in one)


def _number(text: str) -> str:
    """Return the digits of a phone number, without zeros that stand for a prefix."""
    text = unicodedata.normalize("NFKC", text).replace("(0)", "")
    return "".join(str(int(one)) for one in text if one.isdecimal()).lstrip("0")


def _numbers(text: str) -> Iterator[str]:
    """Yield what may be a phone number: groups of digits that stand next to each other."""
    text = text.replace("(0)", "")
    groups = list(_DIGITS.finditer(text))
    for start, group in enumerate(groups):
        digits, end = "", group.start()
        for one in groups[start:]:
            if digits and not _GAP.fullmatch(text, end, one.start()):
                break
            digits, end = digits + one.group(), one.end()
            if len(digits) > _MOST_DIGITS:
                break
            if len(digits) >= FEWEST_DIGITS:
                yield _number(digits)


def _same(one: str, other: str) -> bool:
    compared = min(len(one), len(other), _COMPARED_DIGITS)
    return compared >= FEWEST_DIGITS and one[-compared:] == other[-compared:]
