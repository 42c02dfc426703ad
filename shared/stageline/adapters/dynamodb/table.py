"""The one table: items as plain dicts, every page read, a failed condition as `ConditionFailed`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched, chain
from time import sleep
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from stageline.adapters.dynamodb.codec import Item, from_item, to_item
from stageline.adapters.dynamodb.keys import Key
from stageline.domain.errors import Stale

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# TransactWriteItems takes at most 100 items, BatchGetItem too.
MOST_IN_A_TRANSACTION = 100
_MOST_IN_A_BATCH = 100
_BATCH_TRIES = 8
# A transaction takes 4 MB.
_MOST_BYTES = 3_000_000


class ConditionFailed(Exception):
    """A condition did not hold, or another transaction was writing the same item."""


@dataclass(frozen=True, slots=True)
class Write:
    """One write of a transaction: what it does to which item, and when it may.

    `condition` is an expression over attribute names (a name that is a reserved word is written
    `#name` and listed in `names`), `values` its placeholders (`:name`).
    """

    kind: Literal["Put", "Update", "Delete", "ConditionCheck"]
    item: Mapping[str, Any]
    condition: str | None = None
    update: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


def over(item: Item) -> Write:
    """Put an item over its revision before (`rev`), or for the first time."""
    if item["rev"] == 1:
        return Write("Put", item, "attribute_not_exists(PK)")
    return Write("Put", item, "rev = :read", values={":read": item["rev"] - 1})


def update_of(
    key: Key,
    values: Mapping[str, Any],
    condition: str | None = None,
    more: Mapping[str, Any] | None = None,
) -> Write:
    """Set these attributes of an item and leave the others; `more` are values of the condition."""
    return Write(
        "Update",
        key,
        condition,
        "SET " + ", ".join(f"#{name} = :{name}" for name in values),
        {f":{name}": value for name, value in values.items()} | dict(more or {}),
        {f"#{name}": name for name in values},
    )


class Table:
    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        self.client = client
        self.name = name

    def get(self, key: Key, *, consistent: bool = True) -> Item | None:
        reply = self.client.get_item(
            TableName=self.name, Key=to_item(key), ConsistentRead=consistent
        )
        return from_item(reply["Item"]) if "Item" in reply else None

    def batch_get(self, keys: Iterable[Key], *, consistent: bool = True) -> list[Item]:
        """Return those of the items that exist, in no order.

        Raises TimeoutError when the table leaves keys unanswered again and again.
        """
        found: list[Item] = []
        for chunk in batched(
            dict.fromkeys(_frozen(key) for key in keys), _MOST_IN_A_BATCH, strict=False
        ):
            wanted: Any = {
                self.name: {
                    "Keys": [to_item(dict(key)) for key in chunk],
                    "ConsistentRead": consistent,
                }
            }
            for attempt in range(_BATCH_TRIES):
                reply = self.client.batch_get_item(RequestItems=wanted)
                found += map(from_item, reply["Responses"].get(self.name, ()))
                wanted = reply.get("UnprocessedKeys")
                if not wanted:
                    break
                sleep(0.05 * 2**attempt)
            else:
                raise TimeoutError("the table left keys unanswered")
        return found

    def query(
        self,
        partition: str,
        *,
        index: int | None = None,
        prefix: str | None = None,
        between: tuple[str, str] | None = None,
        after: Key | None = None,
        forward: bool = True,
        page_size: int | None = None,
        consistent: bool = False,
        only: Sequence[str] = (),
    ) -> Iterator[Item]:
        """Yield the items of a partition in the order of their sort key, page by page.

        `index` 1 to 3 reads GSI1 to GSI3; `prefix` or `between` (inclusive) narrow the sort key;
        `after` is the exclusive start key. `only` names the attributes that are wanted: the price
        is the same, but there is less to decode.
        """
        pk, sk = ("PK", "SK") if index is None else (f"GSI{index}PK", f"GSI{index}SK")
        condition = f"{pk} = :pk"
        values = {":pk": partition}
        if prefix is not None:
            condition += f" AND begins_with({sk}, :prefix)"
            values[":prefix"] = prefix
        elif between is not None:
            condition += f" AND {sk} BETWEEN :low AND :high"
            values |= {":low": between[0], ":high": between[1]}
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": to_item(values),
            "ScanIndexForward": forward,
            "ConsistentRead": consistent and index is None,
        }
        if index is not None:
            request["IndexName"] = f"GSI{index}"
        if page_size is not None:
            request["Limit"] = page_size
        if only:
            names = {f"#{number}": name for number, name in enumerate(only)}
            request |= {
                "ProjectionExpression": ", ".join(names),
                "ExpressionAttributeNames": names,
            }
        start = to_item(after) if after is not None else None
        while True:
            if start is not None:
                request["ExclusiveStartKey"] = start
            reply = self.client.query(**request)
            yield from map(from_item, reply["Items"])
            start = reply.get("LastEvaluatedKey")
            if start is None:
                return

    def scan(self, segment: int, of: int, prefix: str) -> Iterator[Item]:
        """Yield every item of a segment whose partition begins so, strongly consistent.

        Reads all of the segment, of whichever workspace it is: for verification only.
        """
        pages = self.client.get_paginator("scan").paginate(
            TableName=self.name,
            Segment=segment,
            TotalSegments=of,
            FilterExpression="begins_with(PK, :prefix)",
            ExpressionAttributeValues=to_item({":prefix": prefix}),
            ConsistentRead=True,
        )
        for page in pages:
            yield from map(from_item, page["Items"])

    def item_count(self) -> int:
        """Return about how many items there are: DynamoDB counts every six hours."""
        return self.client.describe_table(TableName=self.name)["Table"].get("ItemCount", 0)

    def put(
        self,
        item: Mapping[str, Any],
        condition: str | None = None,
        values: Mapping[str, Any] | None = None,
        names: Mapping[str, str] | None = None,
    ) -> None:
        """Store one item. Raises ConditionFailed."""
        self.write(Write("Put", item, condition, None, values or {}, names or {}))

    def write(self, write: Write) -> None:
        """Do one write on its own, for half the price of a transaction. Raises ConditionFailed."""
        request = self._request(write)
        try:
            match write.kind:
                case "Put":
                    self.client.put_item(**request)
                case "Update":
                    self.client.update_item(**request)
                case "Delete":
                    self.client.delete_item(**request)
                case "ConditionCheck":
                    raise ValueError("a condition check needs a transaction")
        except (
            self.client.exceptions.ConditionalCheckFailedException,
            self.client.exceptions.TransactionConflictException,
        ) as error:
            raise ConditionFailed from error

    def transact(self, writes: Sequence[Write]) -> None:
        """Do all of the writes or none, at most 100. Raises ConditionFailed."""
        operations: Any = [{write.kind: self._request(write)} for write in writes]
        try:
            self.client.transact_write_items(TransactItems=operations)
        except self.client.exceptions.TransactionCanceledException as error:
            if _someone_was_first(error):
                raise ConditionFailed from error
            raise

    def save(self, writes: Sequence[Write], what: str) -> None:
        """Do all of the writes or none. Raises Stale, of what was to be saved."""
        try:
            if len(writes) == 1:
                self.write(writes[0])
            else:
                self.transact(writes)
        except ConditionFailed as error:
            raise Stale(what) from error

    def transact_many(
        self, changes: Sequence[Sequence[Write]], *, sparing: Literal["requests", "units"] = "units"
    ) -> list[int]:
        """Do each of the changes or nothing of it, in as few transactions as take them.

        A change of one write costs twice in a transaction: `sparing` units, it is done alone.
        Returns the indices of those that were not done: a condition failed in their transaction,
        which may be that of a neighbour.
        """
        left: list[int] = []
        alone = [[index] for index, change in enumerate(changes) if len(change) == 1]
        if sparing == "requests":
            alone = []
        taken = {index for (index,) in alone}
        together = [index for index in range(len(changes)) if index not in taken]
        packed = (
            ([together[place] for place in places], writes)
            for places, writes in _packed(changes[index] for index in together)
        )
        for indices, writes in chain(((one, list(changes[one[0]])) for one in alone), packed):
            try:
                self.save(writes, "item")
            except Stale:
                left += indices
        return left

    def _request(self, write: Write) -> dict[str, Any]:
        request: dict[str, Any] = {"TableName": self.name}
        if write.kind == "Put":
            request["Item"] = to_item(write.item)
        else:
            request["Key"] = to_item({"PK": write.item["PK"], "SK": write.item["SK"]})
        if write.update is not None:
            request["UpdateExpression"] = write.update
        if write.condition is not None:
            request["ConditionExpression"] = write.condition
        if write.values:
            request["ExpressionAttributeValues"] = to_item(write.values)
        if write.names:
            request["ExpressionAttributeNames"] = dict(write.names)
        return request


def _packed(changes: Iterable[Sequence[Write]]) -> Iterator[tuple[list[int], list[Write]]]:
    """Yield the changes, by index, and their writes, as transactions take them."""
    indices: list[int] = []
    writes: list[Write] = []
    size = 0
    for index, change in enumerate(changes):
        more = sum(_size(write) for write in change)
        if writes and (
            len(writes) + len(change) > MOST_IN_A_TRANSACTION or size + more > _MOST_BYTES
        ):
            yield indices, writes
            indices, writes, size = [], [], 0
        indices.append(index)
        writes += change
        size += more
    if writes:
        yield indices, writes


def _size(write: Write) -> int:
    """Return about how many bytes the write takes; its texts are what can be large."""
    return 500 + sum(len(value) for value in write.item.values() if isinstance(value, str))


def _frozen(key: Key) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(key.items()))


def _someone_was_first(error: ClientError) -> bool:
    reasons: Any = error.response.get("CancellationReasons", [])
    codes = {reason.get("Code") for reason in reasons}
    return bool(codes & {"ConditionalCheckFailed", "TransactionConflict"})
