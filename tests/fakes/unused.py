"""Contacts, activities and tasks of which there are none."""

from collections.abc import Iterator
from typing import Any

from stageline.domain.touch import Ends


class Unused:
    """As the ports `Contacts`, `Tasks` and `Touches` when an account has none of them."""

    def count_of_account(self, account_id: str) -> int:
        return 0

    def count_open(self, account_id: str) -> int:
        return 0

    def of_account(self, account_id: str, after: str | None, page: int) -> Iterator[Any]:
        return iter(())

    def stored(self, account_id: str) -> None:
        return None

    def ends(self, account_id: str, *, two_way: bool) -> Ends:
        return Ends(None, None)


UNUSED: Any = Unused()
