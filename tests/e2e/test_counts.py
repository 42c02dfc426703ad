"""Counts by stage for every day of years, against telling every account and group apart (S3.37)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from tests.e2e.company import ACCOUNT_COLUMNS, DEAL_COLUMNS, company, write_csv
from tests.e2e.oracle import Oracle, days_between
from tests.e2e.world import caller, eventually, imported, pages
from tools.client import get_counts

YEARS_BACK = timedelta(days=4 * 365)
YEAR_AHEAD = timedelta(days=366)


@pytest.fixture(scope="module")
def client(stack):
    return caller(stack)


@pytest.fixture(scope="module")
def today(client):
    return date.fromisoformat(get_counts(client, {})["as_of"])


@pytest.fixture(scope="module")
def days(today):
    return list(days_between(today - YEARS_BACK, today + YEAR_AHEAD))


@pytest.fixture(scope="module")
def before(client, days):
    """What the workspace held already: other tests leave their accounts there."""
    return by_day(client, days)


@pytest.fixture(scope="module")
def loaded(client, today, before, tmp_path_factory):
    """The oracle, and the id of every account by its external id."""
    accounts, deals = company(19, today)
    folder = tmp_path_factory.mktemp("company")
    for records, columns, rows in (
        ("accounts", ACCOUNT_COLUMNS, accounts),
        ("deals", DEAL_COLUMNS, deals),
    ):
        job = imported(client, records, write_csv(folder / f"{records}.csv", columns, rows))
        assert job["status"] == "completed", job
    oracle = Oracle(accounts, deals, today)
    ids = {row["name"]: row["id"] for row in pages(client, "/v1/accounts", limit=200)}
    return oracle, {key: ids[account.name] for key, account in oracle.accounts.items()}


def by_day(client, days):
    answer = get_counts(client, {"from": days[0].isoformat(), "to": days[-1].isoformat()})
    return {
        date.fromisoformat(day["as_of"]): (Counter(day["accounts"]), Counter(day["groups"]))
        for day in answer["items"]
    }


def expected_on(day: date, oracle: Oracle) -> tuple[Counter[str], Counter[str]]:
    roots = [oracle.root(external_id) for external_id in oracle.accounts]
    stages: Mapping[str, str] = {root: oracle.stage(root, day) for root in set(roots)}
    return Counter(stages[root] for root in roots), Counter(stages.values())


def wrong_days(found, before, expected):
    """Return the days on which what came on top of `before` is not as expected."""
    return [
        (day.isoformat(), which)
        for day, totals in found.items()
        for which, number in (("accounts", 0), ("groups", 1))
        if totals[number] - before[day][number] != expected(day)[number]
        or before[day][number] - totals[number]
    ]


def test_every_day_of_years_equals_the_oracle(client, days, before, loaded):
    oracle, _ = loaded

    found = by_day(client, days)

    assert not wrong_days(found, before, lambda day: expected_on(day, oracle))
    assert len({tuple(sorted(accounts.items())) for accounts, _ in found.values()}) > 50


def test_single_days_equal_the_range(client, days, loaded):
    found = by_day(client, days)

    for day in Random(5).sample(days, 36):
        answer = get_counts(client, {"as_of": day.isoformat()})
        assert (Counter(answer["accounts"]), Counter(answer["groups"])) == found[day]
    long_ago = get_counts(client, {"as_of": "1899-12-31"})
    assert sum(long_ago["accounts"].values()) == long_ago["accounts"]["new_prospect"]


def test_yesterday_nothing_was_known(client, today, loaded):
    noon_before = f"{today - timedelta(days=1)}T12:00:00Z"

    answer = get_counts(client, {"known_at": noon_before})

    assert answer["reason"] == "NOT_KNOWN"
    assert not sum(answer["accounts"].values())


def test_a_deleted_and_a_moved_account_keep_their_past(client, today, days, before, loaded):
    oracle, ids = loaded
    parents = {account.parent for account in oracle.accounts.values()}
    leaves = [one for key, one in oracle.accounts.items() if key not in parents]
    deleted = next(one for one in leaves if not one.deals and one.parent is None)
    moved = next(one for one in leaves if one.deals and one.parent)
    new_parent = next(
        key
        for key, one in oracle.accounts.items()
        if not one.parent and key not in (deleted.external_id, oracle.root(moved.external_id))
    )
    after = Oracle([], [], today)
    after.accounts = {
        key: replace(one, parent=new_parent) if one is moved else one
        for key, one in oracle.accounts.items()
        if one is not deleted
    }

    client.delete(f"/v1/accounts/{ids[deleted.external_id]}")
    client.put(f"/v1/accounts/{ids[moved.external_id]}/parent", {"parent_id": ids[new_parent]})

    def expected(day):
        return expected_on(day, oracle if day < today else after)

    eventually(
        lambda: wrong_days(by_day(client, days), before, expected),
        lambda wrong: not wrong,
        within_seconds=30,
    )
