"""Names as they tell people apart who have an identifier in common.

Two with the same name are one person; one of whom no name is known is whoever has the identifier.
Once two different names meet at an identifier, it is shared, and tells nothing.
"""

import unicodedata

from stageline.domain.contact import Person

type Name = frozenset[str]
"""The words of a name, in no order."""

NO_NAME: Name = frozenset()


def name_of(person: Person) -> Name:
    words = f"{person.first_name or ''} {person.last_name or ''}"
    plain = unicodedata.normalize("NFKC", words).casefold()
    return frozenset("".join(c if c.isalnum() else " " for c in plain).split())
