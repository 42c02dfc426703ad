"""What somebody types to find an account: the beginnings of words of its name, or of its domain."""

import re
from dataclasses import dataclass
from typing import Self

from stageline.domain.errors import Invalid
from stageline.domain.search import LONGEST_WORD_BYTES, SHORTEST_WORD, fold

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Query:
    """Finds accounts that have, for every term, a word that begins with it.

    `prefix` is the part that the index of words is asked for: the longest one.
    """

    prefix: str
    terms: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises Invalid (`q`) when no word has three letters or digits."""
        terms = tuple(fold(text).split())
        longest = max((part for term in terms for part in _WORD.findall(term)), key=len, default="")
        if len(longest) < SHORTEST_WORD:
            raise Invalid("q", "too_short", "needs a word, or the beginning of one, of 3 letters")
        # The index cuts long words at that many bytes.
        return cls(longest.encode()[:LONGEST_WORD_BYTES].decode(errors="ignore"), terms)

    def matches(self, name: str, domain: str | None) -> bool:
        """Tell whether an account of this name and domain is meant."""
        whole = fold(domain or "").replace(" ", "")
        words = [whole, *whole.split("."), *_WORD.findall(fold(name))]
        return all(_begins(term, words) for term in self.terms)


def _begins(term: str, words: list[str]) -> bool:
    """Tell whether a word begins with the term, or with each part of it ("o'brien", "a-b")."""
    return any(word.startswith(term) for word in words) or all(
        any(word.startswith(part) for word in words) for part in _WORD.findall(term)
    )
