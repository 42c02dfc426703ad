"""What rows of contacts and activities say (S3.34)."""

from datetime import UTC, datetime

import pytest

from stageline.domain.person_records import ActivityRecord, ContactRecord
from tests.unit.sync_crm.reading import read


def row(records, mapping=None, zone="Europe/Vienna", **cells):
    given = {"external_id": "1"} | cells
    text = "\t".join(given) + "\n" + "\t".join(given.values()) + "\n"
    return read(text, records, mapping, zone)


def activity(mapping=None, **cells):
    given = {"kind": "call", "occurred_at": "2026-01-05", "account_external_id": "a"} | cells
    return row("activities", mapping, **given)


def test_a_contact_says_who_somebody_is_and_what_they_are_where():
    (record,) = row(
        "contacts",
        first_name="Ada",
        last_name="Brandt",
        email="ada@example.com",
        account_external_id="a",
        roles="Decision Maker; billing, billing",
    ).records

    assert record == ContactRecord(
        line=2,
        external_id="1",
        first_name="Ada",
        last_name="Brandt",
        email="ada@example.com",
        account_external_id="a",
        roles=("decision_maker", "billing"),
    )
    assert ContactRecord.from_json(record.to_json()) == record


def test_roles_of_others_are_translated_one_by_one():
    mapping = {
        "contacts": {"columns": {"roles": "Role"}, "values": {"roles": {"boss": "champion"}}}
    }

    (record,) = row("contacts", mapping, last_name="B", Role="Boss|user").records

    assert record.roles == ("champion", "user")


@pytest.mark.parametrize(
    ("cell", "instant"),
    [
        ("2026-01-05", "2026-01-04T23:00:00Z"),
        ("2026-01-05 10:30", "2026-01-05T09:30:00Z"),
        ("2026-07-05T10:30:15.5Z", "2026-07-05T10:30:15.5Z"),
        ("2026-07-05T10:30:00+0200", "2026-07-05T08:30:00Z"),
    ],
)
def test_an_instant_without_offset_is_one_in_the_zone_of_the_workspace(cell, instant):
    (record,) = activity(occurred_at=cell).records

    assert record.occurred_at == datetime.fromisoformat(instant)
    assert ActivityRecord.from_json(record.to_json()) == record


def test_an_instant_may_be_written_in_another_form():
    mapping = {"activities": {"date_formats": ["DD.MM.YYYY HH:mm", "DD.MM.YYYY"]}}

    found = [
        activity(mapping, occurred_at=cell).records[0].occurred_at
        for cell in ("05.01.2026 10:30", "05.01.2026")
    ]

    assert found == [datetime(2026, 1, 5, 9, 30, tzinfo=UTC), datetime(2026, 1, 4, 23, tzinfo=UTC)]


def test_kinds_of_others_are_translated_and_defaults_fill_in():
    mapping = {"activities": {"values": {"kind": {"Phone": "call"}}, "defaults": {"two_way": True}}}

    (record,) = activity(mapping, kind="phone").records

    assert (record.kind, record.two_way) == ("call", True)


@pytest.mark.parametrize(
    ("records", "cells", "column", "code"),
    [
        ("contacts", {"job_title": "Buyer", "last_name": ""}, "last_name", "missing_value"),
        ("contacts", {"last_name": "B", "roles": "boss"}, "roles", "unknown_role"),
        ("contacts", {"last_name": "B" * 301}, "last_name", "too_long"),
        ("contacts", {"last_name": "B", "email": "nobody"}, "email", "invalid_email"),
        ("activities", {"kind": "fax"}, "kind", "unknown_kind"),
        ("activities", {"occurred_at": "soon"}, "occurred_at", "invalid_instant"),
        ("activities", {"occurred_at": "2026-02-30"}, "occurred_at", "invalid_instant"),
        ("activities", {"occurred_at": "0001-01-01"}, "occurred_at", "date_out_of_range"),
        ("activities", {"two_way": "perhaps"}, "two_way", "invalid_boolean"),
        ("activities", {"text": "x" * 10_001}, "text", "too_long"),
        ("activities", {"account_external_id": ""}, "account_external_id", "missing_value"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_row_is_named(records, cells, column, code):
    read_file = row("contacts", **cells) if records == "contacts" else activity(**cells)

    assert read_file.faults == [(2, column, code)]


def test_the_same_content_is_the_same_whatever_the_line():
    first, second = (
        ContactRecord(line=line, external_id="1", last_name="B", roles=("user",)) for line in (2, 9)
    )

    assert first.content() == second.content()
