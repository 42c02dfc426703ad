"""Are two contacts the same person? Decided by identifier and name; when in doubt they are not."""

import unicodedata

from stageline.domain.contact import Person


def is_same(one: Person, other: Person) -> bool:
    """Tell whether two who have an identifier in common are one person.

    One of whom no name is known is whoever has the identifier.
    """
    theirs = _names(one), _names(other)
    return not all(theirs) or theirs[0] == theirs[1]


def _names(person: Person) -> frozenset[str]:
    words = f"{person.first_name or ''} {person.last_name or ''}"
    plain = unicodedata.normalize("NFKC", words).casefold()
    return frozenset("".join(c if c.isalnum() else " " for c in plain).split())
