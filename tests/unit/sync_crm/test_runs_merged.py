"""Runs over what a CRM has merged: one record for all of them, and no record twice."""

from datetime import timedelta

import pytest

from stageline.domain.account import Account
from stageline.domain.deal import Deal
from tests.fakes.syncing import CRM
from tests.unit.sync_crm.test_import_protocol import unsettled
from tests.unit.sync_crm.test_runs import HOUR, Crm, synced


@pytest.fixture
def crm():
    # A page is stored by itself, in no order: the new record and its losers lie in several.
    return Crm(page_size=1)


def accounts_of(workspace):
    items = workspace.world.memory.items.values()
    return {one.external_id: one for one in items if isinstance(one, Account)}


def deals_of(workspace):
    items = workspace.world.memory.items.values()
    names = {one.account_id: name for name, one in accounts_of(workspace).items()}
    return {one.external_id: names.get(one.account_id) for one in items if isinstance(one, Deal)}


def filled(crm, **options):
    workspace = synced(crm, **options)
    for name in ("a1", "a2", "a3"):
        crm.put("accounts", name, {"Name": name}, at=workspace.now)
        deal = {"Name": name, "Outcome": "open"}
        crm.put("deals", f"d-{name}", deal, links={"account": [name]}, at=workspace.now)
    workspace.run()
    return workspace


@pytest.mark.parametrize("mode", ["changes", "full"])
@pytest.mark.parametrize("seed", range(5))
def test_a_new_record_made_of_two_goes_on_as_one_of_them_with_all_deals(crm, mode, seed):
    workspace = filled(crm, seed=seed, trouble=True)
    before = accounts_of(workspace)
    at = workspace.now + HOUR / 2
    crm.put("accounts", "new", {"Name": "New"}, at=at)
    crm.merge("accounts", "a1", "new", at=at)
    crm.merge("accounts", "a2", "new", at=at + timedelta(minutes=1))

    workspace.run(mode)

    accounts = accounts_of(workspace)
    went_on = accounts["new"].account_id
    assert went_on in {before[name].account_id for name in ("a1", "a2")}
    assert {name for name, one in accounts.items() if one.in_crm} == {"new", "a3"}
    assert deals_of(workspace) == {"d-a1": "new", "d-a2": "new", "d-a3": "a3"}
    assert workspace.syncs.state(CRM).of("accounts").held == 2
    assert not unsettled(workspace)


def test_a_record_that_goes_on_as_another_is_missed_when_it_goes_without_a_word(crm):
    workspace = filled(crm)
    at = workspace.now + HOUR / 2
    crm.put("accounts", "new", {"Name": "New"}, at=at)
    crm.merge("accounts", "a1", "new", at=at)
    for _ in range(2):
        workspace.run("full")
    crm.delete("accounts", "new", at=workspace.now, silently=True)

    workspace.run("full")

    assert not accounts_of(workspace)["new"].in_crm
    assert workspace.syncs.state(CRM).of("accounts").held == 2
