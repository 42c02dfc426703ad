"""Whole runs, by the real handlers, though workers die and messages come twice."""

import os
from random import Random

import pytest

from tests.integration.sync_crm.crm_checks import check, check_who_is_there, read
from tests.integration.sync_crm.crm_lives import life_of
from tests.integration.sync_crm.crm_machine import reading

LIVES = int(os.environ.get("CRM_LIVES", "1"))
THINGS = int(os.environ.get("CRM_THINGS", "25"))


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
