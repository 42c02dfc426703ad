"""An account with its home and touch, and a group's value with its ledgers, in one query each."""

from stageline.adapters.dynamodb.account_items import account_from_item
from stageline.adapters.dynamodb.group_items import home_from_item
from stageline.adapters.dynamodb.groups import DynamoDbGroups
from stageline.adapters.dynamodb.keys import account_key, account_partition, home_key
from stageline.adapters.dynamodb.record_keys import last_touch_key
from stageline.adapters.dynamodb.table import Table
from stageline.adapters.dynamodb.touches import stored_touch_from_item
from stageline.domain.touch import Touch
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
        touch = items.get(last_touch_key("")["SK"])
        return AccountView(
            account_from_item(items[meta_sort]),
            home_from_item(home) if home else None,
            stored_touch_from_item(touch).touch if touch else Touch(),
        )

    def group(self, root_id: str, scheme: str) -> GroupView:
        return GroupView(*DynamoDbGroups(self._table, self._workspace).valued(root_id, scheme))
