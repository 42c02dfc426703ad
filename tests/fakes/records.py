"""Accounts and deals in memory."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from stageline.adapters.dynamodb.keys import (
    DEAL_PREFIX,
    account_key,
    account_partition,
    children_count_key,
    deal_key,
    locator_key,
)
from stageline.domain.account import Account
from stageline.domain.beside import NOTHING_BESIDE, Beside
from stageline.domain.deal import Deal
from stageline.domain.errors import AlreadyExists, NotFound, Stale
from stageline.domain.workspace import Workspace
from tests.fakes.fields import beside_puts
from tests.fakes.memory import CHECK, Memory, Put, over


class InMemoryAccounts:
    """`is_late` says, child by child, whether the index does not know of it yet."""

    def __init__(self, memory: Memory, workspace: Workspace) -> None:
        self._memory = memory
        self._workspace = workspace
        self.is_late: Callable[[], bool] = lambda: False

    def get(self, account_id: str) -> Account:
        account = self.find(account_id)
        if account is None or account.deleted or account.linked_to is not None:
            raise NotFound("account")
        return account

    def find(self, account_id: str) -> Account | None:
        found: Account | None = self._memory.get(account_key(self._workspace, account_id))
        return found

    def find_many(self, account_ids: Iterable[str]) -> Mapping[str, Account]:
        found = {account_id: self.find(account_id) for account_id in account_ids}
        return {account_id: account for account_id, account in found.items() if account}

    def add(self, accounts: Sequence[Account], beside: Beside = NOTHING_BESIDE) -> None:
        try:
            puts = (
                put for one in accounts for put in (changed(self._workspace, one), self._place(one))
            )
            self._memory.write("account", *puts, *beside_puts(self._workspace, beside))
        except Stale as error:
            raise AlreadyExists("an account with this identity exists") from error

    def save(self, account: Account, beside: Beside = NOTHING_BESIDE) -> None:
        puts = (changed(self._workspace, account), *beside_puts(self._workspace, beside))
        self._memory.write("account", *puts)

    def save_together(self, accounts: Sequence[Account], beside: Beside = NOTHING_BESIDE) -> None:
        puts = (changed(self._workspace, one) for one in accounts)
        self._memory.write("account", *puts, *beside_puts(self._workspace, beside))

    def move(self, account: Account, from_parent_id: str | None, to_parent: Account | None) -> None:
        self._memory.write("account", *self._moved(account, from_parent_id, to_parent))

    def delete(
        self, account: Account, from_parent_id: str | None, beside: Beside = NOTHING_BESIDE
    ) -> None:
        left = self._moved(account, from_parent_id, None)
        self._memory.write("account", *left, *beside_puts(self._workspace, beside))

    def children_count(self, account_id: str) -> int:
        return self.children_tally(account_id)[0]

    def children_tally(self, account_id: str) -> tuple[int, int]:
        found: tuple[int, int] | None = self._memory.get(
            children_count_key(self._workspace, account_id)
        )
        return found or (0, 0)

    def children(self, account_id: str) -> Iterator[str]:
        self._memory.pause()
        for item in list(self._memory.items.values()):
            if not isinstance(item, Account) or self.is_late():
                continue
            if (item.parent_id or item.awaited_parent_id) == account_id:
                yield item.account_id

    def _moved(
        self, account: Account, from_parent_id: str | None, to_parent: Account | None
    ) -> Iterator[Put]:
        yield changed(self._workspace, account)
        yield self._without_children(account.account_id)
        yield from under(self._workspace, from_parent_id, to_parent)

    def _place(self, account: Account) -> Put:
        return Put(locator_key(self._workspace, account.account_id), (account.account_id,))

    def _without_children(self, account_id: str) -> Put:
        key = children_count_key(self._workspace, account_id)

        def is_alone(stored: tuple[int, int] | None) -> bool:
            return stored is None or stored[0] == 0

        return Put(key, CHECK, is_alone)


def changed(workspace: Workspace, account: Account) -> Put:
    """Store an account over the revision before."""
    return Put(account_key(workspace, account.account_id), account, over(account.rev), _image)


def _image(account: Account) -> dict[str, Any]:
    return {"in_job": {"BOOL": True}} if account.changed.in_job else {}


def as_read(workspace: Workspace, account: Account) -> Put:
    key = account_key(workspace, account.account_id)
    return Put(key, CHECK, lambda stored: stored.rev == account.rev)


def under(
    workspace: Workspace, from_parent_id: str | None, parent: Account | None
) -> Iterator[Put]:
    parent_id = None if parent is None else parent.account_id
    if parent is not None:
        yield as_read(workspace, parent)
    if parent_id != from_parent_id:
        for account_id, by in ((parent_id, 1), (from_parent_id, -1)):
            if account_id is not None:
                yield _tally(workspace, account_id, by)


def _tally(workspace: Workspace, account_id: str, by: int) -> Put:
    def counted(stored: tuple[int, int] | None) -> tuple[int, int]:
        count, changes = stored or (0, 0)
        return count + by, changes + 1

    return Put(children_count_key(workspace, account_id), None, update=counted)


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

    def of_account(self, account_id: str, part: str = "") -> Iterator[Deal]:
        partition = account_partition(self._workspace, account_id)
        return self._memory.query(partition, f"{DEAL_PREFIX}{part}")

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

    def add(self, deals: Sequence[Deal], beside: Beside = NOTHING_BESIDE) -> None:
        puts = (put for deal in deals for put in self._placed(deal))
        try:
            self._memory.write("deal", *puts, *beside_puts(self._workspace, beside))
        except Stale as error:
            raise AlreadyExists("a deal with this identity exists") from error

    def save(self, deals: Sequence[Deal], beside: Beside = NOTHING_BESIDE) -> None:
        puts = (*map(self._over, deals), *beside_puts(self._workspace, beside))
        self._memory.write("deal", *puts)

    def move(
        self,
        deal: Deal,
        before: Deal,
        beside: Beside = NOTHING_BESIDE,
        during: Account | None = None,
    ) -> None:
        left = deal_key(self._workspace, before.account_id, deal.deal_id)
        place, locator = self._placed(deal)
        self._memory.write(
            "deal",
            Put(left, None, over(deal.rev)),
            place._replace(condition=lambda stored: stored is None),
            locator._replace(condition=lambda stored: True),
            *beside_puts(self._workspace, beside),
            *((as_read(self._workspace, during),) if during else ()),
        )

    def _over(self, deal: Deal) -> Put:
        key = deal_key(self._workspace, deal.account_id, deal.deal_id)
        return Put(key, deal, over(deal.rev))

    def _placed(self, deal: Deal) -> tuple[Put, Put]:
        locator = locator_key(self._workspace, deal.deal_id)
        return self._over(deal), Put(locator, (deal.account_id,), lambda stored: stored is None)
