"""Our copy is held against what the CRM has, record by record."""

from typing import Any

from stageline.domain.job_states import RECORDS, Records
from stageline.domain.sync import Mode
from tests.integration.sync_crm.crm_copy import Copy, copy_of
from tests.integration.sync_crm.crm_machine import CrmMachine

ABOUT_NOBODY = {
    ("activities", "account_id_missing"),
    ("activities", "stored_account_id_missing"),
}

# Which of them are stored, whatever else they say.
SURE: tuple[Records, ...] = ("accounts", "deals", "contacts")


def read(machine: CrmMachine, mode: Mode) -> None:
    run = machine.run(mode)
    assert run.status in ("completed", "completed_with_errors"), run
    # An activity that is about nobody is told, and kept for later.
    assert set(machine.problems(run)) <= ABOUT_NOBODY


def check_who_is_there(machine: CrmMachine, life: Any) -> None:
    here, there = both(machine, life)
    for kind in RECORDS:
        assert getattr(here, kind).keys() == getattr(there, kind).keys(), kind


def check(machine: CrmMachine, life: Any) -> None:
    here, there = both(machine, life)
    for kind in RECORDS:
        mine, theirs = getattr(here, kind), getattr(there, kind)
        differing = {
            id_: (mine.get(id_), theirs.get(id_))
            for id_ in mine.keys() | theirs.keys()
            if mine.get(id_) != theirs.get(id_)
        }
        assert not differing, kind
    for kind in SURE:
        assert machine.of(kind).held == len(getattr(there, kind)), kind
    assert [kind for kind in RECORDS if machine.of(kind).drift] == []


def both(machine: CrmMachine, life: Any) -> tuple[Copy, Copy]:
    here, there = copy_of(machine), life.has()
    for id_ in [id_ for id_, one in there.activities.items() if one[0] is None and not one[2]]:
        del there.activities[id_]
        here.activities.pop(id_, None)
    return here, there
