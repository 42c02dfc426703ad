"""The world of the pipeline's tests over the real adapters, on a table of its own in moto."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from inspect import isgenerator
from itertools import count
from typing import Any, cast

import boto3

from benchmarks.memory.client import MemoryClient
from evaluate_stage.records import event_from
from stageline.adapters.dynamodb.account_items import account_from_item
from stageline.adapters.dynamodb.accounts import DynamoDbAccounts
from stageline.adapters.dynamodb.codec import Item, from_item, to_item
from stageline.adapters.dynamodb.counts import DynamoDbCounts
from stageline.adapters.dynamodb.deal_items import deal_from_item
from stageline.adapters.dynamodb.deals import DynamoDbDeals
from stageline.adapters.dynamodb.group_items import (
    home_from_item,
    value_from_item,
    version_from_item,
)
from stageline.adapters.dynamodb.groups import DynamoDbGroups
from stageline.adapters.dynamodb.inspection import DynamoDbInspection
from stageline.adapters.dynamodb.keys import Key
from stageline.adapters.dynamodb.ledger_chunks import head_from_item, part_from_item
from stageline.adapters.dynamodb.lists import DynamoDbLists
from stageline.adapters.dynamodb.moves import DynamoDbMoves
from stageline.adapters.dynamodb.outbox import DynamoDbOutbox
from stageline.adapters.dynamodb.row_items import row_from_item
from stageline.adapters.dynamodb.rows import DynamoDbRows
from stageline.adapters.dynamodb.subjects import DynamoDbSubjects
from stageline.adapters.dynamodb.table import Table, Write
from stageline.adapters.dynamodb.works import DynamoDbWorks, work_from_item
from stageline.domain.move import Hold
from tests.fakes.memory import STREAMED, Memory
from tests.fakes.stepping import pause
from tests.fakes.world import WORKSPACE, World
from tests.table import table_properties

_numbers = count(1)

READERS: dict[str, Callable[[Item], Any]] = {
    "META": account_from_item,
    "CHILDREN": lambda item: (item["count"], item["changes"]),
    "HOLD": lambda item: Hold(item["PK"], item["job"], item["taken_at"]),
    "HOME": home_from_item,
    "DEAL#": deal_from_item,
    "ROW#": row_from_item,
    "A#VALUE#": value_from_item,
    "V#": version_from_item,
    "L#": lambda item: part_from_item(item) if "part" in item else head_from_item(item),
    "E#": lambda item: event_from(to_item(item)),
}


class StreamedTable(Table):
    """A table in moto that tells of its writes as a stream would: a put of the same leaves none."""

    def __init__(self) -> None:
        client = boto3.client("dynamodb")
        super().__init__(client, f"pipeline-{next(_numbers)}")
        client.create_table(**table_properties(self.name))
        self.stream: list[dict[str, Any]] = []
        self.writes = 0

    def write(self, write: Write) -> None:
        before = self._images([write])
        super().write(write)
        self._tell(before)

    def transact(self, writes: Sequence[Write]) -> None:
        before = self._images(writes)
        super().transact(writes)
        self._tell(before)

    def _images(self, writes: Sequence[Write]) -> list[tuple[Key, Item | None]]:
        changing = [write.item for write in writes if write.kind != "ConditionCheck"]
        keys = [{"PK": item["PK"], "SK": item["SK"]} for item in changing]
        return [(key, self.get(key)) for key in keys]

    def _tell(self, before: list[tuple[Key, Item | None]]) -> None:
        for key, old in before:
            self.writes += 1
            new = self.get(key)
            if old == new or not key["SK"].startswith(STREAMED):
                continue
            number = str(len(self.stream) + 1)
            images = {"OldImage": old, "NewImage": new}
            change = {name: to_item(image) for name, image in images.items() if image is not None}
            happened = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
            self.stream.append(
                {
                    "eventID": number,
                    "eventName": happened,
                    "dynamodb": {"Keys": to_item(key), "SequenceNumber": number, **change},
                }
            )


class MemoryTable(Table):
    """The table of the benchmarks, whose client tells of its writes by itself."""

    def __init__(self) -> None:
        self.memory = MemoryClient(keep_stream=True)
        super().__init__(cast(Any, self.memory), "in-memory")

    @property
    def stream(self) -> list[dict[str, Any]]:
        return [
            record
            for record in self.memory.stream
            if record["dynamodb"]["Keys"]["SK"]["S"].startswith(STREAMED)
        ]

    @property
    def writes(self) -> int:
        return self.memory.meter.items_written


class DynamoDbMemory(Memory):
    """What the simulation asks of its memory, answered by a table."""

    def __init__(self, table: StreamedTable | MemoryTable) -> None:
        super().__init__()
        self.table = table
        self._taken = 0

    def taken(self) -> Sequence[dict[str, Any]]:
        self.writes = self.table.writes
        taken = self.table.stream[self._taken :]
        self._taken += len(taken)
        return taken

    def refresh(self) -> None:
        """Read every item of the table."""
        self.items = {}
        scan = self.table.client.get_paginator("scan")
        pages = scan.paginate(TableName=self.table.name)
        for stored in (item for page in pages for item in page["Items"]):
            item = from_item(stored)
            sort = item["SK"]
            reader = next((read for prefix, read in READERS.items() if sort.startswith(prefix)), id)
            if "#J#" in item["PK"]:
                reader = work_from_item
            self.items[item["PK"], sort] = item if reader is id else reader(item)


class DynamoDbWorld(World):
    def __init__(self, table: StreamedTable | MemoryTable | None = None) -> None:
        table = table or StreamedTable()
        super().__init__(DynamoDbMemory(table))
        self.stores = replace(
            self.stores,
            accounts=Pausing(DynamoDbAccounts(table, WORKSPACE)),
            deals=Pausing(DynamoDbDeals(table, WORKSPACE)),
            groups=Pausing(DynamoDbGroups(table, WORKSPACE)),
            rows=Pausing(DynamoDbRows(table, WORKSPACE)),
        )
        self.moving = replace(
            self.moving,
            accounts=self.stores.accounts,
            moves=Pausing(DynamoDbMoves(table, WORKSPACE)),
            works=Pausing(DynamoDbWorks(table, WORKSPACE)),
        )
        self.lists = DynamoDbLists(table, WORKSPACE)
        self.counting = replace(
            self.counting,
            counts=Pausing(DynamoDbCounts(table, WORKSPACE)),
            subjects=Pausing(DynamoDbSubjects(table, WORKSPACE)),
            groups=self.stores.groups,
            works=Pausing(DynamoDbWorks(table, WORKSPACE)),
        )
        self.inspection = Pausing(DynamoDbInspection(table, WORKSPACE))
        self.outbox = Pausing(DynamoDbOutbox(table, WORKSPACE))


class MemoryTableWorld(DynamoDbWorld):
    """The same adapters over the table that the benchmarks count with."""

    def __init__(self) -> None:
        super().__init__(MemoryTable())


class Pausing:
    """A store whose every call, and every item that it yields, is a step."""

    def __init__(self, store: object) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._store, name)

        def paused(*arguments: Any, **named: Any) -> Any:
            pause()
            answer = call(*arguments, **named)
            return _paused(answer) if isgenerator(answer) or isinstance(answer, map) else answer

        return paused


def _paused(answers: Iterator[Any]) -> Iterator[Any]:
    for answer in answers:
        pause()
        yield answer
