"""All accounts and groups of a workspace in DynamoDB, in the order of the groups."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.group_items import home_from_item, timeline_from
from stageline.adapters.dynamodb.keys import SHARDS, homes_partition, values_partition
from stageline.adapters.dynamodb.table import Table
from stageline.count_ports import Subject
from stageline.domain.group import Home
from stageline.domain.workspace import Workspace

_OF_A_HOME = ("id", "memberships", "rev", "GSI1SK")
_OF_A_VALUE = ("root_id", "timeline", "recorded_at")


class DynamoDbSubjects:
    """The port `Subjects`. A group's value and the homes in it have the same shard."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def homes(self) -> Iterator[Home]:
        return (home_from_item(item) for shard in SHARDS for item in self._homes(shard))

    def groups(self, scheme: str) -> Iterator[tuple[Subject, Iterator[Home]]]:
        for shard in SHARDS:
            yield from self._groups(scheme, shard)

    def _groups(self, scheme: str, shard: int) -> Iterator[tuple[Subject, Iterator[Home]]]:
        values = self._table.query(
            values_partition(self._workspace, scheme, shard), index=1, only=_OF_A_VALUE
        )
        by_root = groupby(self._homes(shard), key=_root_of)
        root_id, homes = next(by_root, (None, iter(())))
        for item in values:
            # Both are in the order of the roots: what comes before this group has no value yet.
            while root_id is not None and root_id < item["root_id"]:
                root_id, homes = next(by_root, (None, iter(())))
            here = homes if root_id == item["root_id"] else iter(())
            yield _subject(item), map(home_from_item, here)

    def _homes(self, shard: int) -> Iterator[Item]:
        partition = homes_partition(self._workspace, shard)
        return self._table.query(partition, index=1, only=_OF_A_HOME)


def _root_of(item: Item) -> str:
    return str(item["GSI1SK"]).partition("#")[0]


def _subject(item: Item) -> Subject:
    return Subject(
        item["root_id"],
        timeline_from(item["timeline"]),
        datetime.fromisoformat(item["recorded_at"]),
    )
