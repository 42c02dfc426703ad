"""The CRM in memory keeps to the port as the real ones do."""

from datetime import UTC, datetime, timedelta

import pytest

from stageline.crm_ports import Connector
from stageline.domain.crm_errors import CrmUnavailable
from stageline.domain.crm_records import Ask, CrmRecord
from tests.fakes.connector import MemoryConnector

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def read(connector: Connector, since=None, until=NOON + 24 * HOUR, fields=("Name",)):
    ask = Ask(records="accounts", fields=fields, since=since, until=until)
    found: list[CrmRecord] = []
    while True:
        page = connector.page(ask)
        found += page.records
        if page.place is None:
            return found
        ask = Ask(records="accounts", fields=fields, since=since, until=until, place=page.place)


def test_records_with_equal_times_are_all_read_once_over_pages():
    connector = MemoryConnector(page_size=2)
    for number in range(5):
        connector.put("accounts", str(number), {"Name": "A", "Secret": 1}, at=NOON)

    found = read(connector)

    assert [one.external_id for one in found] == list("01234")
    assert found[0].values == {"Name": "A"}
    assert len(connector.asked) == 3


def test_a_window_has_its_beginning_and_not_its_end():
    connector = MemoryConnector()
    for number in range(3):
        connector.put("accounts", str(number), at=NOON + number * HOUR)

    found = read(connector, NOON, NOON + 2 * HOUR)

    assert [one.external_id for one in found] == ["0", "1"]


def test_what_was_deleted_is_told_in_changes_and_is_not_in_all_there_is():
    connector = MemoryConnector()
    for name in ("told", "silent", "there"):
        connector.put("accounts", name, {"Name": name}, at=NOON)
    connector.delete("accounts", "told", at=NOON + HOUR)
    connector.delete("accounts", "silent", at=NOON + HOUR, silently=True)

    assert [one.external_id for one in read(connector)] == ["there"]
    assert read(connector, NOON + HOUR) == [CrmRecord(external_id="told", is_gone=True)]
    assert [
        (one.external_id, one.is_gone)
        for one in connector.fetch("accounts", ["told", "silent", "there"], ["Name"])
    ] == [("told", True), ("there", False)]
    assert connector.count("accounts") == 1


def test_a_chain_of_merges_ends_at_the_last_winner():
    connector = MemoryConnector()
    for name in "abc":
        connector.put("accounts", name, at=NOON)
    connector.merge("accounts", "a", "b", at=NOON + HOUR)
    connector.merge("accounts", "b", "c", at=NOON + 2 * HOUR)

    found = {one.external_id: one for one in read(connector, NOON + HOUR)}

    assert (found["a"].merged_into, found["b"].merged_into) == ("c", "c")
    assert found["c"].merged == ("a", "b")


def test_an_error_comes_once():
    connector = MemoryConnector(errors=[CrmUnavailable("down")])

    with pytest.raises(CrmUnavailable):
        connector.count("deals")

    assert connector.count("deals") == 0
