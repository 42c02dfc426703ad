"""A client of DynamoDB with one table in memory: what `adapters.dynamodb.table` calls, and a meter.

It refuses what DynamoDB refuses and answers in its form, so that the real adapters run over it.
Charged as DynamoDB charges, without the free part: a write by the larger of the item before and
after, twice in a transaction; a failed condition, too. Each index that the write changes costs as
much as such a write, in a transaction as outside of one (measured on AWS by dynoxide, its pull
request 188).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple
from zlib import crc32

from benchmarks.memory.around import Listeners, Paginator
from benchmarks.memory.expressions import NotUnderstood, condition, updated
from benchmarks.memory.items import INDEXES, Item, Items, Pair, index_key
from benchmarks.memory.meter import Meter
from benchmarks.memory.refusals import (
    ConditionalCheckFailedException,
    TransactionCanceledException,
    TransactionConflictException,
    invalid,
    refused,
)
from benchmarks.memory.sizes import read_units, size_of, write_units

PAGE_BYTES = 1_048_576
_MOST_ITEM_BYTES = 400 * 1_024
_MOST_IN_A_TRANSACTION = 100
_MOST_IN_A_BATCH_WRITE = 25
# A page of 1 MB never holds more.
_MOST_IN_A_PAGE = 30_000
_LAST = "\U0010ffff"
_KEY_CONDITION = re.compile(
    r"\w+ = (?P<pk>:\w+)"
    r"(?: AND begins_with\(\w+, (?P<prefix>:\w+)\)"
    r"| AND \w+ BETWEEN (?P<low>:\w+) AND (?P<high>:\w+))?"
)


class _Change(NamedTuple):
    """What a write makes of an item; None: there is none."""

    pair: Pair
    before: Item | None
    after: Item | None
    holds: bool
    checks_only: bool = False


class MemoryClient:
    """`keep_stream` keeps a record of each change in `stream`, as the table's stream has them."""

    exceptions = SimpleNamespace(
        ConditionalCheckFailedException=ConditionalCheckFailedException,
        TransactionConflictException=TransactionConflictException,
        TransactionCanceledException=TransactionCanceledException,
    )

    def __init__(self, *, keep_stream: bool = False) -> None:
        self.items = Items()
        self.meter = Meter()
        self.meta = SimpleNamespace(events=Listeners())
        self.stream: list[dict[str, Any]] = []
        self._keep_stream = keep_stream
        self._scans: dict[tuple[tuple[int, int], Pair], tuple[list[Pair], int]] = {}

    def get_item(self, **request: Any) -> dict[str, Any]:
        self._asked("GetItem", request)
        pair = _pair(request["Key"])
        item = self._read([pair], consistent=request.get("ConsistentRead", False))[0]
        return {} if item is None else {"Item": item}

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        self._asked("BatchGetItem", request)
        answers = {}
        for table, wanted in request["RequestItems"].items():
            pairs = [_pair(key) for key in wanted["Keys"]]
            if len(pairs) > 100 or len(set(pairs)) < len(pairs):
                raise invalid("BatchGetItem")
            found = self._read(pairs, consistent=wanted.get("ConsistentRead", False))
            answers[table] = [item for item in found if item is not None]
        return {"Responses": answers, "UnprocessedKeys": {}}

    def query(self, **request: Any) -> dict[str, Any]:
        self._asked("Query", request)
        parsed = _KEY_CONDITION.fullmatch(request["KeyConditionExpression"])
        if parsed is None:
            raise NotUnderstood(request["KeyConditionExpression"])
        values = request["ExpressionAttributeValues"]
        low, high = "", _LAST
        if name := parsed["prefix"]:
            low, high = values[name]["S"], values[name]["S"] + _LAST
        elif name := parsed["low"]:
            low, high = values[name]["S"], values[parsed["high"]]["S"]
        partition = values[parsed["pk"]]["S"]
        index = int(request["IndexName"].removeprefix("GSI")) if "IndexName" in request else None
        places: Sequence[tuple[str, ...]]
        if index is None:
            places = [(pair[1], *pair) for pair in self.items.between(partition, low, high)]
        else:
            places = self.items.between_in(index, partition, low, high)
        forward = request.get("ScanIndexForward", True)
        if (start := request.get("ExclusiveStartKey")) is not None:
            sort = start["SK" if index is None else f"GSI{index}SK"]["S"]
            place = (sort, *_pair(start))
            places = [one for one in places if (one > place if forward else one < place)]
        if not forward:
            places = places[::-1]
        return self._page(request, [(pk, sk) for _, pk, sk in places], index)

    def scan(self, **request: Any) -> dict[str, Any]:
        """Return a page of everything, or of one of `TotalSegments`."""
        self._asked("Scan", request)
        start = request.get("ExclusiveStartKey")
        segment = request.get("Segment", 0), request.get("TotalSegments", 1)
        if start is None:
            keys, first = [pair for pair in self.items.all() if _is_in(pair, *segment)], 0
        else:
            keys, first = self._scans.pop((segment, _pair(start)))
        answer = self._page(request, keys[first : first + _MOST_IN_A_PAGE], None)
        if (last := answer.get("LastEvaluatedKey")) or first + _MOST_IN_A_PAGE < len(keys):
            following = first + answer["ScannedCount"]
            if following == len(keys):
                del answer["LastEvaluatedKey"]
            else:
                last = answer["LastEvaluatedKey"] = last or _key(keys[following - 1])
                self._scans[segment, _pair(last)] = keys, following
        return answer

    def get_paginator(self, operation: str) -> "Paginator":
        return Paginator(getattr(self, operation))

    def put_item(self, **request: Any) -> dict[str, Any]:
        self._asked("PutItem", request)
        return self._write(self._put(request), "PutItem")

    def update_item(self, **request: Any) -> dict[str, Any]:
        self._asked("UpdateItem", request)
        return self._write(self._update(request), "UpdateItem")

    def delete_item(self, **request: Any) -> dict[str, Any]:
        self._asked("DeleteItem", request)
        return self._write(self._delete(request), "DeleteItem")

    def batch_write_item(self, **request: Any) -> dict[str, Any]:
        self._asked("BatchWriteItem", request)
        changes = [
            self._put(one["PutRequest"])
            if "PutRequest" in one
            else self._delete(one["DeleteRequest"])
            for asked in request["RequestItems"].values()
            for one in asked
        ]
        pairs = {change.pair for change in changes}
        if len(changes) > _MOST_IN_A_BATCH_WRITE or len(pairs) < len(changes):
            raise invalid("BatchWriteItem")
        for change in changes:
            self._write(change, "BatchWriteItem")
        return {"UnprocessedItems": {}}

    def transact_write_items(self, **request: Any) -> dict[str, Any]:
        self._asked("TransactWriteItems", request)
        make: Mapping[str, Callable[[Any], _Change]] = {
            "Put": self._put,
            "Update": self._update,
            "Delete": self._delete,
            "ConditionCheck": self._check,
        }
        operations = [next(iter(one.items())) for one in request["TransactItems"]]
        changes = [make[kind](operation) for kind, operation in operations]
        pairs = {change.pair for change in changes}
        if len(changes) > _MOST_IN_A_TRANSACTION or len(pairs) < len(changes):
            raise invalid("TransactWriteItems")
        if all(change.holds for change in changes):
            for change in changes:
                self._apply(change, price=2)
            return {}
        for change in changes:
            self.meter.write_units += 2 * write_units(self._larger(change))
        reasons: Any = [
            {"Code": "None" if one.holds else "ConditionalCheckFailed"} for one in changes
        ]
        raise TransactionCanceledException(
            {
                "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
                "CancellationReasons": reasons,
            },
            "TransactWriteItems",
        )

    def _asked(self, name: str, request: Mapping[str, Any]) -> None:
        self.meta.events.tell(name, request)
        self.meter.requests += 1

    def _read(self, pairs: Sequence[Pair], *, consistent: bool) -> list[Item | None]:
        meter = self.meter
        found = []
        for pair in pairs:
            size = self.items.size(pair)
            meter.read_units += read_units(size, consistent=consistent)
            meter.bytes_read += size
            meter.items_read += size > 0
            found.append(self.items.get(pair))
        return found

    def _page(
        self, request: Mapping[str, Any], pairs: Sequence[Pair], index: int | None
    ) -> dict[str, Any]:
        limit = request.get("Limit", len(pairs))
        read: list[Item] = []
        size = 0
        for pair in pairs:
            if len(read) == limit or (size + self.items.size(pair) > PAGE_BYTES and read):
                break
            item = self.items.get(pair)
            if item is not None:  # a scan may come to what was removed since it began
                read.append(item)
                size += self.items.size(pair)
        self.meter.read_units += read_units(size, consistent=request.get("ConsistentRead", False))
        self.meter.bytes_read += size
        self.meter.items_read += len(read)
        shown = [item for item in read if _passes(request, "FilterExpression", item)]
        if "ProjectionExpression" in request:
            shown = [_projected(request, item) for item in shown]
        answer: dict[str, Any] = {"Items": shown, "Count": len(shown), "ScannedCount": len(read)}
        if len(read) < len(pairs) or ("Limit" in request and len(read) == limit and read):
            names = (
                ("PK", "SK") if index is None else ("PK", "SK", f"GSI{index}PK", f"GSI{index}SK")
            )
            answer["LastEvaluatedKey"] = {name: read[-1][name] for name in names}
        return answer

    def _put(self, request: Mapping[str, Any]) -> _Change:
        item = dict(request["Item"])
        pair = _pair(item)
        before = self.items.get(pair)
        return _Change(pair, before, item, _may(request, before))

    def _update(self, request: Mapping[str, Any]) -> _Change:
        pair = _pair(request["Key"])
        before = self.items.get(pair)
        holds = _may(request, before)
        after = (
            updated(
                before or request["Key"],
                request["UpdateExpression"],
                request.get("ExpressionAttributeValues", {}),
                request.get("ExpressionAttributeNames", {}),
            )
            if holds
            else before
        )
        return _Change(pair, before, after, holds)

    def _delete(self, request: Mapping[str, Any]) -> _Change:
        pair = _pair(request["Key"])
        before = self.items.get(pair)
        return _Change(pair, before, None, _may(request, before))

    def _check(self, request: Mapping[str, Any]) -> _Change:
        pair = _pair(request["Key"])
        before = self.items.get(pair)
        return _Change(pair, before, before, _may(request, before), checks_only=True)

    def _write(self, change: _Change, operation: str) -> dict[str, Any]:
        if not change.holds:
            self.meter.write_units += write_units(self.items.size(change.pair))
            raise refused(ConditionalCheckFailedException, "does not hold", operation)
        self._apply(change, price=1)
        return {}

    def _apply(self, change: _Change, price: int) -> None:
        pair, before, after = change.pair, change.before, change.after
        meter = self.meter
        old_size = self.items.size(pair)
        if change.checks_only:
            meter.write_units += price * write_units(old_size)
            return
        if after is None:
            if before is not None:
                self.items.remove(pair, before)
            new_size = 0
        else:
            new_size = size_of(after) if after != before else old_size
            if new_size > _MOST_ITEM_BYTES:
                raise invalid("PutItem")
            if after != before:
                self.items.put(pair, before, after, new_size)
        larger = max(old_size, new_size)
        units = price * write_units(larger)
        meter.items_written += 1
        meter.bytes_written += new_size
        if after != before:
            for number in INDEXES:
                left, entered = index_key(number, before), index_key(number, after)
                if left == entered:
                    units += write_units(larger) if left is not None else 0
                    continue
                units += write_units(old_size) if left is not None else 0
                units += write_units(new_size) if entered is not None else 0
            self._tell(change)
        meter.write_units += units

    def _larger(self, change: _Change) -> int:
        return max(self.items.size(change.pair), size_of(change.after) if change.after else 0)

    def _tell(self, change: _Change) -> None:
        self.meter.stream_records += 1
        if not self._keep_stream:
            return
        before, after = change.before, change.after
        happened = "INSERT" if before is None else "REMOVE" if after is None else "MODIFY"
        number = str(self.meter.stream_records)
        images = {"OldImage": before, "NewImage": after}
        self.stream.append(
            {
                "eventID": number,
                "eventName": happened,
                "dynamodb": {
                    "Keys": _key(change.pair),
                    "SequenceNumber": number,
                    **{name: image for name, image in images.items() if image is not None},
                },
            }
        )


def _may(request: Mapping[str, Any], stored: Item | None) -> bool:
    return _passes(request, "ConditionExpression", stored or {})


def _passes(request: Mapping[str, Any], which: str, item: Mapping[str, Any]) -> bool:
    if which not in request:
        return True
    values = request.get("ExpressionAttributeValues", {})
    return condition(request[which])(item, values, request.get("ExpressionAttributeNames", {}))


def _projected(request: Mapping[str, Any], item: Item) -> Item:
    names = request.get("ExpressionAttributeNames", {})
    wanted = [name.strip() for name in request["ProjectionExpression"].split(",")]
    return {
        names.get(one, one): item[names.get(one, one)]
        for one in wanted
        if names.get(one, one) in item
    }


def _pair(key: Mapping[str, Any]) -> Pair:
    return key["PK"]["S"], key["SK"]["S"]


def _key(pair: Pair) -> Item:
    return {"PK": {"S": pair[0]}, "SK": {"S": pair[1]}}


def _is_in(pair: Pair, segment: int, segments: int) -> bool:
    return segments == 1 or crc32(pair[0].encode()) % segments == segment
