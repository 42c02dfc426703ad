"""What is read together to answer for one account: itself with home and touch, its group."""

from typing import TYPE_CHECKING, NamedTuple

from stageline.domain.account import Account
from stageline.domain.group import Home, StoredLedger, Value
from stageline.domain.touch import Touch

if TYPE_CHECKING:
    from stageline.domain.deal import Deal
    from stageline.domain.task import Task


class Beside(NamedTuple):
    """All that lies with a small account, in the order of its lists; tasks with their places."""

    deals: "tuple[Deal, ...]"
    contact_ids: tuple[str, ...]
    tasks: "tuple[tuple[str, Task], ...]"


class AccountView(NamedTuple):
    """`home` is None until the account's first ledger is written.

    `beside` is None when it was not asked for, or is too much to come along.
    """

    account: Account
    home: Home | None
    touch: Touch = Touch()
    beside: Beside | None = None


class GroupView(NamedTuple):
    """`value` is None until the group is first evaluated. Closed ledgers are among them."""

    value: Value | None
    ledgers: tuple[StoredLedger, ...]
