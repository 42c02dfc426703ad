"""Where integrations stand and their runs are kept: in DynamoDB as in memory."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from stageline.adapters.dynamodb.configuration import DynamoDbConfiguration
from stageline.adapters.dynamodb.keys import job_key
from stageline.adapters.dynamodb.syncs import DynamoDbSyncs
from stageline.adapters.dynamodb.table import Table
from stageline.domain.errors import NotFound, Stale
from stageline.domain.sync import Attention, Part, Progress, Reading, SyncRun, SyncState, Window
from tests.fakes.memory import Memory
from tests.fakes.syncs import InMemorySyncs
from tests.fakes.world import WORKSPACE
from tests.table import table_properties

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
WINDOW = Window(since=NOW - timedelta(days=1), until=NOW, epoch="run-0")
# A connector's place may hold what DynamoDB does not, and is to come back as it was.
PLACE = {"after": "00012", "ratio": 0.1, "seen": [1, None, True]}
ATTENTION = Attention("not_allowed", "Let the user read deals.", 403, "NO_ACCESS", "deals", NOW)
PROGRESS = Progress(
    window=WINDOW,
    place=PLACE,
    epoch="run-0",
    read_until=NOW,
    full_at=NOW - timedelta(days=3),
    held=10,
    refused=1,
    counted=12,
    counted_at=NOW,
)
STATE = SyncState(
    integration="crm",
    running="run-1",
    progress={"accounts": PROGRESS, "deals": Progress()},
    as_of=NOW,
    last_started_at=NOW,
    last_completed_at=NOW,
    last_run="run-0",
    failures=2,
    attention=ATTENTION,
    quota_left=900,
    rev=1,
)
READING = Reading(
    records="deals",
    job_id="run-1-2",
    window=WINDOW,
    place=PLACE,
    missing_of=4,
    pages=2,
    rows=400,
    missing=200,
    is_through=True,
    stopped="quota",
)


def a_run(run_id, *, integration="crm", minute=0, **changes):
    at = NOW + timedelta(minutes=minute)
    run = SyncRun(
        run_id=run_id,
        integration=integration,
        mode="changes",
        requested_by="schedule",
        requested_at=at,
        moved_at=at,
    )
    return replace(run, **changes)


RUN = a_run(
    "run-1",
    left=("contacts",),
    reading=READING,
    parts=(Part("accounts", "run-1-1", {"read": 3, "created": 2}, "unavailable"),),
    attention=ATTENTION,
    status="partial",
    finished_at=NOW,
)


@pytest.fixture
def table():
    client = boto3.client("dynamodb")
    client.create_table(**table_properties("syncs"))
    yield Table(client, "syncs")
    client.delete_table(TableName="syncs")


@pytest.fixture(params=["DynamoDB", "memory"])
def syncs(request, table):
    in_memory = request.param == "memory"
    return InMemorySyncs(Memory(), WORKSPACE) if in_memory else DynamoDbSyncs(table, WORKSPACE)


def test_what_is_stored_comes_back_as_it_was(syncs):
    assert syncs.state("crm") == SyncState(integration="crm")

    syncs.save(syncs.state("crm"), STATE, RUN)
    syncs.save(None, replace(STATE, integration="other", progress={}), None)

    assert syncs.state("crm") == STATE
    assert syncs.run("run-1") == RUN
    with pytest.raises(NotFound):
        syncs.run("run-2")


def test_state_and_run_are_written_together_over_what_was_read_or_not_at_all(syncs):
    syncs.save(None, STATE, RUN)
    moved = RUN.moved(NOW, reading=None)
    after = replace(STATE, running=None, rev=2)
    syncs.save(STATE, after, moved)

    with pytest.raises(Stale):
        syncs.save(STATE, replace(STATE, failures=9, rev=2), moved.moved(NOW))
    with pytest.raises(Stale):
        syncs.save(after, replace(after, failures=9, rev=3), moved)
    with pytest.raises(Stale):
        syncs.save(None, None, RUN)
    assert (syncs.state("crm"), syncs.run("run-1")) == (after, moved)

    syncs.save(after, None, moved.moved(NOW))
    assert (syncs.state("crm"), syncs.run("run-1").rev) == (after, 3)


def test_runs_are_listed_page_by_page_latest_first(syncs):
    for minute in range(5):
        syncs.save(None, None, a_run(f"run-{minute}", minute=minute))
    syncs.save(None, None, a_run("other-1", integration="other", minute=3))

    def pages(integration):
        after = None
        while True:
            runs, after = syncs.runs(integration, 2, after)
            yield [run.run_id for run in runs]
            if after is None:
                return

    assert list(pages("crm")) == [["run-4", "run-3"], ["run-2", "run-1"], ["run-0"]]
    assert list(pages("other")) == [["other-1"]]
    assert [len(page) for page in pages(None)] == [2, 2, 2]
    assert list(pages("none")) == [[]]


def test_the_configuration_knows_where_its_integrations_stand(table):
    DynamoDbSyncs(table, WORKSPACE).save(None, STATE, RUN)

    configured = DynamoDbConfiguration(table, WORKSPACE).read()

    assert configured.sync("crm") == STATE
    assert configured.sync("other") == SyncState(integration="other")


def test_a_run_is_forgotten_after_90_days(table):
    DynamoDbSyncs(table, WORKSPACE).save(None, None, a_run("run-9"))

    item = table.get(job_key(WORKSPACE, "sync", "run-9"))

    assert item["expires_at"] == (NOW + timedelta(days=90)).timestamp()
