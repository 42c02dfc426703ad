"""The fence: a table that was restored answers nobody until the journal was applied to it again."""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from stageline.domain.errors import RestoredNotChecked, Stale

if TYPE_CHECKING:
    from stageline.erasure_ports import Fences
    from stageline.privacy_ports import Journal


class Fence:
    """Whether this table may be used. Found open, it is not looked at again.

    A restore makes another table, and gives functions another environment: this object ends with
    the one that it was made in.
    """

    def __init__(self, table_id: str, fences: "Fences", journal: "Callable[[], Journal]") -> None:
        self._table_id = table_id
        self._fences = fences
        self._journal = journal
        self._is_open = False

    def is_closed(self) -> bool:
        if not self._is_open:
            self._is_open = not is_fenced(self._table_id, self._fences, self._journal)
        return not self._is_open

    def refuse(self) -> None:
        """Raise RestoredNotChecked while it is closed."""
        if self.is_closed():
            raise RestoredNotChecked


def is_fenced(table_id: str, fences: "Fences", journal: "Callable[[], Journal]") -> bool:
    """Tell whether people who were erased may be in this table.

    One that says nothing is a new one while nobody was erased; from then on it says so.
    """
    applied_to = fences.applied_to()
    if applied_to is None and journal().is_empty():
        with suppress(Stale):
            fences.open(table_id, None)
        applied_to = fences.applied_to()
    return applied_to != table_id
