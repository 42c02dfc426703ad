"""Every account of an imported company, day by day over years, against the brute-force oracle."""

from datetime import date, timedelta

import pytest

from tests.e2e.company import ACCOUNT_COLUMNS, DEAL_COLUMNS, company, write_csv
from tests.e2e.oracle import Oracle, days_between
from tests.e2e.world import caller, imported, pages, stage_of

YEARS_BACK = timedelta(days=4 * 365)
YEAR_AHEAD = timedelta(days=366)


@pytest.fixture(scope="module")
def client(stack):
    return caller(stack)


@pytest.fixture(scope="module")
def today(client):
    """The day of the workspace, as the API says it."""
    account = client.post("/v1/accounts", {"name": "Which Day Is It Ltd"})
    return date.fromisoformat(stage_of(client, account["id"])["as_of"])


@pytest.fixture(scope="module")
def loaded(client, today, tmp_path_factory):
    """An oracle, and the ids of its accounts by external id (they have the names of the file)."""
    accounts, deals = company(7, today)
    folder = tmp_path_factory.mktemp("company")
    # Deals before their accounts, children before their parents.
    jobs = [
        imported(client, "deals", write_csv(folder / "deals.csv", DEAL_COLUMNS, deals)),
        imported(client, "accounts", write_csv(folder / "accounts.csv", ACCOUNT_COLUMNS, accounts)),
    ]
    assert [job["status"] for job in jobs] == ["completed", "completed"], jobs
    oracle = Oracle(accounts, deals, today)
    ids = {row["name"]: row["id"] for row in pages(client, "/v1/accounts", limit=200)}
    return oracle, {key: ids[account.name] for key, account in oracle.accounts.items()}


def test_history_equals_the_oracle_on_every_day(client, today, loaded):
    oracle, ids = loaded
    first, last = today - YEARS_BACK, today + YEAR_AHEAD

    wrong = []
    for external_id, account_id in ids.items():
        history = client.get(f"/v1/accounts/{account_id}/stages/crm_stage/history")
        for day, expected in oracle.stages(external_id, days_between(first, last)):
            shown = stage_in(history["segments"], day)
            if shown != expected:
                wrong.append((external_id, day.isoformat(), shown, expected))

    assert not wrong  # S0.2 to S0.13


def test_as_of_equals_the_oracle_where_it_changes(client, today, loaded):
    oracle, ids = loaded
    first, last = today - YEARS_BACK, today + YEAR_AHEAD
    lively = sorted(oracle.accounts, key=lambda one: -len(oracle.changes(one, first, last)))[:12]

    wrong = []
    for external_id in lively:
        changed_on = {day for day, _ in oracle.changes(external_id, first, last)}
        for day in sorted(changed_on | {day - timedelta(days=1) for day in changed_on} | {today}):
            answer = stage_of(client, ids[external_id], as_of=day.isoformat())
            if answer["stage"] != oracle.stage(external_id, day):
                wrong.append((external_id, day.isoformat(), answer["stage"]))
            assert answer["predicted"] == (day > today)

    assert not wrong


def test_next_change_is_the_next_day_on_which_the_oracle_changes(client, today, loaded):
    oracle, ids = loaded

    expected, told = {}, {}
    for external_id, account_id in ids.items():
        changes = oracle.changes(external_id, today, today + YEAR_AHEAD)[1:]
        expected[external_id] = (changes[0][0].isoformat(), changes[0][1]) if changes else None
        change = stage_of(client, account_id)["next_change"]
        told[external_id] = (change["on"], change["to"]) if change else None

    assert told == expected  # S0.9
    assert sum(one is not None for one in expected.values()) >= 5


def test_list_shows_what_the_oracle_says_today(client, today, loaded):
    oracle, ids = loaded

    rows = {row["id"]: row for row in pages(client, "/v1/accounts", limit=100, sort="-stage")}

    listed = {external_id: rows[account_id]["stage"] for external_id, account_id in ids.items()}
    assert listed == {one: oracle.stage(one, today) for one in ids}  # S0.1
    ranks = [row["rank"] for row in rows.values()]
    assert ranks == sorted(ranks, reverse=True)  # S0.10


def test_account_shows_what_the_file_said(client, loaded):
    oracle, ids = loaded
    external_id = next(one for one, account in oracle.accounts.items() if account.parent)

    account = client.get(f"/v1/accounts/{ids[external_id]}")

    assert account["external_id"] == external_id
    assert account["parent_id"] == ids[oracle.accounts[external_id].parent]
    assert account["root_id"] == ids[oracle.root(external_id)]
    assert account["stages"]["crm_stage"]["account_id"] == ids[external_id]


def stage_in(segments, day):
    """Return the stage that the history shows on a day."""
    text = day.isoformat()
    fitting = [
        segment["stage"]
        for segment in segments
        if (segment["from"] is None or segment["from"] <= text)
        and (segment["to"] is None or text <= segment["to"])
    ]
    assert len(fitting) == 1, f"{day}: {fitting}"
    return fitting[0]
