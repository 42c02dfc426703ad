"""Accounts that a CRM has merged: names of the losers mean the winner, and deals follow at once."""

from dataclasses import replace
from itertools import permutations

import pytest

from stageline.domain.account import Account
from stageline.domain.deal import Deal
from stageline.domain.records import DealRecord
from tests.unit.sync_crm.simulation import CRM, Importer
from tests.unit.sync_crm.test_crm_rows import account, counts, gone, run, stored
from tests.unit.sync_crm.test_import_protocol import unsettled


def deal(account_external_id, external_id="d1"):
    return DealRecord(
        line=1,
        external_id=external_id,
        name="D",
        status="open",
        account_external_id=account_external_id,
    )


def by_name(importer):
    return {one.external_id: one for one in stored(importer, Account)}


def account_of_deal(importer, external_id="d1"):
    """Return the external id of the account that the deal counts for."""
    (found,) = (one for one in stored(importer, Deal) if one.external_id == external_id)
    names = {one.account_id: one.external_id for one in stored(importer, Account)}
    return names.get(found.account_id)


def imported(*names):
    importer = Importer(1, trouble=False)
    run(importer, [account(name, name=name) for name in names])
    return importer


def test_the_deals_of_the_loser_move_to_the_winner_and_its_presence_ends():
    importer = imported("a1", "a2")
    run(importer, [deal("a1")], "deals")

    job = run(importer, [gone("a1", merged_into="a2")])

    accounts = by_name(importer)
    assert counts(job, "changed", "went") == (1, 1)
    assert not accounts["a1"].in_crm
    assert accounts["a1"].merged_into == accounts["a2"].account_id
    assert account_of_deal(importer) == "a2"
    assert not unsettled(importer)


def test_deals_of_others_and_those_that_are_gone_stay_with_the_loser():
    importer = imported("a1", "a2")
    run(importer, [deal("a1"), deal("a1", "d2")], "deals")
    run(importer, [gone("d2")], "deals")
    loser = by_name(importer)["a1"]
    importer.world.add_deal("by hand", loser.account_id)

    run(importer, [gone("a1", merged_into="a2")])

    left = {one.deal_id for one in stored(importer, Deal) if one.account_id == loser.account_id}
    assert len(left) == 2
    assert account_of_deal(importer) == "a2"


def test_whoever_names_the_loser_later_means_the_winner():
    importer = imported("a1", "a2", "a3")
    run(importer, [gone("a1", merged_into="a2")])

    run(importer, [deal("a1")], "deals")
    run(importer, [account("a3", parent_external_id="a1")])

    accounts = by_name(importer)
    assert account_of_deal(importer) == "a2"
    assert accounts["a3"].parent_id == accounts["a2"].account_id
    again = run(importer, [deal("a1")], "deals"), run(importer, [gone("a1", merged_into="a2")])
    assert [counts(one, "unchanged") for one in again] == [(1,), (1,)]
    assert by_name(importer) == accounts


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_merges_after_each_other_lead_to_the_last_winner_in_whatever_order_they_are_told(order):
    merges = [gone(f"a{n}", merged_into=f"a{n + 1}") for n in (1, 2, 3)]
    importer = imported("a1", "a2", "a3", "a4")
    run(importer, [deal(f"a{n}", f"d{n}") for n in (1, 2, 3)], "deals")

    for place in order:
        run(importer, [merges[place]])

    assert [account_of_deal(importer, f"d{n}") for n in (1, 2, 3)] == ["a4"] * 3
    assert not unsettled(importer)


def test_what_the_crm_made_of_two_goes_on_as_the_first_of_them():
    importer = imported("a1", "a2")
    first = by_name(importer)["a1"]
    run(importer, [deal("a1"), deal("a2", "d2")], "deals")

    job = run(
        importer,
        [
            account("n1", name="New"),
            gone("a1", merged_into="n1"),
            gone("a2", merged_into="n1"),
        ],
    )

    accounts = by_name(importer)
    assert accounts.keys() == {"n1", "a2"}
    assert accounts["n1"].account_id == first.account_id
    assert (accounts["n1"].profile.name, accounts["n1"].in_crm) == ("New", True)
    assert accounts["a2"].merged_into == first.account_id
    assert [account_of_deal(importer, one) for one in ("d1", "d2")] == ["n1", "n1"]
    # Two were here, one is.
    assert counts(job, "came", "went") == (0, 1)
    assert not unsettled(importer)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_new_record_and_those_it_was_made_of_may_come_in_any_order(order):
    rows = [account("n1"), gone("a1", merged_into="n1"), gone("a2", merged_into="n1")]
    importer = imported("a1", "a2")
    run(importer, [deal("a1"), deal("a2", "d2")], "deals")

    for place in order:
        run(importer, [rows[place]])
    run(importer, [rows[place] for place in order])

    (winner,) = (one for one in stored(importer) if one.merged_into is None)
    assert (winner.external_id, winner.in_crm) == ("n1", True)
    assert [account_of_deal(importer, one) for one in ("d1", "d2")] == ["n1", "n1"]
    assert not unsettled(importer)
    before = stored(importer)
    again = run(importer, [rows[place] for place in order])
    assert counts(again, "changed", "created") == (0, 0)
    assert stored(importer) == before


def test_a_new_record_may_be_merged_into_a_third():
    importer = imported("a1", "a2")
    run(importer, [account("n1"), gone("a1", merged_into="n1")])

    run(importer, [gone("n1", merged_into="n2"), account("n2")])
    run(importer, [deal("a1"), deal("n1", "d2"), deal("n2", "d3")], "deals")
    run(importer, [gone("n2", merged_into="a2")])

    assert by_name(importer).keys() == {"n2", "a2"}
    assert [account_of_deal(importer, f"d{n}") for n in (1, 2, 3)] == ["a2"] * 3


def test_a_row_of_what_goes_on_as_another_record_is_refused():
    importer = imported("a1")
    run(importer, [account("n1"), gone("a1", merged_into="n1")])

    job = run(importer, [account("a1", name="Back")])

    assert counts(job, "refused") == (1,)
    (problem,), _ = importer.jobs.problems(job.job_id, 10)
    assert problem.code == "external_id_merged"
    assert by_name(importer)["n1"].profile.name == "A"
    assert counts(run(importer, [gone("a1")]), "unchanged", "went") == (1, 0)


def test_a_loser_that_the_crm_has_again_stands_for_itself():
    importer = imported("a1", "a2")
    run(importer, [gone("a1", merged_into="a2")])

    job = run(importer, [account("a1", name="a1")])
    run(importer, [deal("a1")], "deals")

    assert counts(job, "came") == (1,)
    assert by_name(importer)["a1"].merged_into is None
    assert account_of_deal(importer) == "a1"


def test_deals_that_wait_for_a_merged_account_find_who_stands_for_it():
    importer = imported("a1")
    run(importer, [deal("n1"), deal("a9", "d2")], "deals")

    run(importer, [gone("a9", merged_into="a1"), gone("a1", merged_into="n1")])
    run(importer, [account("n1")])

    assert [account_of_deal(importer, one) for one in ("d1", "d2")] == ["n1", "n1"]
    assert not any(one.waiting for one in stored(importer, Deal))
    assert not unsettled(importer)


def test_children_that_await_the_new_record_come_under_who_goes_on_as_it():
    importer = imported("a1")
    run(importer, [account("a2", parent_external_id="n1")])

    run(importer, [gone("a1", merged_into="n1"), account("n1")])

    accounts = by_name(importer)
    assert accounts["a2"].parent_id == accounts["n1"].account_id
    assert not unsettled(importer)


def test_two_that_are_merged_into_each_other_are_gone_and_nobody_turns_in_circles():
    importer = imported("a1", "a2")
    run(importer, [deal("a1"), deal("a2", "d2")], "deals")

    run(importer, [gone("a1", merged_into="a2"), gone("a2", merged_into="a1")])
    run(importer, [gone("a3", merged_into="a4"), gone("a4", merged_into="a3")])
    run(importer, [gone("a5", merged_into="a5")])

    assert not any(one.in_crm for one in stored(importer))
    merged = replace(importer.imports.records, integration=CRM).merged_accounts
    assert len(set(merged.standing([merged.id_of("a1"), merged.id_of("a2")]).ids.values())) == 1
    assert not unsettled(importer)
