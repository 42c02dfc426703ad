"""What DynamoDB's documentation says an item's size is, and what it charges."""

from typing import Any

import pytest

from benchmarks.memory.client import MemoryClient
from benchmarks.memory.sizes import size_of
from stageline.adapters.dynamodb.codec import to_item
from stageline.adapters.dynamodb.table import ConditionFailed, Table, Write

KEY = {"PK": "p", "SK": "s"}


@pytest.fixture
def client():
    return MemoryClient()


@pytest.fixture
def table(client: Any):
    return Table(client, "in-memory")


def item(bytes_: int = 100, **more: Any) -> dict[str, Any]:
    """Return an item of so many bytes, besides `more`."""
    return KEY | {"text": "x" * (bytes_ - 10)} | more


@pytest.mark.parametrize(
    ("value", "size"),
    [
        pytest.param("äb", 3, id="text is UTF-8"),
        pytest.param(7, 2, id="a digit"),
        pytest.param(-1234, 3, id="two digits a byte"),
        pytest.param(True, 1, id="true"),
        pytest.param(None, 1, id="null"),
        pytest.param([], 3, id="an empty list"),
        pytest.param(["ab", None], 3 + 1 + 2 + 1 + 1, id="a list"),
        pytest.param({"ab": "c"}, 3 + 1 + 2 + 1, id="a map"),
    ],
)
def test_the_size_of_an_item_is_its_names_and_values(value, size):
    assert size_of(to_item({"name": value})) == len("name") + size


@pytest.mark.parametrize(
    ("bytes_", "consistent", "units"),
    [(100, True, 1), (100, False, 0.5), (4_096, True, 1), (4_097, True, 2), (9_000, False, 1.5)],
)
def test_a_read_costs_by_four_kilobytes(client, table, bytes_, consistent, units):
    table.put(item(bytes_))

    table.get(KEY, consistent=consistent)

    assert client.meter.read_units == units
    assert (client.meter.items_read, client.meter.bytes_read) == (1, bytes_)


def test_what_is_not_there_costs_a_read(client, table):
    assert table.get(KEY) is None
    assert (client.meter.read_units, client.meter.items_read) == (1, 0)


def test_a_query_costs_by_the_sum_of_its_page(client, table):
    for number in range(10):
        table.put({"PK": "p", "SK": f"{number}", "text": "x" * 900})

    assert len(list(table.query("p", consistent=True))) == 10
    assert (client.meter.read_units, client.meter.requests) == (3, 11)


def test_a_query_ends_its_page_at_a_megabyte(client, table):
    for number in range(30):
        table.put({"PK": "p", "SK": f"{number:02}", "text": "x" * 100_000})

    assert len(list(table.query("p"))) == 30
    assert client.meter.requests == 30 + 3


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        pytest.param(None, item(1_024), 1, id="a kilobyte"),
        pytest.param(None, item(1_025), 2, id="begun kilobytes count"),
        pytest.param(item(3_000), item(100), 3, id="the larger of before and after"),
        pytest.param(None, item(100, GSI1PK="a", GSI1SK="b"), 2, id="an index"),
        pytest.param(
            item(100, GSI1PK="a", GSI1SK="b"),
            item(100, GSI1PK="a", GSI1SK="c"),
            3,
            id="another place in an index",
        ),
        pytest.param(
            item(100, GSI1PK="a", GSI1SK="b"),
            item(101, GSI1PK="a", GSI1SK="b"),
            2,
            id="the same place in an index",
        ),
        pytest.param(item(100, GSI1PK="a", GSI1SK="b"), item(100), 2, id="out of an index"),
        pytest.param(
            item(100, GSI1PK="a", GSI1SK="b"),
            item(100, GSI1PK="a", GSI1SK="b"),
            1,
            id="no change: the index is left alone",
        ),
    ],
)
def test_a_write_costs_by_the_kilobyte_and_by_index(client, table, before, after, units):
    if before is not None:
        table.put(before)
    written = client.meter.write_units

    table.put(after)

    assert client.meter.write_units - written == units


def test_a_write_of_the_same_leaves_no_stream_record():
    client: Any = MemoryClient(keep_stream=True)
    table = Table(client, "in-memory")
    table.put(item())
    table.put(item())
    table.put(item(200))
    table.write(Write("Delete", KEY))

    assert [record["eventName"] for record in client.stream] == ["INSERT", "MODIFY", "REMOVE"]
    assert client.stream[1]["dynamodb"]["OldImage"] == to_item(item())


def test_an_index_costs_the_same_in_a_transaction(client, table):
    table.transact([Write("Put", item(GSI1PK="a", GSI1SK="b"))])
    assert client.meter.write_units == 2 + 1

    table.transact([Write("Put", item(GSI1PK="a", GSI1SK="c"))])
    assert client.meter.write_units == 3 + 2 + 2


def test_a_transaction_costs_twice_a_failed_condition_too(client, table):
    table.put(item(), "attribute_not_exists(PK)")
    assert client.meter.write_units == 1
    with pytest.raises(ConditionFailed):
        table.put(item(), "attribute_not_exists(PK)")
    assert client.meter.write_units == 2

    other = Write("Put", {"PK": "p", "SK": "t"})
    table.transact([Write("ConditionCheck", KEY, "attribute_exists(PK)"), other])
    assert client.meter.write_units == 6
    with pytest.raises(ConditionFailed):
        table.transact([Write("Put", item(), "attribute_not_exists(PK)"), other])
    assert client.meter.write_units == 10
