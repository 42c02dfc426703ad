"""Random rows of a CRM, which says of every record all there is, in runs one after the other."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

from stageline.domain.records import AccountRecord, DealRecord, GoneRecord
from tests.unit.sync_crm.simulation import ACCOUNTS, DEALS, NEW_ACCOUNTS

GONE = 0.15
MERGED = 0.5


class RandomCrm:
    """A CRM that changes between runs; `accounts` and `deals` are its rows of what has changed.

    Of two accounts it makes one of them, or a new one; `into` says which.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.into: dict[str, str] = {}
        self.told: set[str] = set()
        self._live = list(ACCOUNTS)
        self._new = list(NEW_ACCOUNTS)

    def accounts(self) -> Sequence[Any]:
        names = self.random.sample(self._live, self.random.randint(1, len(self._live)))
        rows = {name: self.gone(name) or self.account(name) for name in names}
        while self.random.random() < MERGED and len(self._live) > 2:
            loser, winner = self.random.sample(self._live, 2)
            if self._new and self.random.random() < MERGED:
                winner = self._new.pop()
                self._live.append(winner)
            self._live.remove(loser)
            self.into[loser] = winner
            rows[loser] = GoneRecord(line=1, external_id=loser, merged_into=winner)
            if self.random.random() < 0.8:
                rows[winner] = self.account(winner)
        self.told |= {name for name, row in rows.items() if isinstance(row, AccountRecord)}
        found = list(rows.values())
        self.random.shuffle(found)
        return found

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
        account = self.random.choice((None, *ACCOUNTS, *NEW_ACCOUNTS[-2:]))
        if account is None:
            return replace(row, cleared=("account_external_id",))
        return replace(row, account_external_id=account)

    def winner(self, name: str) -> str:
        """Return who stands for an account, as the CRM has it."""
        while name in self.into:
            name = self.into[name]
        return name


def numbered(rows: Sequence[Any]) -> list[Any]:
    return [replace(row, line=line) for line, row in enumerate(rows, 1)]
