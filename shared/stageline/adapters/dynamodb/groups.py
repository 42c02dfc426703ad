"""Homes, ledgers, values and versions in DynamoDB."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.group_items import (
    home_from_item,
    home_item,
    instant_in_key,
    value_from_item,
    value_item,
    version_from_item,
    version_item,
)
from stageline.adapters.dynamodb.keys import (
    LEDGER_PREFIX,
    SHARDS,
    due_partition,
    group_partition,
    home_key,
    ledger_key,
    ledger_prefix,
    value_key,
    version_prefix,
)
from stageline.adapters.dynamodb.ledger_chunks import (
    head_from_item,
    head_item,
    ledgers_from_items,
    part_from_item,
    part_item,
)
from stageline.adapters.dynamodb.table import (
    MOST_IN_A_TRANSACTION,
    ConditionFailed,
    Table,
    Write,
    over,
)
from stageline.domain.group import Home, StoredLedger, StoredPart, Value, Version
from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    # The first answer of a cold function would pay for it.
    from stageline.ports import LedgerChange

_MOST_BYTES = 3_000_000


class DynamoDbGroups:
    """The port `Groups`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def home(self, account_id: str) -> Home | None:
        item = self._table.get(home_key(self._workspace, account_id))
        return home_from_item(item) if item else None

    def homes(self, account_ids: Iterable[str]) -> Mapping[str, Home]:
        keys = (home_key(self._workspace, account_id) for account_id in account_ids)
        found = map(home_from_item, self._table.batch_get(keys))
        return {home.account_id: home for home in found}

    def head(self, root_id: str, account_id: str) -> StoredLedger | None:
        item = self._table.get(ledger_key(self._workspace, root_id, account_id))
        return head_from_item(item) if item else None

    def heads(self, places: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], StoredLedger]:
        keys = (ledger_key(self._workspace, *place) for place in places)
        found = map(head_from_item, self._table.batch_get(keys))
        return {(head.root_id, head.ledger.account_id): head for head in found}

    def part(self, root_id: str, account_id: str, part: str) -> StoredPart | None:
        item = self._table.get(ledger_key(self._workspace, root_id, account_id, part))
        return part_from_item(item) if item else None

    def ledger(self, root_id: str, account_id: str) -> StoredLedger | None:
        found = self._ledgers(root_id, ledger_prefix(account_id))
        return next(found, None)

    def ledgers(self, root_id: str) -> Iterator[StoredLedger]:
        return self._ledgers(root_id, LEDGER_PREFIX)

    def save_ledger(self, ledger: StoredLedger) -> None:
        # A move that closed it would have raised its revision; the other condition says so aloud.
        head = self._head(ledger, "rev = :read AND live = :live", {":live": True})
        leftovers = self._store_parts(ledger)
        self._table.save([head], "ledger")
        self._remove(leftovers)

    def save_part(self, ledger: StoredLedger, part: StoredPart) -> None:
        account_id = ledger.ledger.account_id
        head = Write(
            "ConditionCheck",
            ledger_key(self._workspace, ledger.root_id, account_id),
            "live = :live AND digits = :digits",
            values={":live": True, ":digits": ledger.digits},
        )
        item = part_item(self._workspace, ledger.root_id, part)
        self._table.save([over(item), head], "ledger")

    def move(self, home: Home, ledgers: Sequence[StoredLedger]) -> None:
        writes = [over(home_item(self._workspace, home))]
        leftovers: list[Item] = []
        for ledger in ledgers:
            leftovers += self._store_parts(ledger)
            writes.append(self._head(ledger, "rev = :read", {}))
        self._table.save(writes, "home")
        self._remove(leftovers)

    def save_many(self, changes: "Sequence[LedgerChange]", *, in_job: bool) -> Sequence[int]:
        return self._table.transact_many(
            [_marked(self._writes_of(change), in_job) for change in changes],
            sparing="requests" if in_job else "units",
        )

    def valued(self, root_id: str, scheme: str) -> tuple[Value | None, tuple[StoredLedger, ...]]:
        value_sort = value_key(self._workspace, root_id, scheme)["SK"]
        items = self._table.query(
            group_partition(self._workspace, root_id),
            # The value sorts before the ledgers: the version is read before the inputs.
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
        return value, tuple(ledgers_from_items(ledgers))

    def values(self, root_ids: Iterable[str], scheme: str) -> Mapping[str, Value]:
        keys = (value_key(self._workspace, root_id, scheme) for root_id in root_ids)
        found = map(value_from_item, self._table.batch_get(keys))
        return {value.root_id: value for value in found}

    def value(self, root_id: str, scheme: str, *, consistent: bool = True) -> Value | None:
        item = self._table.get(value_key(self._workspace, root_id, scheme), consistent=consistent)
        return value_from_item(item) if item else None

    def save_value(self, value: Value, version: Version | None) -> None:
        self._table.save(self._value_writes(value, version), "value")

    def save_values(
        self, values: Sequence[tuple[Value, Version | None]], *, in_job: bool
    ) -> Sequence[int]:
        return self._table.transact_many(
            [_marked(self._value_writes(*value), in_job) for value in values],
            sparing="requests" if in_job else "units",
        )

    def versions(
        self, root_id: str, scheme: str, until: datetime | None = None
    ) -> Iterator[Version]:
        prefix = version_prefix(scheme)
        last = instant_in_key(until) if until is not None else ""
        items = self._table.query(
            group_partition(self._workspace, root_id),
            between=(prefix, f"{prefix}{last}~"),
            consistent=True,
        )
        return map(version_from_item, items)

    def due(self, through: date) -> Iterator[tuple[str, str]]:
        for shard in SHARDS:
            items = self._table.query(
                due_partition(self._workspace, shard),
                index=2,
                # No lower bound: what a missed tick left is still due. "~" follows "#".
                between=("0", f"{through.isoformat()}~"),
            )
            yield from ((item["root_id"], item["scheme"]) for item in items)

    def _ledgers(self, root_id: str, prefix: str) -> Iterator[StoredLedger]:
        partition = group_partition(self._workspace, root_id)
        return ledgers_from_items(self._table.query(partition, prefix=prefix, consistent=True))

    def _writes_of(self, change: "LedgerChange") -> list[Write]:
        home, ledgers = change
        if home is None:
            live = {":live": True}
            return [self._head(one, "rev = :read AND live = :live", live) for one in ledgers]
        return [
            over(home_item(self._workspace, home)),
            *(self._head(ledger, "rev = :read", {}) for ledger in ledgers),
        ]

    def _value_writes(self, value: Value, version: Version | None) -> list[Write]:
        writes = [over(value_item(self._workspace, value))]
        if version is not None:
            item = version_item(self._workspace, value.root_id, value.scheme, version)
            writes.append(Write("Put", item))
        return writes

    def _head(self, ledger: StoredLedger, condition: str, values: dict[str, bool]) -> Write:
        item = head_item(self._workspace, ledger)
        if ledger.rev == 1:
            return Write("Put", item, "attribute_not_exists(PK)")
        return Write("Put", item, condition, values={":read": ledger.rev - 1} | values)

    def _store_parts(self, ledger: StoredLedger) -> list[Item]:
        """Store the parts that differ, before the head that needs them; return the leftovers.

        Each over its own revision, and while the head is the one that was read.
        """
        if ledger.parts is None:
            return []
        root_id, account_id = ledger.root_id, ledger.ledger.account_id
        partition = group_partition(self._workspace, root_id)
        found = self._table.query(partition, prefix=ledger_prefix(account_id), consistent=True)
        stored = {item["part"]: item for item in found if "part" in item}
        emptied = {part for part, item in stored.items() if item["digits"] == ledger.digits}
        contents = dict.fromkeys(emptied, ledger.parts.ledgers[""]) | dict(ledger.parts.ledgers)
        writes: list[Write] = []
        for part, content in contents.items():
            before = stored.get(part)
            rev = before["rev"] + 1 if before else 1
            item = part_item(
                self._workspace, root_id, StoredPart(part, content, ledger.digits, rev)
            )
            if part and (before is None or before | {"rev": rev} != item):
                writes.append(over(item))
        fence = self._fence(ledger)
        for some in _by_size(writes):
            self._table.save([*some, fence], "ledger")
        return [item for item in stored.values() if item["digits"] != ledger.digits]

    def _fence(self, ledger: StoredLedger) -> Write:
        key = ledger_key(self._workspace, ledger.root_id, ledger.ledger.account_id)
        if ledger.rev == 1:
            return Write("ConditionCheck", key, "attribute_not_exists(PK)")
        return Write("ConditionCheck", key, "rev = :read", values={":read": ledger.rev - 1})

    def _remove(self, leftovers: Iterable[Item]) -> None:
        """Remove parts that no reader takes any more; who is first does not matter."""
        for item in leftovers:
            with suppress(ConditionFailed):
                self._table.write(
                    Write("Delete", item, "rev = :read", values={":read": item["rev"]})
                )


def _marked(writes: Iterable[Write], in_job: bool) -> list[Write]:
    """Mark what a job writes, for the stream to leave it out."""
    if not in_job:
        return list(writes)
    return [replace(write, item={**write.item, "in_job": True}) for write in writes]


def _by_size(writes: Iterable[Write]) -> Iterator[list[Write]]:
    """Yield the writes in as few transactions as take them: 100 items and 4 MB with a fence."""
    some: list[Write] = []
    size = 0
    for write in writes:
        size += len(write.item["ledger"])
        if some and (size > _MOST_BYTES or len(some) == MOST_IN_A_TRANSACTION - 1):
            yield some
            some, size = [], len(write.item["ledger"])
        some.append(write)
    if some:
        yield some
