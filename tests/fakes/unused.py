"""Contacts, activities and tasks of which there are none."""

from typing import Any

from stageline.domain.touch import Ends


class Unused:
    """As the ports `Contacts`, `Tasks` and `Touches` when an account has none of them."""

    def count_of_account(self, account_id: str) -> int:
        return 0

    def count_open(self, account_id: str) -> int:
        return 0

    def stored(self, account_id: str) -> None:
        return None

    def ends(self, account_id: str, *, two_way: bool) -> Ends:
        return Ends(None, None)


UNUSED: Any = Unused()
