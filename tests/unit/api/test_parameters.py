"""Query parameters are read exactly, or refused by name."""

from datetime import UTC, date, datetime

import pytest

from api.addresses.accounts import KNOWN_AT, LIST_FILTERS
from api.parameters import parse_query
from api.route import AS_OF, CURSOR, LIMIT
from stageline.domain.errors import Invalid


def read(raw):
    return parse_query(raw, (*LIST_FILTERS, LIMIT, CURSOR, AS_OF, KNOWN_AT))


def test_defaults():
    query = read("")

    assert (query["limit"], query["sort"], query["stage"]) == (50, "stage", ())
    assert query["q"] is query["in_crm"] is query["as_of"] is None


def test_values():
    query = read("stage=client&stage=-&in_crm=false&limit=200&as_of=2024-02-29&sort=-since")

    assert query["stage"] == ("client", "-")
    assert query["in_crm"] is False
    assert (query["limit"], query["as_of"]) == (200, date(2024, 2, 29))
    assert query["sort"] == "-since"


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-29T12:00:00Z",
        "2024-02-29T14:00:00%2B02:00",
        "2024-02-29T14:00:00+02:00",
        "2024-02-29T12:00Z",
        "2024-02-29T12:00:00.000000Z",
    ],
)
def test_instants_with_their_offset(text):
    assert read(f"known_at={text}")["known_at"] == datetime(2024, 2, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ("as_of=2024-02-30", "as_of"),
        ("as_of=2024-W01-1", "as_of"),
        ("known_at=2024-02-29", "known_at"),
        ("known_at=0001-01-01T00:00:00%2B02:00", "known_at"),
        ("limit=1&limit=2", "limit"),
        ("limit=-1", "limit"),
        ("limit=", "limit"),
        ("limit=1e2", "limit"),
        ("q=" + "x" * 201, "q"),
        ("stage=", "stage"),
        ("Sort=name", "Sort"),
        ("%00=x", "\0"),
    ],
)
def test_refused_by_name(raw, field):
    with pytest.raises(Invalid) as refusal:
        read(raw)

    assert refusal.value.field == field
