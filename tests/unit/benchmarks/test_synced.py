"""The deployment of `sync_records` reads what is in its CRM, and writes it once."""

import pytest

from benchmarks.crm import companies_of, filled
from benchmarks.synced import synced_with

RECORDS = 50


@pytest.fixture
def crm():
    with filled(RECORDS) as fake:
        yield fake


def test_a_first_run_stores_all_and_the_next_ones_write_no_record(crm):
    steps: set[str] = set()
    with synced_with(crm.url) as synced:
        synced.run("changes", steps.add)
        stored, items = synced.ids(), synced.items_of_records()
        idle = synced.run("changes")
        again = synced.run("full")

        assert synced.items_of_records() == items
    numbers = {records: number for records, (number, _) in stored.items()}
    assert numbers == {
        "accounts": companies_of(RECORDS),
        "deals": len(crm.records("deals")),
        "contacts": len(crm.records("contacts")),
    }
    assert {"reading", "storing contacts", "settling deals", "verifying deals"} <= steps
    assert [dict(part.counts) for part in idle.parts] == [{}, {}, {}]
    assert [part.counts["unchanged"] for part in again.parts] == [10, 20, 20]
