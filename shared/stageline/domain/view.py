"""What is read together to answer for one account: itself with home and touch, its group."""

from typing import NamedTuple

from stageline.domain.account import Account
from stageline.domain.group import Home, StoredLedger, Value
from stageline.domain.touch import Touch


class AccountView(NamedTuple):
    """`home` is None until the account's first ledger is written."""

    account: Account
    home: Home | None
    touch: Touch = Touch()


class GroupView(NamedTuple):
    """`value` is None until the group is first evaluated. Closed ledgers are among them."""

    value: Value | None
    ledgers: tuple[StoredLedger, ...]
