"""The stage of an account in a field of the CRM's: ours wins, and nothing is written in vain."""

import os
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import pytest

from stageline.domain.crm_errors import CrmUnavailable
from stageline.domain.crm_records import CrmField
from stageline.domain.errors import Stale
from stageline.domain.group import Row
from stageline.use_cases.crm_writes import work_stage, work_write
from tests.fakes.stepping import Stepped, pause
from tests.fakes.syncing import CRM
from tests.fakes.world import DAY
from tests.unit.sync_crm.company import Company

RUNS = int(os.environ.get("WRITE_RUNS", "80"))
ID = "1" * 32
NAMES = ("New prospect", "In CRM", "Pipeline", "Client", "Client pipeline", "Recently lost")


class Staged(Company):
    """Its CRM has one of the accounts, and a field for the stage."""

    def __init__(self, options=()):
        super().__init__()
        self.stage_field = "Stage"
        self.described = [CrmField("Stage", "Stage", "choice" if options else "text", options)]
        self.crm.put("accounts", "a001", {"Name": "Acme"}, at=self.synced.now)
        self.account(CRM, in_crm=True, external_id="a001")

    def moves_to(self, stage):
        """The account's row has this stage from now on."""
        rows = self.writing.rows
        before = rows.row(ID, "crm_stage")
        number = before.value_rev + 1 if before else 1
        rows.save(_row(stage, number), before, None)

    def told(self):
        return self.crm._kept["accounts"]["a001"].record.values.get("Stage")

    def says(self, value):
        """Somebody writes into the field."""
        values = self.crm._kept["accounts"]["a001"].record.values
        self.crm.put("accounts", "a001", {**values, "Stage": value}, at=self.synced.now)


def stage_changed(company: Staged) -> Any:
    return work_stage(company.writing, ID)


def _row(stage, number):
    return Row(
        account_id=ID,
        scheme="crm_stage",
        stage=stage,
        rank=1,
        since=DAY,
        next_on=None,
        holds=(),
        name="Acme",
        domain=None,
        owner_email=None,
        owner="-",
        in_crm=True,
        parent_id=None,
        root_id=ID,
        home_rev=1,
        value_rev=number,
        account_rev=1,
        event_seq=number,
    )


@pytest.fixture
def company():
    return Staged()


def test_a_changed_stage_is_written_once(company):
    company.moves_to("pipeline")
    write = stage_changed(company)
    company.moves_to("client")
    later = stage_changed(company)

    assert stage_changed(company) is None
    assert (write.status, write.value, later.value) == ("done", "pipeline", "client")
    assert company.crm.updates == [("a001", {"Stage": "pipeline"}), ("a001", {"Stage": "client"})]
    assert not later.is_conflict


def test_a_stage_that_the_crm_has_already_is_only_noted(company):
    company.says("client")
    company.moves_to("client")

    write = stage_changed(company)

    assert (write.status, write.attempts, company.crm.updates) == ("done", 0, [])
    assert stage_changed(company) is None


def test_a_choice_is_written_as_the_crm_has_it(company):
    company = Staged(options=NAMES)
    company.moves_to("client_pipeline")

    stage_changed(company)

    assert company.told() == "Client pipeline"


def test_what_somebody_else_has_written_there_is_written_over_and_told(company):
    company.moves_to("pipeline")
    stage_changed(company)
    company.says("mine")
    assert stage_changed(company) is None, "only a changed stage moves"

    company.moves_to("client")
    write = stage_changed(company)

    assert (write.is_conflict, company.told()) == (True, "client")


def test_nothing_is_written_without_a_mapping_a_stage_or_a_record_in_the_crm(company):
    assert stage_changed(company) is None
    company.moves_to(None)
    assert stage_changed(company) is None
    company.moves_to("client")
    company.stage_field = None
    assert stage_changed(company) is None
    company.account(id_="2" * 32)
    assert work_stage(company.writing, "2" * 32) is None
    assert work_stage(company.writing, "3" * 32) is None
    assert company.crm.fetched == []


def test_nothing_is_written_while_no_stage_is_shown(company):
    configuration = company.synced.world.configuration
    configured = configuration.read()
    off = configured.integrations[0].switched(
        active=None, opportunity_pull=False, stamp=configured.integrations[0].changed
    )
    overlay = configured.overlay.following((off,), today=DAY, now=company.synced.now)
    configuration.save_integration(off, overlay, configured.overlay)
    company.moves_to("client")

    assert stage_changed(company) is None


@pytest.mark.parametrize(
    ("described", "code"),
    [
        ([], "unknown_field"),
        ([CrmField("Stage", "Stage", "text", is_writable=False)], "not_writable"),
        ([CrmField("Stage", "Stage", "choice", ("A", "B"))], "unknown_choice"),
    ],
)
def test_a_field_that_does_not_take_it_is_told(company, described, code):
    company.described = described
    company.moves_to("client")

    write = stage_changed(company)

    assert (write.status, write.code) == ("refused", code)


def test_a_crm_that_does_not_answer_is_asked_again_for_the_stage_of_then(company):
    company.moves_to("pipeline")
    company.crm.errors.append(CrmUnavailable("down", 503))
    write = stage_changed(company)
    assert write.status == "queued"

    company.moves_to("client")
    done = company.work()

    assert (done.status, done.value, done.write_id) == ("done", "client", write.write_id)


def test_a_lost_answer_is_no_conflict(company):
    company.moves_to("client")
    company.crm.lost = 1
    stage_changed(company)

    done = company.work()

    assert (done.status, done.is_conflict) == ("done", False)
    assert company.crm.updates == [("a001", {"Stage": "client"})]


@pytest.mark.parametrize("seed", range(RUNS))
def test_however_workers_interleave_the_crm_has_the_last_stage(seed):
    random, company = Random(seed), Staged()
    company.memory.pause = pause
    update = company.crm.update_account

    def slowly(external_id, values):
        pause()
        update(external_id, values)

    crm: Any = company.crm
    crm.update_account = slowly
    running: list[Any] = []
    waiting: list[Callable[[], Any]] = []
    stages = ["pipeline", "client", "client_pipeline", "client"]
    while stages or running or waiting or company.queue.messages:
        if stages and random.random() < 0.1:
            company.moves_to(stages.pop(0))
            waiting.append(lambda: stage_changed(company))
        waiting += [
            partial(work_write, company.writing, write_id) for write_id, _ in company.queue.messages
        ]
        company.queue.messages.clear()
        if waiting and len(running) < 3 and random.random() < 0.3:
            function = waiting.pop(0)
            running.append((function, Stepped(function)))
        if running:
            chosen = random.choice(running)
            function, stepped = chosen
            try:
                stepped.step(dies=False)
            except Stale:
                waiting.append(function)
            if stepped.finished:
                running.remove(chosen)

    assert company.told() == "client"
