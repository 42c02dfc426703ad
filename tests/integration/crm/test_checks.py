"""Checks of mappings are kept for a day: in DynamoDB as in memory."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from stageline.adapters.dynamodb.checks import DynamoDbChecks
from stageline.adapters.dynamodb.keys import check_key
from stageline.adapters.dynamodb.table import Table
from stageline.domain.errors import NotFound, Stale
from stageline.domain.sync import Attention
from stageline.domain.sync_check import MappingCheck, result_text
from tests.fakes.memory import Memory
from tests.fakes.syncs import InMemoryChecks
from tests.fakes.world import WORKSPACE
from tests.table import table_properties

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CHECK = MappingCheck(
    check_id="check-1",
    integration="crm",
    mapping='{"owners":{"7":"jane@example.com"}}',
    requested_by="admin",
    requested_at=NOW,
)
DONE = replace(CHECK, status="completed", result='{"fits":true}', finished_at=NOW)


@pytest.fixture
def table():
    client = boto3.client("dynamodb")
    client.create_table(**table_properties("checks"))
    yield Table(client, "checks")
    client.delete_table(TableName="checks")


@pytest.fixture(params=["DynamoDB", "memory"])
def checks(request, table):
    in_memory = request.param == "memory"
    return InMemoryChecks(Memory(), WORKSPACE) if in_memory else DynamoDbChecks(table, WORKSPACE)


@pytest.mark.parametrize(
    "ended",
    [
        DONE,
        replace(CHECK, status="failed", attention=Attention("refused", "…", 403, "NO", "deals")),
    ],
    ids=["completed", "failed"],
)
def test_what_came_of_a_check_is_kept_once(checks, ended):
    with pytest.raises(NotFound):
        checks.last("crm")
    checks.begin(CHECK)
    assert checks.last("crm") == CHECK

    checks.end(ended)

    assert checks.last("crm") == ended
    with pytest.raises(Stale):
        checks.end(DONE)


def test_nothing_comes_of_a_check_after_which_another_was_begun(checks):
    checks.begin(CHECK)
    later = replace(CHECK, check_id="check-2")
    checks.begin(later)

    with pytest.raises(Stale):
        checks.end(DONE)

    assert checks.last("crm") == later


def test_a_check_is_forgotten_after_a_day(table):
    DynamoDbChecks(table, WORKSPACE).begin(CHECK)

    item = table.get(check_key(WORKSPACE, "crm"))

    assert item["expires_at"] == (NOW + timedelta(days=1)).timestamp()
    assert "jane" not in json.dumps([item["PK"], item["SK"]])


@pytest.mark.parametrize(("letters", "kept"), [(10, 20), (10_000, 10), (400_000, 0)])
def test_a_result_has_as_many_records_as_an_item_takes(letters, kept):
    rows = [{"text": "x" * letters} for _ in range(20)]
    result = {"fits": True, "previews": [{"rows": rows}, {"rows": rows[:1]}, {"rows": rows}]}

    text = result_text(result)

    assert len(text) <= 300_000
    assert len(json.loads(text)["previews"][0]["rows"]) == kept
