"""Accounts and deals in memory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from stageline.adapters.dynamodb.keys import (
    DEAL_PREFIX,
    account_key,
    account_partition,
    children_count_key,
    deal_key,
    locator_key,
)
from stageline.domain.account import Account
from stageline.domain.deal import Deal
from stageline.domain.errors import AlreadyExists, NotFound, Stale
from stageline.domain.workspace import Workspace
from tests.fakes.memory import Memory, Put, over


class InMemoryAccounts:
    def __init__(self, memory: Memory, workspace: Workspace) -> None:
        self._memory = memory
        self._workspace = workspace

    def get(self, account_id: str) -> Account:
        account = self.find(account_id)
        if account is None or account.deleted:
            raise NotFound("account")
        return account

    def find(self, account_id: str) -> Account | None:
        found: Account | None = self._memory.get(account_key(self._workspace, account_id))
        return found

    def find_many(self, account_ids: Iterable[str]) -> Mapping[str, Account]:
        found = {account_id: self.find(account_id) for account_id in account_ids}
        return {account_id: account for account_id, account in found.items() if account}

    def add(self, accounts: Sequence[Account]) -> None:
        try:
            self._memory.write(
                "account", *(put for one in accounts for put in (self._over(one), self._place(one)))
            )
        except Stale as error:
            raise AlreadyExists("an account with this identity exists") from error

    def save(self, account: Account) -> None:
        self._memory.write("account", self._over(account))

    def move(self, account: Account, from_parent_id: str | None, to_parent: Account | None) -> None:
        puts = [self._over(account), self._count(account.account_id, 0, lambda count: not count)]
        if to_parent is not None:
            parent_key = account_key(self._workspace, to_parent.account_id)
            puts.append(Put(parent_key, to_parent, lambda stored: stored.rev == to_parent.rev))
            if to_parent.account_id != from_parent_id:
                puts.append(self._count(to_parent.account_id, 1))
        if from_parent_id is not None and (
            to_parent is None or to_parent.account_id != from_parent_id
        ):
            puts.append(self._count(from_parent_id, -1))
        self._memory.write("account", *puts)

    def delete(self, account: Account, from_parent_id: str | None) -> None:
        self.move(account, from_parent_id, None)

    def children_count(self, account_id: str) -> int:
        count: int | None = self._memory.get(children_count_key(self._workspace, account_id))
        return count or 0

    def children(self, account_id: str) -> Iterator[str]:
        for item in list(self._memory.items.values()):
            if isinstance(item, Account) and account_id in (item.parent_id, item.awaited_parent_id):
                yield item.account_id

    def _over(self, account: Account) -> Put:
        return Put(account_key(self._workspace, account.account_id), account, over(account.rev))

    def _place(self, account: Account) -> Put:
        return Put(locator_key(self._workspace, account.account_id), (account.account_id,))

    def _count(self, account_id: str, by: int, condition=lambda count: True) -> Put:
        key = children_count_key(self._workspace, account_id)
        count = self._memory.peek(key) or 0
        return Put(key, count + by or None, condition)


class InMemoryDeals:
    def __init__(self, memory: Memory, workspace: Workspace) -> None:
        self._memory = memory
        self._workspace = workspace

    def get(self, deal_id: str) -> Deal:
        deal = self.find_many([deal_id]).get(deal_id)
        if deal is None or deal.status == "gone":
            raise NotFound("deal")
        return deal

    def find_many(self, deal_ids: Iterable[str]) -> Mapping[str, Deal]:
        found = {}
        for deal_id in deal_ids:
            place = self._memory.get(locator_key(self._workspace, deal_id))
            if place is not None:
                deal = self._memory.peek(deal_key(self._workspace, place[0], deal_id))
                found[deal_id] = deal
        return found

    def of_account(self, account_id: str) -> Iterator[Deal]:
        return self._memory.query(account_partition(self._workspace, account_id), DEAL_PREFIX)

    def unassigned(self, limit: int, after: str | None) -> Sequence[Deal]:
        deals = (item for item in self._memory.items.values() if isinstance(item, Deal))
        found = sorted(
            (
                deal
                for deal in deals
                if (deal.waiting or deal.account_id is None)
                and deal.status != "gone"
                and deal.deal_id > (after or "")
            ),
            key=lambda deal: deal.deal_id,
        )
        return list(islice(found, limit))

    def add(self, deals: Sequence[Deal]) -> None:
        try:
            self._memory.write("deal", *(put for deal in deals for put in self._placed(deal)))
        except Stale as error:
            raise AlreadyExists("a deal with this identity exists") from error

    def save(self, deals: Sequence[Deal]) -> None:
        self._memory.write("deal", *map(self._over, deals))

    def move(self, deal: Deal, from_account_id: str | None) -> None:
        left = deal_key(self._workspace, from_account_id, deal.deal_id)
        place, locator = self._placed(deal)
        self._memory.write(
            "deal",
            Put(left, None, over(deal.rev)),
            place._replace(condition=lambda stored: stored is None),
            locator._replace(condition=lambda stored: True),
        )

    def _over(self, deal: Deal) -> Put:
        key = deal_key(self._workspace, deal.account_id, deal.deal_id)
        return Put(key, deal, over(deal.rev))

    def _placed(self, deal: Deal) -> tuple[Put, Put]:
        locator = locator_key(self._workspace, deal.deal_id)
        return self._over(deal), Put(locator, (deal.account_id,), lambda stored: stored is None)
