"""The fake's search read against HubSpot's search guide."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.crm.hubspot_client import ids

MODIFIED = "hs_lastmodifieddate"
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
NEW_YEAR_MS = int(NEW_YEAR.timestamp() * 1000)
BY_MODIFIED = [{"propertyName": MODIFIED, "direction": "ASCENDING"}]


def test_filters_of_a_group_are_joined_by_and_groups_by_or(hubspot):
    crm, client = hubspot()
    a = crm.add("companies", {"name": "Acme", "city": "Ulm"})
    crm.add("companies", {"name": "Acme", "city": "Bonn"})
    c = crm.add("companies", {"name": "Other"})
    both = [
        {"propertyName": "name", "operator": "EQ", "value": "ACME"},
        {"propertyName": "city", "operator": "IN", "values": ["ulm", "rom"]},
    ]
    neither = [{"propertyName": "city", "operator": "NOT_HAS_PROPERTY"}]

    found = client.search("companies", filterGroups=[{"filters": both}, {"filters": neither}])

    assert sorted(ids(found)) == [a, c]
    assert found.body["total"] == 2


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        pytest.param("GT", 1, [2, 3], id="after"),
        pytest.param("GTE", 1, [1, 2, 3], id="at or after"),
        pytest.param("LT", 1, [0], id="before"),
        pytest.param("LTE", 1, [0, 1], id="at or before"),
        pytest.param("EQ", 1, [1], id="at"),
    ],
)
def test_a_window_on_the_last_change_in_milliseconds(hubspot, operator, value, expected):
    crm, client = hubspot()
    step = timedelta(milliseconds=1)
    added = [crm.add("deals", {}, at=NEW_YEAR + each * step) for each in range(4)]

    bound = str(NEW_YEAR_MS + value)
    found = client.search("deals", (MODIFIED, operator, bound), sorts=BY_MODIFIED)

    assert ids(found) == [added[each] for each in expected]


def test_amounts_are_compared_as_numbers(hubspot):
    crm, client = hubspot()
    crm.add("deals", {"amount": "9"})
    crm.add("deals", {"amount": "1.234,50"})
    much = crm.add("deals", {"amount": "10.5"})

    assert ids(client.search("deals", ("amount", "GT", "9"))) == [much]


def test_lists_of_texts_have_to_be_in_lower_case(hubspot):
    crm, client = hubspot()
    acme = crm.add("companies", {"name": "Acme"})

    def among(*names: str) -> list[str]:
        wanted = {"propertyName": "name", "operator": "IN", "values": names}
        return ids(client.search("companies", filterGroups=[{"filters": [wanted]}]))

    assert (among("acme"), among("Acme")) == ([acme], [])


def test_equal_times_come_in_no_order_of_ids_and_each_once(hubspot):
    crm, client = hubspot()
    added = [crm.add("contacts", {}, at=NEW_YEAR) for _ in range(450)]
    sorts = [{"propertyName": "lastmodifieddate", "direction": "ASCENDING"}]

    first = client.search("contacts", sorts=sorts, limit=200)
    found, page = ids(first), first
    while "paging" in page.body:
        after = page.body["paging"]["next"]["after"]
        page = client.search("contacts", sorts=sorts, limit=200, after=after)
        found += ids(page)

    assert found != added
    assert sorted(found) == added


def test_no_more_than_ten_thousand_results_and_then_by_windows(hubspot):
    crm, client = hubspot()
    added = [crm.add("companies", {}, at=NEW_YEAR) for _ in range(10_001)]
    by_id = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]

    last = client.search("companies", sorts=by_id, limit=200, after="9800")
    beyond = client.search("companies", sorts=by_id, limit=200, after="10000")
    same_time = (MODIFIED, "EQ", str(NEW_YEAR_MS))
    window = client.search("companies", same_time, ("hs_object_id", "GT", added[9_999]))

    assert last.body["total"] == 10_001
    assert last.body["paging"]["next"]["after"] == "10000"
    assert (beyond.status, beyond.body["message"]) == (400, "There was a problem with the request.")
    assert ids(window) == [added[10_000]]


SIMPLE = {"propertyName": "name", "operator": "HAS_PROPERTY"}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"limit": 201}, id="more than 200 a page"),
        pytest.param({"after": "abc"}, id="a cursor that is no integer"),
        pytest.param({"filterGroups": [{"filters": [SIMPLE]}] * 6}, id="six groups"),
        pytest.param({"filterGroups": [{"filters": [SIMPLE] * 7}]}, id="seven filters in a group"),
        pytest.param({"filterGroups": [{"filters": [SIMPLE] * 5}] * 4}, id="twenty filters"),
        pytest.param({"sorts": ["name", "domain"]}, id="two sorts"),
        pytest.param({"properties": ["x" * 100] * 30}, id="more than 3,000 characters"),
        pytest.param(
            {"filters": [{"propertyName": "no_such", "operator": "EQ", "value": "1"}]},
            id="unknown property",
        ),
        pytest.param({"filters": [SIMPLE | {"operator": "LIKE"}]}, id="unknown operator"),
        pytest.param(
            {"filters": [{"propertyName": MODIFIED, "operator": "GT", "value": "2026-01-01"}]},
            id="a time that is not in milliseconds",
        ),
    ],
)
def test_a_search_refuses(hubspot, body):
    _, client = hubspot()

    refused = client.post("/crm/v3/objects/companies/search", body)

    assert (refused.status, refused.body["category"]) == (400, "VALIDATION_ERROR")


def test_a_change_is_found_some_moments_later(hubspot):
    crm, client = hubspot(search_lag=timedelta(seconds=30), request_time=timedelta(0))
    deal = crm.add("deals", {"dealname": "New"})
    assert client.search("deals").body["total"] == 0

    crm.clock.advance(timedelta(seconds=20))
    crm.update("deals", deal, {"dealname": "Changed"})
    crm.clock.advance(timedelta(seconds=10))
    found = client.search("deals").body["results"][0]

    assert found["properties"]["dealname"] == "New"
    assert client.get(f"/crm/v3/objects/deals/{deal}").body["properties"]["dealname"] == "Changed"
    crm.clock.advance(timedelta(seconds=20))
    assert client.search("deals").body["results"][0]["properties"]["dealname"] == "Changed"


def test_a_changed_record_moves_to_the_end_and_an_archived_one_leaves(hubspot):
    crm, client = hubspot()
    first, second, third = (crm.add("companies", {}) for _ in range(3))

    crm.update("companies", first, {"name": "Moved"}, at=datetime(2026, 4, 1, tzinfo=UTC))
    crm.archive("companies", third)

    assert ids(client.search("companies", sorts=BY_MODIFIED)) == [second, first]


def test_records_are_found_through_their_associations(hubspot):
    crm, client = hubspot()
    company, deal = crm.add("companies", {}), crm.add("deals", {})
    crm.add("deals", {})
    crm.associate("deals", deal, "companies", company)

    assert ids(client.search("deals", ("associations.company", "EQ", company))) == [deal]
