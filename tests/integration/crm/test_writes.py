"""What is written to CRMs is kept for 90 days: in DynamoDB as in memory."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from stageline.adapters.dynamodb.keys import write_key
from stageline.adapters.dynamodb.table import Table
from stageline.adapters.dynamodb.writes import DynamoDbWrites
from stageline.domain.errors import NotFound, Stale
from stageline.domain.write_back import WriteBack, Written
from tests.fakes.memory import Memory
from tests.fakes.world import WORKSPACE
from tests.fakes.writes import InMemoryWrites
from tests.table import table_properties

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
WRITE = WriteBack(
    write_id="write-1",
    integration="crm",
    what="create_account",
    record_id="a" * 32,
    requested_by="somebody",
    requested_at=NOW,
    moved_at=NOW,
)


@pytest.fixture
def table():
    client = boto3.client("dynamodb")
    client.create_table(**table_properties("writes"))
    yield Table(client, "writes")
    client.delete_table(TableName="writes")


@pytest.fixture(params=["DynamoDB", "memory"])
def writes(request, table):
    in_memory = request.param == "memory"
    return InMemoryWrites(Memory(), WORKSPACE) if in_memory else DynamoDbWrites(table, WORKSPACE)


def test_a_write_and_what_was_written_are_kept_together(writes):
    with pytest.raises(NotFound):
        writes.get("write-1")
    nothing = writes.written("a" * 32, "crm")
    assert nothing == Written(account_id="a" * 32, integration="crm")

    writes.save(WRITE, nothing.changed(creating="write-1"))

    assert writes.get("write-1") == WRITE
    assert writes.written("a" * 32, "crm") == nothing.changed(creating="write-1")
    assert writes.written("a" * 32, "other").rev == 0
    with pytest.raises(Stale):
        writes.save(replace(WRITE, write_id="write-2"), nothing.changed(creating="write-2"))
    with pytest.raises(NotFound):
        writes.get("write-2")


def test_all_that_is_known_of_a_write_comes_back(writes):
    writes.save(WRITE)
    full = WRITE.moved(
        NOW + timedelta(minutes=1),
        status="refused",
        attempts=3,
        vendor_status=400,
        code="DUPLICATES_DETECTED",
        external_id="001",
        value="client",
        is_conflict=True,
        sent_at=NOW,
    )

    writes.save(full)

    assert writes.get("write-1") == full
    with pytest.raises(Stale):
        writes.save(full)


def test_the_writes_of_an_integration_are_listed_the_latest_first(writes):
    for number in range(5):
        at = NOW + timedelta(minutes=number)
        writes.save(replace(WRITE, write_id=f"w{number}", requested_at=at))
    writes.save(replace(WRITE, write_id="other", integration="crm-2"))

    first, following = writes.latest("crm", 3, None)
    second, end = writes.latest("crm", 3, following)

    assert [one.write_id for one in (*first, *second)] == ["w4", "w3", "w2", "w1", "w0"]
    assert end is None


def test_a_write_is_forgotten_and_no_key_has_the_crms_id(table):
    DynamoDbWrites(table, WORKSPACE).save(replace(WRITE, external_id="jane"))

    item = table.get(write_key(WORKSPACE, "write-1"))

    assert item["expires_at"] == (NOW + timedelta(days=90)).timestamp()
    assert "jane" not in json.dumps({k: v for k, v in item.items() if k.endswith(("PK", "SK"))})
