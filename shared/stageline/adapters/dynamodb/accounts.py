"""Accounts, and the tree they form, in DynamoDB."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from stageline.adapters.dynamodb.account_items import account_from_item, account_item
from stageline.adapters.dynamodb.custom_items import beside_writes
from stageline.adapters.dynamodb.keys import (
    account_key,
    children_count_key,
    children_partition,
    locator_key,
)
from stageline.adapters.dynamodb.table import ConditionFailed, Table, Write, over
from stageline.domain.account import Account
from stageline.domain.beside import NOTHING_BESIDE, Beside
from stageline.domain.errors import AlreadyExists, NotFound
from stageline.domain.workspace import Workspace


class DynamoDbAccounts:
    """The port `Accounts`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def get(self, account_id: str) -> Account:
        account = self.find(account_id)
        if account is None or account.deleted or account.linked_to is not None:
            raise NotFound("account")
        return account

    def find(self, account_id: str) -> Account | None:
        item = self._table.get(account_key(self._workspace, account_id))
        return account_from_item(item) if item else None

    def find_many(self, account_ids: Iterable[str]) -> Mapping[str, Account]:
        keys = (account_key(self._workspace, account_id) for account_id in account_ids)
        found = map(account_from_item, self._table.batch_get(keys))
        return {account.account_id: account for account in found}

    def add(self, accounts: Sequence[Account], beside: Beside = NOTHING_BESIDE) -> None:
        writes = [
            write
            for account in accounts
            for write in (
                self._put(account, "attribute_not_exists(PK)"),
                self._locator(account.account_id),
            )
        ]
        try:
            self._table.transact([*writes, *beside_writes(self._workspace, beside)])
        except ConditionFailed as error:
            raise AlreadyExists("an account with this identity exists") from error

    def save(self, account: Account, beside: Beside = NOTHING_BESIDE) -> None:
        item = account_item(self._workspace, account)
        self._table.save([over(item), *beside_writes(self._workspace, beside)], "account")

    def save_together(self, accounts: Sequence[Account], beside: Beside = NOTHING_BESIDE) -> None:
        writes = [over(account_item(self._workspace, one)) for one in accounts]
        self._table.save([*writes, *beside_writes(self._workspace, beside)], "account")

    def move(self, account: Account, from_parent_id: str | None, to_parent: Account | None) -> None:
        self._table.save(self._moved(account, from_parent_id, to_parent), "account")

    def delete(
        self, account: Account, from_parent_id: str | None, beside: Beside = NOTHING_BESIDE
    ) -> None:
        left = self._moved(account, from_parent_id, None)
        self._table.save([*left, *beside_writes(self._workspace, beside)], "account")

    def children_count(self, account_id: str) -> int:
        return self.children_tally(account_id)[0]

    def children_tally(self, account_id: str) -> tuple[int, int]:
        item = self._table.get(children_count_key(self._workspace, account_id)) or {}
        return item.get("count", 0), item.get("changes", 0)

    def children(self, account_id: str) -> Iterator[str]:
        partition = children_partition(self._workspace, account_id)
        return (item["id"] for item in self._table.query(partition, index=1))

    def _moved(
        self, account: Account, from_parent_id: str | None, to_parent: Account | None
    ) -> list[Write]:
        return [
            over(account_item(self._workspace, account)),
            self._without_children(account.account_id),
            *under(self._workspace, from_parent_id, to_parent),
        ]

    def _put(self, account: Account, condition: str) -> Write:
        return Write("Put", account_item(self._workspace, account), condition)

    def _locator(self, account_id: str) -> Write:
        item = locator_key(self._workspace, account_id) | {
            "id": account_id,
            "account_id": account_id,
            "kind": "account",
        }
        return Write("Put", item)

    def _without_children(self, account_id: str) -> Write:
        key = children_count_key(self._workspace, account_id)
        return Write(
            "ConditionCheck",
            key,
            "attribute_not_exists(PK) OR #count = :none",
            values={":none": 0},
            names={"#count": "count"},
        )


def under(workspace: Workspace, from_parent_id: str | None, parent: Account | None) -> list[Write]:
    """Count a child of one account as that of another, while this one is as it was read."""
    writes = []
    parent_id = None if parent is None else parent.account_id
    if parent is not None:
        writes.append(as_read(workspace, parent))
    if parent_id != from_parent_id:
        if parent_id is not None:
            writes.append(_count(workspace, parent_id, 1))
        if from_parent_id is not None:
            writes.append(_count(workspace, from_parent_id, -1))
    return writes


def as_read(workspace: Workspace, account: Account) -> Write:
    """Check that an account is as it was read: its root changes with its revision only."""
    key = account_key(workspace, account.account_id)
    return Write("ConditionCheck", key, "rev = :rev", values={":rev": account.rev})


def _count(workspace: Workspace, account_id: str, by: int) -> Write:
    return Write(
        "Update",
        children_count_key(workspace, account_id),
        update="ADD #count :by, #changes :one",
        values={":by": by, ":one": 1},
        names={"#count": "count", "#changes": "changes"},
    )
