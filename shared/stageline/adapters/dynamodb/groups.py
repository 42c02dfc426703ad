"""Homes, ledgers, values and versions in DynamoDB."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

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
    ledger_prefix,
    value_key,
    version_prefix,
)
from stageline.adapters.dynamodb.ledger_chunks import ledger_items, ledgers_from_items
from stageline.adapters.dynamodb.table import ConditionFailed, Table, Write
from stageline.domain.errors import Stale
from stageline.domain.group import Home, StoredLedger, Value, Version
from stageline.domain.workspace import Workspace


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

    def ledger(self, root_id: str, account_id: str) -> StoredLedger | None:
        found = self._ledgers(root_id, ledger_prefix(account_id))
        return next(found, None)

    def ledgers(self, root_id: str) -> Iterator[StoredLedger]:
        return self._ledgers(root_id, LEDGER_PREFIX)

    def save_ledger(self, ledger: StoredLedger) -> None:
        # A move that closed it would have raised its revision; the other condition says so aloud.
        writes = self._over_ledger(ledger, "rev = :read AND live = :live", {":live": True})
        self._store(writes, "ledger")

    def move(self, home: Home, ledgers: Sequence[StoredLedger]) -> None:
        writes = [_over(home_item(self._workspace, home), home.rev)]
        for ledger in ledgers:
            writes += self._over_ledger(ledger, "rev = :read", {})
        self._store(writes, "home")

    def value(self, root_id: str, scheme: str, *, consistent: bool = True) -> Value | None:
        item = self._table.get(value_key(self._workspace, root_id, scheme), consistent=consistent)
        return value_from_item(item) if item else None

    def save_value(self, value: Value, version: Version | None) -> None:
        writes = [_over(value_item(self._workspace, value), value.rev)]
        if version is not None:
            item = version_item(self._workspace, value.root_id, value.scheme, version)
            writes.append(Write("Put", item))
        self._store(writes, "value")

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

    def _over_ledger(
        self, ledger: StoredLedger, condition: str, values: dict[str, bool]
    ) -> list[Write]:
        head, *further = ledger_items(self._workspace, ledger)
        if ledger.rev == 1:
            first = Write("Put", head, "attribute_not_exists(PK)")
        else:
            first = Write("Put", head, condition, values={":read": ledger.rev - 1} | values)
        return [first, *(Write("Put", item) for item in further)]

    def _store(self, writes: Sequence[Write], what: str) -> None:
        try:
            if len(writes) == 1:
                self._table.write(writes[0])
            else:
                self._table.transact(writes)
        except ConditionFailed as error:
            raise Stale(what) from error


def _over(item: Item, rev: int) -> Write:
    """Write an item over its revision before, or for the first time."""
    if rev == 1:
        return Write("Put", item, "attribute_not_exists(PK)")
    return Write("Put", item, "rev = :read", values={":read": rev - 1})
