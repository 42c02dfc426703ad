"""An account with its home, its touch and what lies with it; a group's value with its ledgers."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from stageline.adapters.dynamodb.account_items import account_from_item
from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.deal_items import deal_from_item
from stageline.adapters.dynamodb.group_items import home_from_item
from stageline.adapters.dynamodb.groups import DynamoDbGroups
from stageline.adapters.dynamodb.keys import DEAL_PREFIX, account_partition
from stageline.adapters.dynamodb.record_keys import LINK_PREFIX, TASK_PREFIX
from stageline.adapters.dynamodb.table import Table
from stageline.adapters.dynamodb.touches import stored_touch_from_item
from stageline.domain.touch import Touch
from stageline.domain.view import AccountView, Beside, GroupView
from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    from stageline.domain.task import Task

_HOME, _TOUCH, _META = "HOME", "LAST", "META"
# A page of an index costs as much as what it skips: of a larger account each list is read apart.
_MOST_BESIDE = 60
_END = "\U0010ffff"


class DynamoDbViews:
    """The port `Views`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def account(self, account_id: str, *, with_beside: bool = False) -> AccountView | None:
        partition = account_partition(self._workspace, account_id)
        beside = self._all_beside(partition) if with_beside else None
        found = beside
        if found is None:
            between = (_HOME, _META)
            found = list(self._table.query(partition, between=between, consistent=True))
        items = {item["SK"]: item for item in found}
        if _META not in items:
            return None
        home, touch = items.get(_HOME), items.get(_TOUCH)
        return AccountView(
            account_from_item(items[_META]),
            home_from_item(home) if home else None,
            stored_touch_from_item(touch).touch if touch else Touch(),
            None if beside is None else _beside(beside),
        )

    def _all_beside(self, partition: str) -> list[Item] | None:
        """Return the account and all that lies with it but activities; None: it is too much."""
        between = (LINK_PREFIX, f"{TASK_PREFIX}{_END}")
        items = self._table.query(
            partition, between=between, page_size=_MOST_BESIDE + 1, consistent=True
        )
        found = list(islice(items, _MOST_BESIDE + 1))
        return None if len(found) > _MOST_BESIDE else found

    def group(self, root_id: str, scheme: str) -> GroupView:
        return GroupView(*DynamoDbGroups(self._table, self._workspace).valued(root_id, scheme))


def _beside(items: list[Item]) -> Beside:
    deals = [item for item in items if item["SK"].startswith(DEAL_PREFIX)]
    tasks = [item for item in items if item["SK"].startswith(TASK_PREFIX)]
    return Beside(
        tuple(map(deal_from_item, deals)),
        tuple(item["id"] for item in items if item["SK"].startswith(LINK_PREFIX)),
        tuple((item["SK"].removeprefix(TASK_PREFIX), task) for item, task in _tasks(tasks)),
    )


def _tasks(items: list[Item]) -> "Iterator[tuple[Item, Task]]":
    # Most accounts have none, and a cold function need not import what decodes them.
    if items:
        from stageline.adapters.dynamodb.task_items import task_from_item

        yield from ((item, task_from_item(item)) for item in items)
