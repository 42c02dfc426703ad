"""The benchmarks' table gives the same items and the same refusals as DynamoDB does (moto)."""

from itertools import count, islice
from random import Random
from typing import Any, cast

import boto3
import pytest

from benchmarks.memory.client import MemoryClient
from stageline.adapters.dynamodb.table import ConditionFailed, Table, Write
from tests.table import table_properties

PARTITIONS = ("acme#A#1", "acme#A#2", "acme#G#1")
SORTS = ("DEAL#1", "DEAL#2", "DEAL#30", "META", "ROW#crm_stage", "ÄRGER", "L#1#")
CONDITIONS: tuple[tuple[str | None, dict[str, Any], dict[str, str]], ...] = (
    (None, {}, {}),
    ("attribute_not_exists(PK)", {}, {}),
    ("attribute_exists(PK)", {}, {}),
    ("rev = :rev", {":rev": 2}, {}),
    ("rev = :rev AND live = :live", {":rev": 1, ":live": True}, {}),
    ("attribute_not_exists(PK) OR #count = :none", {":none": 0}, {"#count": "count"}),
    ("#count >= :low AND #count <= :high", {":low": 1, ":high": 3}, {"#count": "count"}),
)
UPDATES: tuple[tuple[str, dict[str, Any], dict[str, str]], ...] = (
    ("ADD #count :by", {":by": 1}, {"#count": "count"}),
    (
        "SET #name = :name, seen = if_not_exists(seen, :at)",
        {":name": "x", ":at": 7},
        {"#name": "name"},
    ),
    (
        "SET #name = :name ADD #count :by",
        {":name": "y", ":by": -1},
        {"#name": "name", "#count": "count"},
    ),
    ("REMOVE #name", {}, {"#name": "name"}),
)
_numbers = count(1)


def tables() -> tuple[Table, Table]:
    client = boto3.client("dynamodb")
    name = f"compared-{next(_numbers)}"
    client.create_table(**table_properties(name))
    return Table(client, name), Table(cast(Any, MemoryClient()), name)


class Chance(Random):
    """Random writes and reads that meet each other often."""

    def key(self) -> dict[str, str]:
        return {"PK": self.choice(PARTITIONS), "SK": self.choice(SORTS)}

    def write(self) -> Write:
        kind = self.choice(("Put", "Put", "Update", "Delete", "ConditionCheck"))
        condition, values, names = self.choice(CONDITIONS)
        if kind == "ConditionCheck" and condition is None:
            condition, values, names = CONDITIONS[1]
        if kind == "Put":
            return Write("Put", self._item(), condition, None, values, names)
        if kind == "Update":
            update, more_values, more_names = self.choice(UPDATES)
            return Write(
                "Update", self.key(), condition, update, values | more_values, names | more_names
            )
        return Write(cast(Any, kind), self.key(), condition, None, values, names)

    def writes(self) -> list[Write]:
        found = {(w.item["PK"], w.item["SK"]): w for w in (self.write() for _ in range(3))}
        return list(found.values())

    def query(self) -> dict[str, Any]:
        index = self.choice((None, None, 1, 2))
        partition = self.choice(PARTITIONS) if index is None else self.choice(("p", "q"))
        low, high = sorted((self.choice(SORTS), self.choice(SORTS)))
        narrowed: dict[str, Any] = self.choice(
            ({}, {"prefix": "DEAL#"}, {"between": (low, high)}, {"between": (low, low)})
        )
        return {
            "partition": partition,
            "index": index,
            "forward": self.random() < 0.5,
            "page_size": self.choice((None, 1, 2)),
            **narrowed,
        }

    def _item(self) -> dict[str, Any]:
        key = self.key()
        item: dict[str, Any] = key | {"rev": self.randint(1, 3), "count": self.randint(0, 3)}
        if self.random() < 0.5:
            item |= {"live": self.random() < 0.5, "list": [1, "a", None, {"b": True}]}
        for index in (1, 2):
            if self.random() < 0.5:
                item |= {f"GSI{index}PK": self.choice(("p", "q")), f"GSI{index}SK": key["SK"]}
        return item


def outcome(call: Any, *arguments: Any) -> Any:
    try:
        call(*arguments)
    except ConditionFailed:
        return "refused"
    return "done"


def everything(table: Table) -> list[Any]:
    pages = table.client.get_paginator("scan").paginate(TableName=table.name)
    return sorted((item for page in pages for item in page["Items"]), key=str)


@pytest.mark.parametrize("seed", range(3))
def test_random_writes_and_reads_have_the_same_outcome(seed):
    chance = Chance(seed)
    real, memory = tables()
    outcomes = set()

    for _ in range(120):
        if chance.random() < 0.5:
            writes = chance.writes()
            both = [outcome(table.transact, writes) for table in (real, memory)]
        else:
            write = chance.write()
            if write.kind == "ConditionCheck":
                continue
            both = [outcome(table.write, write) for table in (real, memory)]
        assert both[0] == both[1]
        outcomes.add(both[0])
        keys = [chance.key() for _ in range(3)]
        found = [sorted(table.batch_get(keys), key=str) for table in (real, memory)]
        assert found[0] == found[1]
        asked = chance.query()
        found = [list(table.query(**asked)) for table in (real, memory)]
        if asked["index"] is None:
            assert found[0] == found[1], asked
        else:  # items of one sort key come in no order
            assert sorted(found[0], key=str) == sorted(found[1], key=str), asked

    assert outcomes == {"done", "refused"}
    assert everything(real) == everything(memory)


def test_a_query_goes_on_after_a_key_both_ways():
    real, memory = tables()
    for number in range(9):
        for table in (real, memory):
            table.put({"PK": "p", "SK": f"{number}", "GSI1PK": "i", "GSI1SK": f"{number % 3}"})
    after = {"PK": "p", "SK": "4", "GSI1PK": "i", "GSI1SK": "1"}

    def following(table: Table, index: int | None, forward: bool) -> list[str]:
        key = after if index else {"PK": "p", "SK": "4"}
        items = table.query(
            "i" if index else "p", index=index, after=key, forward=forward, page_size=2
        )
        return [item["SK"] for item in islice(items, 9)]

    assert following(memory, None, True) == following(real, None, True) == list("5678")
    assert following(memory, None, False) == following(real, None, False) == list("3210")
    assert following(memory, 1, True) == list("7258")


def test_a_scan_in_segments_reads_everything_once():
    _, memory = tables()
    for number in range(50):
        memory.put({"PK": f"p{number % 7}", "SK": f"{number:02}", "text": "x" * 90_000})

    read = [
        item["SK"]["S"]
        for segment in range(3)
        for page in memory.client.get_paginator("scan").paginate(
            TableName=memory.name, Segment=segment, TotalSegments=3
        )
        for item in page["Items"]
    ]

    assert sorted(read) == [f"{number:02}" for number in range(50)]
