"""An account with its home, and a group's value with its ledgers, in one query each."""

from stageline.adapters.dynamodb.account_items import account_from_item
from stageline.adapters.dynamodb.group_items import home_from_item, value_from_item
from stageline.adapters.dynamodb.keys import (
    LEDGER_PREFIX,
    account_key,
    account_partition,
    group_partition,
    home_key,
    value_key,
)
from stageline.adapters.dynamodb.ledger_chunks import ledgers_from_items
from stageline.adapters.dynamodb.table import Table
from stageline.domain.view import AccountView, GroupView
from stageline.domain.workspace import Workspace


class DynamoDbViews:
    """The port `Views`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def account(self, account_id: str) -> AccountView | None:
        home_sort = home_key(self._workspace, account_id)["SK"]
        meta_sort = account_key(self._workspace, account_id)["SK"]
        found = self._table.query(
            account_partition(self._workspace, account_id),
            between=(home_sort, meta_sort),
            consistent=True,
        )
        items = {item["SK"]: item for item in found}
        if meta_sort not in items:
            return None
        home = items.get(home_sort)
        return AccountView(
            account_from_item(items[meta_sort]), home_from_item(home) if home else None
        )

    def group(self, root_id: str, scheme: str) -> GroupView:
        value_sort = value_key(self._workspace, root_id, scheme)["SK"]
        items = self._table.query(
            group_partition(self._workspace, root_id),
            between=(value_sort, f"{LEDGER_PREFIX}~"),
            consistent=True,
        )
        value = None
        ledgers = []
        for item in items:
            if item["SK"].startswith(LEDGER_PREFIX):
                ledgers.append(item)
            elif item["SK"] == value_sort:
                value = value_from_item(item)
        return GroupView(value, tuple(ledgers_from_items(ledgers)))
