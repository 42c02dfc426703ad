"""Which import of each kind was completed last: the same in memory and in DynamoDB."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from benchmarks.memory.client import MemoryClient
from stageline.adapters.dynamodb.configuration import DynamoDbConfiguration
from stageline.adapters.dynamodb.table import Table
from stageline.domain.integration import LastImport
from stageline.domain.jobs import ImportJob
from stageline.use_cases.last_imports import note_import
from tests.fakes.workspace import InMemoryConfiguration
from tests.fakes.world import WORKSPACE
from tests.integration.pipeline.dynamodb_world import StreamedTable

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
JOB = ImportJob(
    job_id="j1",
    records="deals",
    dry_run=False,
    mapping=None,
    requested_by="somebody",
    requested_at=NOW,
    upload_until=NOW,
)
KEPT = LastImport(
    integration="file", records="deals", job_id="j1", status="completed", completed_at=NOW
)


@pytest.fixture(params=["in memory", "in DynamoDB", "in the benchmarks' table"])
def configuration(request):
    match request.param:
        case "in memory":
            return InMemoryConfiguration()
        case "in DynamoDB":
            return DynamoDbConfiguration(StreamedTable(), WORKSPACE)
    return DynamoDbConfiguration(Table(cast(Any, MemoryClient()), "in-memory"), WORKSPACE)


def test_the_last_import_of_each_kind_is_kept(configuration):
    accounts = replace(JOB, records="accounts", job_id="j2")

    note_import(configuration, JOB, "completed", NOW)
    note_import(configuration, accounts, "completed_with_errors", NOW)

    configured = configuration.read()
    assert configured.last_import("file", "deals") == KEPT
    kept = replace(KEPT, records="accounts", job_id="j2", status="completed_with_errors")
    assert configured.last_import("file", "accounts") == kept
    assert configured.last_import("hubspot", "deals") is None


def test_what_ended_later_stays(configuration):
    note_import(configuration, JOB, "completed", NOW)

    earlier = replace(JOB, job_id="j0")
    note_import(configuration, earlier, "completed", NOW - timedelta(microseconds=1))
    assert configuration.read().last_imports == (KEPT,)

    later = NOW + timedelta(microseconds=1)
    note_import(configuration, JOB, "completed", later)
    assert configuration.read().last_imports == (replace(KEPT, completed_at=later),)


def test_what_brought_nothing_is_not_kept(configuration):
    note_import(configuration, replace(JOB, dry_run=True), "completed", NOW)
    note_import(configuration, JOB, "refused", NOW)

    assert configuration.read().last_imports == ()
