"""Contacts that a CRM has merged: activities mean the winner, and nobody erased comes back."""

from dataclasses import replace

import pytest

from stageline import bootstrap
from stageline.domain.records import AccountRecord, GoneRecord
from stageline.domain.stamp import Stamp
from stageline.use_cases.contacts import link_account
from tests.integration.sync_crm.crm_part import store
from tests.integration.sync_crm.test_crm_people import (
    ADA,
    CALL,
    accounts_of,
    activity_of,
    contact_of,
    ids,
)

NEW = replace(ADA, external_id="n1")


def merged(loser, winner):
    return GoneRecord(line=1, external_id=loser, merged_into=winner)


def erase(machine, external_id):
    before = contact_of(machine, external_id)
    stamp = Stamp("officer", "request", machine.clock.now())
    bootstrap.contacts(machine.workspace).save(before, before.erased("r", stamp))


def stored(machine):
    contacts = [item for _, item in machine.stored().items() if item["SK"] == "CONTACT"]
    return [item for item in contacts if not item.get("deleted")]


@pytest.mark.over_moto
def test_the_loser_is_deleted_and_activities_that_name_it_are_with_the_winner(machine):
    store(machine, "contacts", [ADA, replace(ADA, external_id="c2")])

    job = store(machine, "contacts", [merged("c1", "c2")])
    again = store(machine, "contacts", [merged("c1", "c2")])
    store(machine, "activities", [replace(CALL, contact_external_ids=("c1", "c2"))])

    winner = ids(machine).contact_id("c2")
    assert (job.counts["went"], again.counts["unchanged"]) == (1, 1)
    assert (contact_of(machine).deleted, contact_of(machine).merged_into) == (True, winner)
    assert activity_of(machine).about.contact_ids == (winner,)


@pytest.mark.over_moto
def test_what_the_crm_made_of_two_goes_on_as_the_first_of_them(machine):
    store(machine, "contacts", [ADA, replace(ADA, external_id="c2")])
    first = contact_of(machine).contact_id
    row = replace(CALL, contact_external_ids=("n1",))
    store(machine, "activities", [row])

    job = store(
        machine,
        "contacts",
        [replace(NEW, job_title="Boss"), merged("c1", "n1"), merged("c2", "n1")],
    )
    moved = store(machine, "activities", [row])
    again = store(machine, "activities", [row])

    (contact,) = stored(machine)
    assert (contact["id"], contact["external_id"], contact["job_title"]) == (first, "n1", "Boss")
    assert (job.counts.get("came", 0), job.counts["went"]) == (0, 1)
    assert contact_of(machine, "c2").merged_into == first
    assert (moved.counts["changed"], again.counts["unchanged"]) == (1, 1)
    assert activity_of(machine).about.contact_ids == (first,)


def test_an_alias_of_somebody_who_was_erased_does_not_bring_them_back(machine):
    store(machine, "contacts", [ADA, replace(ADA, external_id="c2")])
    store(machine, "contacts", [merged("c2", "c1"), merged("c3", "c1")])
    erase(machine, "c1")

    store(machine, "contacts", [merged("c1", "n1"), merged("c4", "n1")])
    rows = [replace(ADA, external_id=one) for one in ("c1", "c2", "c3", "c4", "n1")]
    job = store(machine, "contacts", rows)
    calls = [
        replace(CALL, external_id=f"x{n}", contact_external_ids=(row.external_id,))
        for n, row in enumerate(rows)
    ]
    about = store(machine, "activities", calls)

    assert (job.counts["refused"], about.counts["refused"]) == (5, 5)
    assert {one.code for one in machine.problems(job)} == {"suppressed"}
    assert {one.code for one in machine.problems(about)} == {"suppressed"}
    assert stored(machine) == []
    assert machine.items("ACT#") == []


def test_who_was_merged_and_is_erased_stays_out_under_both_ids(machine):
    store(machine, "contacts", [ADA])
    store(machine, "contacts", [NEW, merged("c1", "n1")])
    erase(machine, "c1")

    job = store(machine, "contacts", [ADA, NEW])

    assert job.counts["refused"] == 2
    assert stored(machine) == []


def test_roles_on_a_merged_account_go_over_to_who_stands_for_it(machine):
    rows = [AccountRecord(line=1, external_id=one, name=one) for one in "ab"]
    store(machine, "accounts", rows)
    store(machine, "contacts", [replace(ADA, account_external_ids=("a",))])
    a, b = (ids(machine).account_id(one) for one in "ab")
    related, contact = bootstrap.related(machine.workspace), contact_of(machine)
    stamp = contact.changed
    link_account(related, contact.contact_id, a, ["champion"], expected=None, stamp=stamp)
    store(machine, "accounts", [merged("a", "b")])

    named_still = store(machine, "contacts", [replace(ADA, account_external_ids=("a",))])
    assert accounts_of(contact_of(machine)) == {b: ("champion",)}
    named_anew = store(machine, "contacts", [replace(ADA, account_external_ids=("b",))])
    again = store(machine, "contacts", [replace(ADA, account_external_ids=("b",))])

    assert accounts_of(contact_of(machine)) == {b: ("champion",)}
    assert [one.counts.get("changed", 0) for one in (named_still, named_anew, again)] == [1, 1, 0]


def test_activities_of_a_merged_account_are_those_of_the_winner(machine):
    rows = [AccountRecord(line=1, external_id=one, name=one) for one in "ab"]
    store(machine, "accounts", rows)
    row = replace(CALL, account_external_id="a")
    store(machine, "activities", [row])
    store(machine, "accounts", [merged("a", "b")])

    store(machine, "activities", [row])

    assert activity_of(machine).about.account_id == ids(machine).account_id("b")
