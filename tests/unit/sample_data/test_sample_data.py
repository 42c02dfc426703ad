"""The sample company's CRM export."""

from collections import Counter
from datetime import date, timedelta

import pytest

from tests.e2e.oracle import Oracle
from tools.sample_data import records, write
from tools.sample_data.accounts import COLUMNS as ACCOUNT_COLUMNS
from tools.sample_data.accounts import STAGES
from tools.sample_data.activities import COLUMNS as ACTIVITY_COLUMNS
from tools.sample_data.contacts import COLUMNS as CONTACT_COLUMNS
from tools.sample_data.contacts import name_of
from tools.sample_data.deals import COLUMNS as DEAL_COLUMNS

DAYS = [date(2024, 2, 29), date(2025, 8, 31), date(2026, 11, 22), date(2027, 1, 1)]


def what_is_loaded(today):
    """An oracle over the rows, without the one of each file that an import refuses."""
    rows = records(today)
    return Oracle(
        [row for row in rows.accounts if row["external_id"] != "ACC-9000"],
        [row for row in rows.deals if row["currency"]],
        today,
    )


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_all_six_stages_are_well_spread_on_any_day(today):
    oracle = what_is_loaded(today)

    counts = Counter(oracle.stage(account, today) for account in oracle.accounts)

    assert set(counts) == set(STAGES)  # S0.1
    assert min(counts.values()) >= 15


def test_some_stages_change_by_themselves_within_three_weeks():
    today = DAYS[2]
    oracle = what_is_loaded(today)

    soon = [
        account
        for account in oracle.accounts
        if len(oracle.changes(account, today, today + timedelta(days=21))) > 1
    ]

    assert len(soon) >= 5  # S0.9


def test_same_day_gives_the_same_bytes(tmp_path):
    first = write(tmp_path / "first", DAYS[0])
    second = write(tmp_path / "second", DAYS[0])

    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_files_have_the_canonical_columns(tmp_path):
    paths = write(tmp_path, DAYS[0])

    headers = [path.read_text("utf-8").splitlines()[0].split(",") for path in paths]

    all_columns = (ACCOUNT_COLUMNS, DEAL_COLUMNS, CONTACT_COLUMNS, ACTIVITY_COLUMNS)
    assert headers == [list(columns) for columns in all_columns]


def test_groups_nest_and_children_may_come_first():
    accounts = records(DAYS[0]).accounts
    parent_of = {row["external_id"]: row["parent_external_id"] for row in accounts}
    positions = {row["external_id"]: position for position, row in enumerate(accounts)}

    nested = [one for one, parent in parent_of.items() if parent and parent_of[parent]]
    before_parent = [
        one for one, parent in parent_of.items() if parent and positions[one] < positions[parent]
    ]

    assert 250 <= len(accounts) <= 500
    assert len(nested) >= 10
    assert before_parent


def test_export_has_dents():
    rows = records(DAYS[0])
    known = {row["external_id"] for row in rows.accounts}

    owners = Counter(
        "nobody" if not row["account_external_id"] else row["account_external_id"] in known
        for row in rows.deals
    )
    undated = [row for row in rows.deals if row["status"].casefold() != "open"]

    assert owners["nobody"] >= 3
    assert owners[False] == 1
    assert sum(not row["closed_on"] for row in undated) == 5
    assert [row["roles"] for row in rows.contacts if not row["email"]] == ["front desk"]
    assert [row["kind"] for row in rows.activities].count("fax") == 1
    assert sum(bool(row["amount"] and not row["currency"]) for row in rows.deals) == 1


def test_addresses_are_nobodys():
    rows = records(DAYS[0])
    owners = {row["owner_email"] for file in rows for row in file} - {""}
    people = [row for row in rows.contacts if row["email"]]
    phones = [row["phone"] for row in people if row["phone"]]

    assert all(owner.endswith("@example.com") for owner in owners)
    assert all(row["domain"].endswith(".example.com") for row in rows.accounts)
    assert all(row["email"].endswith(".example.com") for row in people)
    assert all(phone.startswith("+1 202 555 01") and len(phone) == 15 for phone in phones)


def test_nobody_shares_a_name_an_address_or_a_number():
    people = [row for row in records(DAYS[0]).contacts if row["email"]]

    for column in ("email", "phone"):
        told = [row[column] for row in people if row[column]]
        assert len(set(told)) == len(told) > 50
    assert len({name_of(row) for row in people}) == len(people)


def test_people_are_few_and_belong_to_the_owners_of_their_accounts():
    rows = records(DAYS[0])
    accounts = {row["external_id"]: row for row in rows.accounts}
    known = {row["external_id"] for row in rows.contacts}

    of_account = Counter(row["account_external_id"] for row in rows.contacts)

    assert 200 <= len(rows.contacts) <= 300
    assert 200 <= len(rows.activities) <= 301
    assert max(of_account.values()) <= 3
    for row in rows.contacts:
        assert row["owner_email"] == accounts[row["account_external_id"]]["owner_email"]
    for row in rows.activities:
        assert row["account_external_id"] in accounts
        assert row["contact_external_id"] in known | {""}
        assert row["occurred_at"][:10] < DAYS[0].isoformat()


def test_each_contact_is_named_in_a_text_that_outlives_them():
    rows = records(DAYS[0])
    of_accounts = {
        row["account_external_id"]: row["text"]
        for row in rows.activities
        if not row["contact_external_id"]
    }
    people = [row for row in rows.contacts if row["email"]]

    named = [row for row in people if name_of(row) in of_accounts[row["account_external_id"]]]
    in_deals = [deal for deal in rows.deals for row in people if name_of(row) in deal["name"]]

    assert named == people
    assert len({row["name"] for row in in_deals}) == 2


def test_external_ids_are_unique():
    rows = records(DAYS[0])

    for file in rows:
        assert len({row["external_id"] for row in file}) == len(file)
