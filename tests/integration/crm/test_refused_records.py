"""What an integration could not store, and why: the same in memory and in DynamoDB."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from benchmarks.memory.client import MemoryClient
from stageline.adapters.dynamodb.refused_records import DynamoDbRefusedRecords
from stageline.adapters.dynamodb.table import Table
from stageline.domain.sync import Refused
from tests.fakes.memory import Memory
from tests.fakes.refused import InMemoryRefusedRecords
from tests.fakes.world import WORKSPACE

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ONE = Refused(
    record_id="1",
    records="accounts",
    external_id="x",
    field="name",
    code="name_missing",
    message="is missing",
    seen_at=NOW,
)
OTHERS = (
    replace(ONE, record_id="2"),
    replace(ONE, records="deals"),
    replace(ONE, record_id="2", records="contacts", external_id=None),
)


@pytest.fixture(params=["in memory", "in DynamoDB"])
def make(request):
    if request.param == "in memory":
        memory = Memory()
        return lambda key: InMemoryRefusedRecords(memory, WORKSPACE, key)
    table = Table(cast(Any, MemoryClient()), "in-memory")
    return lambda key: DynamoDbRefusedRecords(table, WORKSPACE, key)


def test_refused_records_are_kept_by_integration_and_kind(make):
    refused, other = make("hubspot"), make("salesforce")

    refused.save([ONE, *OTHERS])

    assert list(refused.ids("accounts")) == ["1", "2"]
    assert list(refused.ids("activities")) == list(other.ids("accounts")) == []
    assert refused.find_many("accounts", ["1", "3"]) == {"1": ONE}
    assert refused.find_many("contacts", ["2"])["2"].external_id is None


def test_they_are_listed_by_kind_from_a_place_on(make):
    refused = make("hubspot")
    refused.save([ONE, *OTHERS])

    first = list(refused.latest(2, None))[:2]
    after = list(refused.latest(2, first[-1][0]))

    assert [one for _, one in (*first, *after)] == [ONE, OTHERS[0], OTHERS[2], OTHERS[1]]


def test_what_is_cleared_is_forgotten_and_again_does_nothing(make):
    refused = make("hubspot")
    refused.save([ONE, *OTHERS])

    for _ in range(2):
        refused.clear("accounts", ["1", "2", "3"])

    assert list(refused.ids("accounts")) == []
    assert list(refused.ids("deals")) == ["1"]


def test_of_an_integration_that_is_no_more_all_are_forgotten(make):
    refused, other = make("hubspot"), make("salesforce")
    for one in (refused, other):
        one.save([ONE, *OTHERS])

    refused.forget_all()

    assert list(refused.latest(10, None)) == []
    assert len(list(other.latest(10, None))) == 4
