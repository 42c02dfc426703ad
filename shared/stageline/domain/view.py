"""What is read together to answer for one account: itself with its home, its group's records."""

from typing import NamedTuple

from stageline.domain.account import Account
from stageline.domain.group import Home, StoredLedger, Value


class AccountView(NamedTuple):
    """`home` is None until the account's first ledger is written."""

    account: Account
    home: Home | None


class GroupView(NamedTuple):
    """`value` is None until the group is first evaluated. Closed ledgers are among them."""

    value: Value | None
    ledgers: tuple[StoredLedger, ...]
