"""Marks the text that identifies a person, so that every other rule can find it.

Each text field of a stored record is marked one way or the other; a test fails on one that is not.
"""

from typing import Annotated


class PersonalData:
    """Annotation marker: this text identifies, or may identify, a data subject."""


class NotPersonal:
    """Annotation marker: this text never identifies a data subject (ids, codes, enumerations)."""


Personal = Annotated[str, PersonalData()]
Plain = Annotated[str, NotPersonal()]
