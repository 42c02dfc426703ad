"""A CRM as runs see it: rows, numbered, and what it does not have is gone."""

from datetime import UTC, datetime, timedelta

import pytest

from stageline.crm_ports import CrmSource
from stageline.domain.crm_errors import CrmUnavailable
from stageline.domain.crm_mapping import read_mapping
from stageline.domain.records import AccountRecord, GoneRecord
from stageline.domain.sync import Window
from sync_crm.noticed import Notice
from sync_crm.source import TranslatedSource
from tests.fakes.connector import MemoryConnector

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALL = Window(None, NOON + HOUR, "run")
CHANGES = Window(NOON + timedelta(seconds=1), NOON + HOUR, "run")


@pytest.fixture
def connector():
    connector = MemoryConnector(page_size=2)
    for name in "abc":
        connector.put("accounts", name, {"Name": name, "Website": "-"}, at=NOON)
    return connector


def source_of(connector, mapping=None):
    return TranslatedSource(connector, read_mapping(mapping), "UTC", quota_left=lambda: 7)


def account(line, name):
    return AccountRecord(
        line=line,
        external_id=name,
        name=name,
        in_crm=True,
        cleared=("country", "created_on", "domain", "industry", "owner_email"),
    )


def test_pages_go_on_from_their_places_and_rows_are_numbered(connector):
    source = source_of(connector)

    first = source.page("accounts", ALL, None, 1)
    second = source.page("accounts", ALL, first.place, 3)

    assert first.rows == [account(1, "a"), account(2, "b")]
    assert second.rows == [account(3, "c")]
    assert second.place is None
    assert source.noticed == {Notice("invalid_domain", "domain"): 1}


def test_only_what_is_mapped_is_asked_for(connector):
    fields = {"industry": None, "country": None, "created_on": None, "owner_email": "Owner2"}

    source_of(connector, {"accounts": {"fields": fields}}).page("accounts", ALL, None, 1)

    assert connector.asked[0].fields == ("Name", "Owner2", "Website")


def test_what_a_page_says_twice_of_a_merge_is_one_row(connector):
    connector.merge("accounts", "a", "b", at=NOON + timedelta(minutes=1))
    connector.touch("accounts", "c", at=NOON + timedelta(minutes=2))
    connector.page_size = 3

    page = source_of(connector).page("accounts", CHANGES, None, 1)

    assert [row.external_id for row in page.rows] == ["a", "b", "c"]
    assert len({row.line for row in page.rows}) == 3
    assert page.rows[0] == GoneRecord(line=1, external_id="a", merged_into="b")


def test_what_is_asked_for_and_not_there_is_gone(connector):
    connector.merge("accounts", "a", "b", at=NOON)
    connector.delete("accounts", "c", at=NOON, silently=True)
    source: CrmSource = source_of(connector)

    rows = source.fetch("accounts", ["a", "b", "c", "d"], 5)

    assert rows == [
        GoneRecord(line=5, external_id="a", merged_into="b"),
        account(6, "b"),
        GoneRecord(line=7, external_id="c"),
        GoneRecord(line=8, external_id="d"),
    ]


def test_nothing_is_gone_while_an_answer_has_records_without_ids(connector):
    connector.put("accounts", "", {"Name": "?"}, at=NOON)

    with pytest.raises(CrmUnavailable):
        source_of(connector).fetch("accounts", ["", "a"], 1)


def test_counts_and_quota_are_the_crms(connector):
    source = source_of(connector)

    assert (source.count("accounts"), source.quota_left()) == (3, 7)
