"""A file goes in by its door, and the accounts answer with their stages."""

from dataclasses import replace
from datetime import date

import pytest

from stageline import bootstrap
from stageline.domain.stamp import Stamp
from stageline.use_cases.accounts import delete_account

ACCOUNTS = """external_id,name,parent_external_id,owner_email,created_on,in_crm
c1,Child One,p,ann@example.com,2024-01-02,
p,Parent,,,2023-01-01,yes
g,Grandchild,c1,,,
n,Not There,,,,no
"""
DEALS = """external_id,account_external_id,name,status,opened_on,closed_on,amount,currency
d1,g,Won one,won,2024-01-01,2024-02-01,100.50,EUR
d2,n,Open one,open,2026-03-01,,,
d3,,Nobody's,open,2026-03-01,,,
d4,later,Waiting,open,2026-03-01,,,
"""


@pytest.mark.over_moto
def test_accounts_and_deals_are_in_with_their_stages(machine):
    accounts = machine.run("accounts", ACCOUNTS)
    deals = machine.run("deals", DEALS)

    assert (accounts.status, accounts.problems) == ("completed", 0), machine.problems(accounts)
    assert accounts.counts == {"read": 4, "refused": 0, "created": 4, "linked": 2}
    assert deals.status == "completed"
    assert deals.counts == {"read": 4, "refused": 0, "created": 4, "unassigned": 1, "waiting": 1}
    # S0.12: the group of three pools the won deal of its grandchild.
    assert machine.stages() == {
        "Parent": "client",
        "Child One": "client",
        "Grandchild": "client",
        "Not There": "pipeline",
    }


def test_no_file_outlives_its_import(machine):
    machine.run("accounts", ACCOUNTS)
    machine.run("accounts", "no,heading\n")

    assert bootstrap.working_files(machine.workspace).held() == []


@pytest.mark.over_moto
def test_the_same_files_twice_write_nothing_at_all(machine):
    # S3.34
    machine.run("accounts", ACCOUNTS)
    machine.run("deals", DEALS)
    before = machine.stored()
    machine.record_writes = 0

    accounts = machine.run("accounts", ACCOUNTS)
    deals = machine.run("deals", DEALS)

    assert machine.record_writes == 0
    assert machine.stored() == before
    assert (accounts.counts["unchanged"], deals.counts["unchanged"]) == (4, 4)


def test_deals_may_come_before_their_accounts(machine):
    machine.run("deals", DEALS)
    assert machine.stages() == {}

    machine.run("accounts", ACCOUNTS + "later,Later,,,,\n")

    assert machine.stages()["Later"] == "pipeline"
    assert machine.stages()["Grandchild"] == "client"
    assert [item.get("waiting") for item in machine.items("DEAL#")] == [None] * 4


@pytest.mark.over_moto
def test_children_may_come_in_an_earlier_file_than_their_parents(machine):
    children = machine.run("accounts", "external_id,name,parent_external_id\nc,Child,p\n")
    assert children.status == "completed_with_errors"
    problem = machine.problems(children)[0]
    assert (problem.line, problem.column, problem.code) == (
        2,
        "parent_external_id",
        "parent_unknown",
    )

    parents = machine.run("accounts", "external_id,name\np,Parent\n")

    assert (parents.status, parents.counts["linked"]) == ("completed", 1)
    child, parent = sorted(machine.items("META"), key=lambda item: item["name"])
    assert child["parent_id"] == parent["id"]
    assert "awaited_parent_id" not in child


def test_parents_in_a_circle_are_reported_and_their_accounts_are_in(machine):
    job = machine.run(
        "accounts",
        "external_id,name,parent_external_id\na,A,b\nb,B,c\nc,C,a\nd,D,a\ne,E,e\nf,F,\n",
    )

    problems = machine.problems(job)
    assert job.status == "completed_with_errors"
    assert [(p.line, p.code, len(p.chain)) for p in problems] == [
        (2, "group_cycle", 4),
        (3, "group_cycle", 4),
        (4, "group_cycle", 4),
        (6, "group_cycle", 2),
    ]
    assert all(problem.chain[0] == problem.chain[-1] for problem in problems)
    assert "lines 2, 3, 4" in problems[0].message
    parents = {item["name"]: "parent_id" in item for item in machine.items("META")}
    assert parents == {"A": False, "B": False, "C": False, "D": True, "E": False, "F": False}


@pytest.mark.over_moto
def test_an_account_moves_with_its_children_and_their_deals(machine):
    machine.run("accounts", "external_id,name,parent_external_id\nt,Top,\nm,Mid,\nl,Leaf,m\n")
    machine.run("deals", "external_id,account_external_id,name,status\nd,l,Deal,open\n")

    job = machine.run("accounts", "external_id,name,parent_external_id\nm,Middle,t\n")

    assert (job.status, job.counts["linked"]) == ("completed", 1)
    accounts = {item["name"]: item for item in machine.items("META")}
    roots = {item["memberships"][-1][0] for item in accounts.values()}
    assert accounts["Leaf"]["parent_id"] == accounts["Middle"]["id"]
    assert accounts["Middle"]["parent_id"] == accounts["Top"]["id"]
    assert roots == {accounts["Top"]["id"]}
    assert machine.stages() == {"Top": "pipeline", "Middle": "pipeline", "Leaf": "pipeline"}
    assert machine.items("HOLD") == []


def test_it_does_not_matter_into_how_many_files_an_export_was_split(machine):
    rows = ["t,Top,\n", "m,Mid,t\n", "l,Leaf,m\n"]
    for day, row in enumerate(reversed(rows), 1):
        machine.clock.set_day(date(2026, 6, day))
        machine.run("accounts", f"external_id,name,parent_external_id\n{row}")

    top = next(item for item in machine.items("META") if item["name"] == "Top")
    for item in machine.items("META"):
        # Whoever awaited its parent has been under it from the beginning.
        assert item["memberships"][-1][:2] == [top["id"], None]


def test_a_changed_row_changes_what_it_says_and_nothing_else(machine):
    machine.run("accounts", ACCOUNTS)
    machine.clock.set_day(date(2026, 6, 1))

    job = machine.run("accounts", "external_id,name,in_crm\np,Parent AG,\nc1,Child One,no\n")

    assert job.counts == {"read": 2, "refused": 0, "changed": 2}
    child, parent = (
        next(item for item in machine.items("META") if item["name"] == name)
        for name in ("Child One", "Parent AG")
    )
    assert (child["owner_email"], child["created_on"]) == ("ann@example.com", "2024-01-02")
    assert child["parent_id"] == parent["id"]
    assert child["presence"][-1] == [False, "2026-06-01"]


def test_a_reopened_and_a_moved_deal(machine):
    machine.run("accounts", ACCOUNTS)
    machine.run("deals", DEALS)
    assert machine.stages()["Parent"] == "client"

    machine.run(
        "deals",
        "external_id,account_external_id,name,status\nd1,n,Won one,open\n",
    )

    assert machine.stages() == {
        "Parent": "in_crm",
        "Child One": "in_crm",
        "Grandchild": "in_crm",
        "Not There": "pipeline",
    }
    deal = next(item for item in machine.items("DEAL#") if item["name"] == "Won one")
    assert [seen[0] for seen in deal["observations"]] == ["won", "open"]
    assert deal["amount"] == "100.50"


@pytest.mark.over_moto
def test_an_older_import_never_overwrites_a_newer_one(machine):
    older = machine.ask("accounts")
    machine.run("accounts", "external_id,name\na,New\n")

    job = machine.run("accounts", "external_id,name\na,Old\nb,Other\n", job=older)

    assert (job.counts["superseded"], job.counts["created"]) == (1, 1)
    assert sorted(item["name"] for item in machine.items("META")) == ["New", "Other"]


def test_what_a_newer_import_confirmed_is_not_overwritten_by_an_older_one(machine):
    machine.run("accounts", "external_id,name\na,Right\n")
    older = machine.ask("accounts")
    machine.run("accounts", "external_id,name\na,Right\n")

    machine.run("accounts", "external_id,name\na,Wrong\n", job=older)

    assert [item["name"] for item in machine.items("META")] == ["Right"]


def test_a_dry_run_says_what_would_happen_and_writes_nothing_but_the_job(machine):
    machine.run("accounts", ACCOUNTS)
    before = machine.stored()
    machine.record_writes = 0

    job = machine.run(
        "accounts",
        "external_id,name,parent_external_id\np,Parent,n\ng,Grandchild,c1\nx,X,y\nz,Z,x\nn,N,p\n",
        dry_run=True,
    )

    assert machine.record_writes == 0
    assert machine.stored() == before
    assert job.counts == {"read": 5, "refused": 0, "created": 2, "changed": 2, "unchanged": 1}
    assert {(p.line, p.code) for p in machine.problems(job)} == {
        (2, "group_cycle"),
        (6, "group_cycle"),
        (4, "parent_unknown"),
    }


def test_a_dry_run_does_not_create_the_integration(machine):
    machine.run("accounts", ACCOUNTS, dry_run=True)
    assert not machine.items("INTEGRATION#")

    machine.run("accounts", ACCOUNTS)
    assert len(machine.items("INTEGRATION#")) == 1


def test_a_second_upload_for_the_same_job_changes_nothing(machine):
    job = machine.ask("accounts")
    machine.run("accounts", ACCOUNTS, job=job)
    before = machine.stored()

    again = machine.run("accounts", "external_id,name\nq,Q\n", job=job)

    assert machine.stored() == before
    assert again.counts["read"] == 4


def test_a_deleted_account_comes_back_with_the_next_file(machine):
    text = "external_id,name\na,A\n"
    machine.run("accounts", text)
    account_id = machine.items("META")[0]["id"]
    stamp = Stamp("somebody", "request", machine.clock.now())
    delete_account(
        bootstrap.accounts(machine.workspace),
        bootstrap.deals(machine.workspace),
        bootstrap.contacts(machine.workspace),
        bootstrap.tasks(machine.workspace),
        account_id,
        customs=bootstrap.customs(machine.workspace),
        expected=None,
        today=date(2026, 5, 4),
        stamp=stamp,
    )

    job = machine.run("accounts", text)

    assert job.counts["changed"] == 1
    assert "deleted" not in machine.items("META")[0]
    assert machine.stages() == {"A": "in_crm"}


def test_custom_values_and_tags_are_none_of_an_imports_business(machine):
    machine.run("accounts", "external_id,name\na,A\n")
    accounts = bootstrap.accounts(machine.workspace)
    account = accounts.get(machine.items("META")[0]["id"])
    said = replace(account.profile, custom={"level": "gold"}, tags=("Key",))
    accounts.save(replace(account, profile=said, rev=account.rev + 1))

    job = machine.run("accounts", "external_id,name\na,Renamed\n")

    assert job.counts["changed"] == 1
    found = accounts.get(account.account_id).profile
    assert (found.name, found.custom, found.tags) == ("Renamed", {"level": "gold"}, ("Key",))
