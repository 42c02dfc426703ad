"""Whole runs, by the real handlers, though workers die and messages come twice."""

import os
from random import Random

import pytest

from tests.integration.sync_crm.crm_copy import copy_of
from tests.integration.sync_crm.crm_lives import life_of
from tests.integration.sync_crm.crm_machine import reading

LIVES = int(os.environ.get("CRM_LIVES", "1"))
THINGS = int(os.environ.get("CRM_THINGS", "25"))
ABOUT_NOBODY = {
    ("activities", "account_id_missing"),
    ("activities", "stored_account_id_missing"),
}
KINDS = ("accounts", "deals", "contacts", "activities")


@pytest.mark.parametrize("seed", range(LIVES))
@pytest.mark.parametrize("vendor", ["hubspot", "salesforce"])
def test_whatever_happens_our_copy_equals_theirs(vendor, seed):
    with life_of(vendor, seed) as life:
        for _ in range(THINGS):
            for name in ("add_account", "add_deal", "add_contact", "add_activity"):
                getattr(life, name)()
        with reading(life.fake, random=Random(seed), kill_every=10, twice=0.2) as machine:
            machine.connect()
            read(machine, "full")
            check(machine, life)
            for _ in range(3):
                life.go_on(THINGS)
                read(machine, "changes")
                check_who_is_there(machine, life)
                life.go_on(THINGS // 2, silently=True)
                read(machine, "full")
                check(machine, life)
            before = machine.record_writes
            for mode in ("changes", "full"):
                read(machine, mode)
            assert machine.record_writes == before
            assert machine.killed > 10


def read(machine, mode):
    run = machine.run(mode)
    assert run.status in ("completed", "completed_with_errors"), run
    # An activity that is about nobody is told, and kept for later.
    assert set(machine.problems(run)) <= ABOUT_NOBODY


def check_who_is_there(machine, life):
    here, there = both(machine, life)
    for kind in KINDS:
        assert getattr(here, kind).keys() == getattr(there, kind).keys(), kind


def check(machine, life):
    here, there = both(machine, life)
    for kind in KINDS:
        mine, theirs = getattr(here, kind), getattr(there, kind)
        differing = {
            id_: (mine.get(id_), theirs.get(id_))
            for id_ in mine.keys() | theirs.keys()
            if mine.get(id_) != theirs.get(id_)
        }
        assert not differing, kind
    for kind in ("accounts", "deals", "contacts"):
        assert machine.of(kind).held == len(getattr(there, kind)), kind
    assert [kind for kind in KINDS if machine.of(kind).drift] == []


def both(machine, life):
    here, there = copy_of(machine), life.has()
    for id_ in [id_ for id_, one in there.activities.items() if one[0] is None and not one[2]]:
        del there.activities[id_]
        here.activities.pop(id_, None)
    return here, there
