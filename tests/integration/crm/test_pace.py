"""Workers that share an integration's limit."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import chain

import boto3
import pytest

from stageline.adapters.dynamodb.crm_pace import DynamoDbPace
from stageline.adapters.dynamodb.keys import crm_pace_key
from stageline.adapters.dynamodb.table import Table
from stageline.domain.crm_errors import CrmThrottled
from stageline.domain.token_bucket import RateLimit
from tests.fakes.world import WORKSPACE
from tests.table import table_properties

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LIMIT = RateLimit(capacity=3, per_second=2)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def table():
    client = boto3.client("dynamodb")
    client.create_table(**table_properties("pace"))
    yield Table(client, "pace")
    client.delete_table(TableName="pace")


def worker(table, key="crm"):
    return DynamoDbPace(table, WORKSPACE, key, LIMIT, lambda: NOW)


def seconds(*waits):
    return [wait.total_seconds() for wait in waits]


def test_workers_take_turns_as_one_would(table):
    one, other = worker(table), worker(table)

    waits = [pace.take(MINUTE) for pace in (one, other, other, one, one, other)]

    assert seconds(*waits) == [0, 0, 0, 0.5, 1, 1.5]
    assert worker(table, "other").take(MINUTE) == timedelta()


def test_at_the_same_time_each_gets_another_turn(table):
    with ThreadPoolExecutor(4) as pool:
        workers = [worker(table) for _ in range(4)]
        waits = list(pool.map(lambda pace: [pace.take(MINUTE) for _ in range(3)], workers))

    assert sorted(seconds(*chain.from_iterable(waits))) == [
        0,
        0,
        *(number / 2 for number in range(10)),
    ]


def test_who_has_no_time_to_wait_takes_nothing(table):
    for _ in range(5):
        worker(table).take(MINUTE)
    before = table.get(crm_pace_key(WORKSPACE, "crm"))

    with pytest.raises(CrmThrottled) as later:
        worker(table).take(timedelta(seconds=1))

    assert later.value.retry_after == timedelta(seconds=1.5)
    assert table.get(crm_pace_key(WORKSPACE, "crm")) == before


def test_what_the_crm_says_holds_for_all(table):
    one, other = worker(table), worker(table)
    one.take(MINUTE)
    one.lower(1)
    assert seconds(other.take(MINUTE), other.take(MINUTE)) == [0, 0.5]

    one.hold(timedelta(seconds=10))
    assert seconds(other.take(MINUTE), one.take(MINUTE)) == [10, 10.5]


def test_what_says_nothing_new_writes_nothing(table):
    pace = worker(table)
    pace.take(MINUTE)
    before = table.get(crm_pace_key(WORKSPACE, "crm"))

    pace.lower(2)

    assert table.get(crm_pace_key(WORKSPACE, "crm")) == before


def test_a_bucket_that_expired_is_a_full_one(table):
    pace = worker(table)
    pace.take(MINUTE)
    key = crm_pace_key(WORKSPACE, "crm")
    table.client.delete_item(TableName="pace", Key={name: {"S": key[name]} for name in key})

    assert [pace.take(MINUTE).total_seconds() for _ in range(4)] == [0, 0, 0, 0.5]
