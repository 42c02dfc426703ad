"""Activities in DynamoDB: where their account or lead is, in the order of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from stageline.adapters.dynamodb import places
from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.custom_items import beside_writes
from stageline.adapters.dynamodb.keys import account_partition
from stageline.adapters.dynamodb.record_keys import ACTIVITY_PREFIX, contact_partition
from stageline.adapters.dynamodb.spread import added, ranged, replaced, resolved
from stageline.adapters.dynamodb.table import ConditionFailed, Table
from stageline.domain.beside import NOTHING_BESIDE, Beside
from stageline.domain.errors import AlreadyExists, NotFound
from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    from stageline.domain.activity import Activity


class DynamoDbActivities:
    """The port `Activities`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def get(self, activity_id: str) -> Activity:
        item = places.find(self._table, self._workspace, activity_id)
        # Activities and tasks share the form of these keys.
        activity = _activity_from(item) if item and "occurred_at" in item else None
        if activity is None or activity.deleted:
            raise NotFound("activity")
        return activity

    def find_many(self, activity_ids: Iterable[str]) -> Mapping[str, Activity]:
        found = map(_activity_from, places.find_many(self._table, self._workspace, activity_ids))
        return {activity.activity_id: activity for activity in found}

    def add(self, activities: Sequence[Activity], beside: Beside = NOTHING_BESIDE) -> None:
        writes = [write for one in activities for write in added(self._items(one))]
        try:
            self._table.transact([*writes, *beside_writes(self._workspace, beside)])
        except ConditionFailed as error:
            raise AlreadyExists("an activity with this identity exists") from error

    def save(self, before: Activity, after: Activity, beside: Beside = NOTHING_BESIDE) -> None:
        writes = replaced("activity", self._items(before), self._items(after))
        self._table.save([*writes, *beside_writes(self._workspace, beside)], "activity")

    def of_account(
        self, account_id: str, after: str | None, page: int
    ) -> Iterator[tuple[str, Activity]]:
        return self._listed(account_partition(self._workspace, account_id), after, page)

    def of_contact(
        self, contact_id: str, after: str | None, page: int
    ) -> Iterator[tuple[str, Activity]]:
        return self._listed(contact_partition(self._workspace, contact_id), after, page)

    def _listed(
        self, partition: str, after: str | None, page: int
    ) -> Iterator[tuple[str, Activity]]:
        found = ranged(self._table, partition, ACTIVITY_PREFIX, after, page, newest_first=True)
        whole = resolved(self._table, found, page)
        return ((place, _activity_from(item)) for place, item in whole)

    def _items(self, activity: Activity) -> list[Item]:
        from stageline.adapters.dynamodb.activity_items import activity_items

        return activity_items(self._workspace, activity)


# What makes and reads items of these is imported by those who have some: the first answer of a cold
# function looks for them in accounts that may have none.
def _activity_from(item: Item) -> Activity:
    from stageline.adapters.dynamodb.activity_items import activity_from_item

    return activity_from_item(item)
