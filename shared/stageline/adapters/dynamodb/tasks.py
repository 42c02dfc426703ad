"""Tasks in DynamoDB: where their account, deal or lead is, open ones by the day they are due."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from stageline.adapters.dynamodb import places
from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.custom_items import beside_writes
from stageline.adapters.dynamodb.keys import SHARDS, account_partition
from stageline.adapters.dynamodb.record_keys import (
    OPEN_TASK_PREFIX,
    TASK_PREFIX,
    contact_partition,
    open_tasks_of_owner_partition,
    open_tasks_partition,
)
from stageline.adapters.dynamodb.spread import added, merged, ranged, replaced, resolved
from stageline.adapters.dynamodb.table import ConditionFailed, Table
from stageline.domain.beside import NOTHING_BESIDE, Beside
from stageline.domain.errors import AlreadyExists, NotFound
from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    from stageline.domain.task import Task

_END = "\U0010ffff"


class DynamoDbTasks:
    """The port `Tasks`. `owner_of` turns an owner's address into its keyed hash."""

    def __init__(
        self, table: Table, workspace: Workspace, owner_of: Callable[[str | None], str]
    ) -> None:
        self._table = table
        self._workspace = workspace
        self._owner_of = owner_of

    def get(self, task_id: str) -> Task:
        item = places.find(self._table, self._workspace, task_id)
        # Activities and tasks share the form of these keys.
        task = _task_from(item) if item and "due_on" in item else None
        if task is None or task.deleted:
            raise NotFound("task")
        return task

    def find_many(self, task_ids: Iterable[str]) -> Mapping[str, Task]:
        found = map(_task_from, places.find_many(self._table, self._workspace, task_ids))
        return {task.task_id: task for task in found}

    def add(self, task: Task, beside: Beside = NOTHING_BESIDE) -> None:
        writes = added(self._items(task))
        try:
            self._table.transact([*writes, *beside_writes(self._workspace, beside)])
        except ConditionFailed as error:
            raise AlreadyExists("a task with this identity exists") from error

    def save(self, before: Task, after: Task, beside: Beside = NOTHING_BESIDE) -> None:
        writes = replaced("task", self._items(before), self._items(after))
        self._table.save([*writes, *beside_writes(self._workspace, beside)], "task")

    def of_account(
        self, account_id: str, after: str | None, page: int
    ) -> Iterator[tuple[str, Task]]:
        partition = account_partition(self._workspace, account_id)
        found = ranged(self._table, partition, TASK_PREFIX, after, page, newest_first=False)
        return ((place, _task_from(item)) for place, item in found)

    def of_contact(
        self, contact_id: str, after: str | None, page: int
    ) -> Iterator[tuple[str, Task]]:
        partition = contact_partition(self._workspace, contact_id)
        found = ranged(self._table, partition, TASK_PREFIX, after, page, newest_first=False)
        whole = resolved(self._table, found, page)
        return ((place, _task_from(item)) for place, item in whole)

    def open_by_due_day(
        self,
        owners: Sequence[str] | None,
        *,
        through: date | None = None,
        after: str | None,
        page: int,
    ) -> Iterator[tuple[str, Task]]:
        index, partitions = 1, [open_tasks_partition(self._workspace, shard) for shard in SHARDS]
        if owners is not None:
            index = 3
            partitions = [open_tasks_of_owner_partition(self._workspace, one) for one in owners]
        end = _END if through is None else f"{through.isoformat()}#{_END}"
        found = merged(self._table, index, partitions, after, page, end=end)
        return ((place, _task_from(item)) for place, item in found)

    def count_open(self, account_id: str) -> int:
        partition = account_partition(self._workspace, account_id)
        tasks = self._table.query(partition, prefix=OPEN_TASK_PREFIX, consistent=True, only=("id",))
        return sum(1 for _ in tasks)

    def _items(self, task: Task) -> list[Item]:
        from stageline.adapters.dynamodb.task_items import task_items

        return task_items(self._workspace, task, self._owner_of(task.to_do.owner_email))


# What makes and reads items of these is imported by those who have some: the first answer of a cold
# function looks for them in accounts that may have none.
def _task_from(item: Item) -> Task:
    from stageline.adapters.dynamodb.task_items import task_from_item

    return task_from_item(item)
