"""The audit in DynamoDB: a table of its own, to which one function adds and nobody else writes.

s = shard (0 to 3, from the id of the stream's record): an import adds all of its entries at one end
of an index that would otherwise be one partition.

| item | PK | SK | GSI1 |
|---|---|---|---|
| entry | workspace#kind#record | at#rev#event | workspace#s / at#rev#event |

The same record of the stream always makes the same item, so that one delivered twice adds nothing.
Instants are UTC with microseconds, so that keys sort as they do.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from heapq import merge
from operator import itemgetter

from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.group_items import instant_in_key
from stageline.adapters.dynamodb.keys import SHARDS, shard_of
from stageline.adapters.dynamodb.table import ConditionFailed, Table
from stageline.domain.audit import AuditEntry, Kind, Span
from stageline.domain.workspace import Workspace

# Before and after every instant, as texts sort.
_FIRST, _LAST = "0", "~"


class DynamoDbAuditLog:
    """The port `AuditLog`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def add(self, entry: AuditEntry) -> None:
        with suppress(ConditionFailed):
            self._table.put(self._item(entry), "attribute_not_exists(PK)")

    def newest(
        self, span: Span, *, after: str | None, page: int
    ) -> Iterator[tuple[str, AuditEntry]]:
        until = after or (_LAST if span.before is None else instant_in_key(span.before))
        between = (_FIRST if span.since is None else instant_in_key(span.since), until)
        if between[0] > between[1]:
            return iter(())
        if span.record is not None:
            return self._stream(self._partition(*span.record), None, between, page)
        # Evenly spread, each shard gives its share of the page; a lucky one is read on.
        share = page * 3 // (2 * len(SHARDS)) + 2
        shards = (self._stream(self._shard(number), 1, between, share) for number in SHARDS)
        return merge(*shards, key=itemgetter(0), reverse=True)

    def _stream(
        self, partition: str, index: int | None, between: tuple[str, str], page_size: int
    ) -> Iterator[tuple[str, AuditEntry]]:
        items = self._table.query(
            partition, index=index, between=between, forward=False, page_size=page_size
        )
        # Ranges include their ends: the entry that the page before ended with.
        return ((item["SK"], _entry_from(item)) for item in items if item["SK"] != between[1])

    def _item(self, entry: AuditEntry) -> Item:
        sort = f"{instant_in_key(entry.at)}#{entry.rev or 0:010d}#{entry.event_id}"
        item: Item = {
            "PK": self._partition(entry.kind, entry.record_id),
            "SK": sort,
            "GSI1PK": self._shard(shard_of(entry.event_id)),
            "GSI1SK": sort,
            "kind": entry.kind,
            "record_id": entry.record_id,
            "happened": entry.happened,
            "fields": entry.fields,
            "by": entry.by,
            "request": entry.request,
            "at": instant_in_key(entry.at),
            "rev": entry.rev,
            "event_id": entry.event_id,
        }
        return {name: value for name, value in item.items() if value is not None}

    def _partition(self, kind: Kind, record_id: str) -> str:
        return f"{self._workspace.id}#{kind}#{record_id}"

    def _shard(self, number: int) -> str:
        return f"{self._workspace.id}#{number}"


def _entry_from(item: Item) -> AuditEntry:
    return AuditEntry(
        kind=item["kind"],
        record_id=item["record_id"],
        happened=item["happened"],
        fields=tuple(item["fields"]),
        by=item["by"],
        request=item.get("request"),
        at=datetime.fromisoformat(item["at"]),
        rev=item.get("rev"),
        event_id=item["event_id"],
    )
