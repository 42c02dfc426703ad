"""The table as it lies: the only place that scans it, and writes whatever lies otherwise."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.inspection_items import items_of, stored_from_items
from stageline.adapters.dynamodb.keys import (
    account_partition,
    deal_key,
    event_partition,
    group_partition,
    ledger_prefix,
    locator_key,
    word_key,
)
from stageline.adapters.dynamodb.table import ConditionFailed, Table, Write
from stageline.domain.drift import Change, SearchWord, Stored
from stageline.domain.errors import Stale
from stageline.domain.workspace import Workspace

_NOT_THERE = "attribute_not_exists(PK)"
# Every item has at least one of these, as long as it is whole; none is a reserved word.
_ONE_OF_THESE = ("id", "rev", "seq")


class DynamoDbInspection:
    """The port `Inspection`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def item_count(self) -> int:
        return self._table.item_count()

    def met(self, part: int, of: int) -> Iterator[Stored]:
        return self._stored(self._table.scan(part, of, f"{self._workspace.id}#"))

    def again(self, stored: Stored) -> Stored | None:
        keys = ({"PK": item["PK"], "SK": item["SK"]} for item in stored.raw)
        return next(self._stored(self._table.batch_get(keys)), None)

    def account(self, account_id: str) -> Sequence[Stored]:
        return self._partition(account_partition(self._workspace, account_id))

    def events(self, account_id: str) -> Sequence[Stored]:
        return self._partition(event_partition(self._workspace, account_id))

    def group(self, root_id: str) -> Sequence[Stored]:
        return self._partition(group_partition(self._workspace, root_id))

    def ledger(self, root_id: str, account_id: str) -> Stored | None:
        partition = group_partition(self._workspace, root_id)
        items = self._table.query(partition, prefix=ledger_prefix(account_id), consistent=True)
        return next(self._stored(items), None)

    def locators(self, record_ids: Iterable[str]) -> Mapping[str, Stored]:
        keys = (locator_key(self._workspace, record_id) for record_id in record_ids)
        return {one.owner: one for one in self._stored(self._table.batch_get(keys))}

    def words(self, words: Iterable[SearchWord]) -> Mapping[SearchWord, Stored]:
        keys = {
            (key["PK"], key["SK"]): (word, key)
            for word in words
            for key in [word_key(self._workspace, word.word, word.name, word.account_id)]
        }
        found = self._table.batch_get(key for _, key in keys.values())
        return {
            keys[item["PK"], item["SK"]][0]: stored
            for item in found
            for stored in self._stored([item])
        }

    def deals_there(self, places: Mapping[str, str | None]) -> Mapping[str, Stored]:
        keys = (
            deal_key(self._workspace, account_id, deal_id) for deal_id, account_id in places.items()
        )
        return {one.name: one for one in self._stored(self._table.batch_get(keys))}

    def write(self, changes: Sequence[Change]) -> None:
        writes = [write for change in changes for write in self._writes(change)]
        try:
            if len(writes) == 1:
                self._table.write(writes[0])
            elif writes:
                self._table.transact(writes)
        except ConditionFailed as error:
            raise Stale("item") from error

    def _writes(self, change: Change) -> Iterator[Write]:
        before = {_key(item): item for item in change.before.raw} if change.before else {}
        after = {_key(item): item for item in items_of(self._workspace, change.after)}
        for key, item in after.items():
            if key in before:
                yield _as_read("Put", item, before[key])
            else:
                yield Write("Put", item, _NOT_THERE)
        for key, item in before.items():
            if key not in after:
                yield _as_read("Delete", item, item)

    def _partition(self, partition: str) -> Sequence[Stored]:
        return list(self._stored(self._table.query(partition, consistent=True)))

    def _stored(self, items: Iterable[Item]) -> Iterator[Stored]:
        return stored_from_items(self._workspace, items)


def _key(item: Item) -> tuple[str, str]:
    return item["PK"], item["SK"]


def _as_read(kind: Any, item: Item, before: Item) -> Write:
    """Write over an item that lies as it was read, attribute by attribute: a revision may be what
    somebody has changed.
    """
    names = {f"#a{number}": name for number, name in enumerate(before)}
    condition = " AND ".join(f"{placeholder} = {_value_of(placeholder)}" for placeholder in names)
    # One that was emptied must not pass for one that was written whole since.
    lacking = (name for name in _ONE_OF_THESE if name not in before)
    condition += "".join(f" AND attribute_not_exists({name})" for name in lacking)
    values = {_value_of(placeholder): before[name] for placeholder, name in names.items()}
    return Write(kind, item, condition, None, values, names)


def _value_of(placeholder: str) -> str:
    return f":{placeholder[1:]}"
