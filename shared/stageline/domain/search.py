"""Names and words as they are searched and sorted by: without case, accents and separators.

What comes out stands in keys of the table, which hold at most 1,024 bytes.
"""

import re
import unicodedata
from typing import Final

SHORTEST_WORD: Final = 3
LONGEST_WORD_BYTES: Final = 120
LONGEST_NAME_BYTES: Final = 400
# Words that leave and words that come are written in one transaction, which takes 100 items.
MOST_WORDS: Final = 48

_WORD = re.compile(r"[^\W_]+")
# "#" separates the parts of a key; what sorts before it would put "acme corp" before "acme".
_BEFORE_SEPARATOR = re.compile(r'[\s!"#]+')
# A shorter way for ASCII, which most names are: control characters go, unless they are spaces.
_ASCII: Final = {
    code: None for code in range(128) if not chr(code).isprintable() and not chr(code).isspace()
} | {ord("#"): " "}


def fold(text: str) -> str:
    """Return `text` without case, accents, control characters and "#", single-spaced.

    "Čeřovský  GmbH" is "cerovsky gmbh", "STRASSE" and "Straße" are both "strasse".
    """
    if text.isascii():
        return " ".join(text.translate(_ASCII).lower().split())
    plain = "".join(
        " " if char == "#" or char.isspace() else char
        for char in unicodedata.normalize("NFKD", text)
        if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Mn")
    )
    return " ".join(unicodedata.normalize("NFKC", plain.casefold()).split())


def sort_name(name: str) -> str:
    """Return the name as it stands in keys: folded, at most 400 bytes, nothing sorting before "#".

    "-" for a name of which nothing is left.
    """
    return _cut(_BEFORE_SEPARATOR.sub("$", fold(name)), LONGEST_NAME_BYTES) or "-"


def words(name: str, domain: str | None) -> frozenset[str]:
    """Return the words by whose beginning an account is found, at most 48 of them.

    Those of the name with three letters or digits or more, the domain, and its labels but the
    last: "com" finds nobody in particular, and would lie in one partition for all.
    """
    found = _WORD.findall(fold(name))
    if domain is not None:
        whole = _folded_domain(domain)
        found = [whole, *whole.split(".")[:-1], *found]
    kept = (_cut(word, LONGEST_WORD_BYTES) for word in found if len(word) >= SHORTEST_WORD)
    return frozenset(list(dict.fromkeys(kept))[:MOST_WORDS])


def domain_word(domain: str) -> str:
    """Return the word by which accounts of a whole domain are found; longer ones are cut."""
    return _cut(_folded_domain(domain), LONGEST_WORD_BYTES)


def is_same_domain(one: str | None, other: str | None) -> bool:
    both = (one, other)
    return all(both) and len({_folded_domain(domain or "") for domain in both}) == 1


def _folded_domain(domain: str) -> str:
    return fold(domain).replace(" ", "")


def _cut(text: str, most_bytes: int) -> str:
    return text.encode()[:most_bytes].decode(errors="ignore")
