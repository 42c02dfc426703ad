"""Random rows of a CRM, which says of every record all there is, in runs one after the other."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

from stageline.domain.records import AccountRecord, DealRecord, GoneRecord
from tests.unit.sync_crm.simulation import ACCOUNTS, DEALS

GONE = 0.2


class RandomCrm:
    """A CRM that changes between runs; `accounts` and `deals` are its rows of what has changed."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def accounts(self) -> Sequence[Any]:
        names = self.random.sample(ACCOUNTS, self.random.randint(1, len(ACCOUNTS)))
        return [self.gone(name) or self.account(name) for name in names]

    def gone(self, name: str) -> GoneRecord | None:
        is_gone = self.random.random() < GONE
        return GoneRecord(line=1, external_id=name) if is_gone else None

    def account(self, name: str) -> AccountRecord:
        row = AccountRecord(line=1, external_id=name, name=f"Account {self.random.randrange(2)}")
        parent = self.random.choice((None, *ACCOUNTS, "nobody"))
        if parent is None:
            return replace(row, cleared=("domain", "parent_external_id"))
        return replace(row, parent_external_id=parent, domain="example.com")

    def deals(self) -> Sequence[Any]:
        names = self.random.sample(DEALS, self.random.randint(1, len(DEALS)))
        return [self.gone(name) or self.deal(name) for name in names]

    def deal(self, name: str) -> DealRecord:
        status: Any = self.random.choice(("open", "won", "lost"))
        row = DealRecord(line=1, external_id=name, name=f"Deal {name}", status=status)
        if status != "open":
            row = replace(row, closed_on=date(2026, 1, 5))
        account = self.random.choice((None, *ACCOUNTS))
        if account is None:
            return replace(row, cleared=("account_external_id",))
        return replace(row, account_external_id=account)


def numbered(rows: Sequence[Any]) -> list[Any]:
    return [replace(row, line=line) for line, row in enumerate(rows, 1)]
