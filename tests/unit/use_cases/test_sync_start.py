"""A run is started once, and beside no other."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from stageline.domain.errors import SyncNotPossible, SyncRunning
from stageline.domain.integration import Connection, Integration
from stageline.domain.job_states import RECORDS
from stageline.domain.stamp import Stamp
from stageline.use_cases.sync_start import start_run
from tests.fakes.memory import Memory
from tests.fakes.syncs import InMemorySyncs
from tests.fakes.world import WORKSPACE

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CONNECTION = Connection(vendor="hubspot", base_url="https://api.hubapi.com", sign_in="private_app")
CRM = Integration(
    key="crm",
    active=True,
    opportunity_pull=True,
    connection=CONNECTION,
    created_at=NOW,
    changed=Stamp("admin", "request", NOW),
)


@pytest.fixture
def syncs():
    return InMemorySyncs(Memory(), WORKSPACE)


def start(syncs, run_id="run-1", mode="changes", *, integration=CRM, now=NOW):
    return start_run(syncs, integration, mode, run_id, "schedule", now)


def finish(syncs, run_id="run-1"):
    state, run = syncs.state("crm"), syncs.run(run_id)
    after = replace(state, running=None, rev=state.rev + 1)
    syncs.save(state, after, run.moved(NOW, status="completed", finished_at=NOW))


def test_a_run_is_under_way_from_its_start(syncs):
    run = start(syncs)

    assert (run.status, run.left, run.requested_at) == ("running", RECORDS, NOW)
    assert syncs.run("run-1") == run
    assert (syncs.state("crm").running, syncs.state("crm").last_started_at) == ("run-1", NOW)


def test_another_is_refused_until_it_has_ended_and_named(syncs):
    start(syncs)

    with pytest.raises(SyncRunning) as refused:
        start(syncs, "run-2")
    finish(syncs)

    assert refused.value.extra == {"run_id": "run-1"}
    assert start(syncs, "run-2").run_id == "run-2"


def test_the_same_start_again_starts_nothing(syncs):
    first = start(syncs)
    again = start(syncs, now=NOW + timedelta(minutes=1))
    finish(syncs)

    assert again == first
    assert start(syncs).is_finished
    assert syncs.state("crm").running is None


def test_of_two_at_the_same_time_one_starts(syncs):
    class Hasty:
        """Somebody else starts a run between the read and the write."""

        def __getattr__(self, name):
            return getattr(syncs, name)

        def save(self, before, after, run):
            if syncs.state("crm").rev == 0:
                start(syncs, "theirs")
            syncs.save(before, after, run)

    with pytest.raises(SyncRunning):
        start(Hasty(), "ours")

    assert syncs.state("crm").running == "theirs"


@pytest.mark.parametrize(
    "changes",
    [
        {"active": False},
        {"connection": None},
        {"connection": replace(CONNECTION, sign_in=None)},
    ],
    ids=["inactive", "files", "without credentials"],
)
def test_what_cannot_be_read_is_not_started_but_may_be_left(syncs, changes):
    integration = replace(CRM, **changes)

    with pytest.raises(SyncNotPossible):
        start(syncs, integration=integration)

    assert start(syncs, mode="leave", integration=integration).left == RECORDS


def test_by_hand_it_starts_also_where_it_is_not_synchronised_by_itself(syncs):
    assert start(syncs, integration=replace(CRM, sync=False)).status == "running"


def test_deals_are_read_only_while_opportunities_are_pulled(syncs):
    run = start(syncs, integration=replace(CRM, opportunity_pull=False))

    assert run.left == ("accounts", "contacts", "activities")


def test_what_reads_nothing_new_takes_no_planned_run_s_place(syncs):
    start(syncs, mode="retry")

    assert syncs.state("crm").last_started_at is None
