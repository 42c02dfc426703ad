"""An entry of the journal survives as JSON and is never half understood."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from stageline.domain.journal import JournalEntry, UnreadableEntry
from stageline.domain.pins import Pin
from stageline.domain.workspace import Workspace

ENTRY = JournalEntry(
    workspace=Workspace("acme"),
    request_id="r1",
    part=2,
    way="mask_selected",
    approved_by="officer",
    approved_at=datetime(2026, 3, 2, 12, 0, 0, 5, tzinfo=UTC),
    policy="0a",
    contact_ids=("c1", "c2"),
    member_ids=("m1",),
    identifiers=("1.email.0c", "2.phone.0d"),
    pins=(Pin("deal", "d1", "name"), Pin("account", "a1", "custom.region")),
    fields=("name", "job_title"),
)


def changed(**values):
    return json.dumps(json.loads(ENTRY.to_json()) | values)


def test_an_entry_comes_back_as_it_was_written():
    assert JournalEntry.from_json(ENTRY.to_json()) == ENTRY


def test_an_entry_is_one_text_whatever_the_zone_it_was_approved_in():
    elsewhere = ENTRY.approved_at.astimezone(timezone(timedelta(hours=2)))
    values = {name: getattr(ENTRY, name) for name in ENTRY.__slots__}

    assert JournalEntry(**values | {"approved_at": elsewhere}).to_json() == ENTRY.to_json()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("[]", id="no object"),
        pytest.param(ENTRY.to_json()[:-9], id="cut off"),
        pytest.param(changed(version=2), id="another version"),
        pytest.param(changed(way="forget"), id="another way"),
        pytest.param(changed(pins=[["planet", "p1", "name"]]), id="another kind of record"),
        pytest.param(changed(workspace="ACME#"), id="no workspace"),
        pytest.param('{"version": 1}', id="of nothing"),
    ],
)
def test_what_is_no_entry_of_this_version_is_refused(text):
    with pytest.raises(UnreadableEntry):
        JournalEntry.from_json(text)
