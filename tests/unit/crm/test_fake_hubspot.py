"""The fake HubSpot read against HubSpot's documents: records, lists, writes, merges, erasures."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.crm.hubspot_client import ids

COMPANIES = "/crm/v3/objects/companies"
CONTACTS = "/crm/v3/objects/contacts"
DEALS = "/crm/v3/objects/deals"


def test_a_list_is_read_page_by_page_to_its_end(hubspot):
    crm, client = hubspot()
    added = [crm.add("companies", {"name": f"No {each}"}) for each in range(25)]

    first = client.get(COMPANIES)
    second = client.get(COMPANIES, limit=10, after=first.body["paging"]["next"]["after"])
    third = client.get(COMPANIES, limit=10, after=second.body["paging"]["next"]["after"])

    assert ids(first) + ids(second) + ids(third) == added
    assert "paging" not in third.body


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"limit": 101}, id="more than a hundred a page"),
        pytest.param({"limit": 0}, id="pages of nothing"),
        pytest.param({"after": "31000000002"}, id="a cursor of one's own"),
    ],
)
def test_a_list_refuses(hubspot, query):
    _, client = hubspot()

    refused = client.get(COMPANIES, **query)

    assert refused.status == 400
    assert refused.body["status"] == "error"
    assert refused.body["category"] == "VALIDATION_ERROR"
    assert {"message", "correlationId"} <= set(refused.body)


def test_values_are_text_or_null_and_instants_carry_milliseconds(hubspot):
    crm, client = hubspot()
    seen = datetime(2026, 3, 1, 9, 30, 0, 250_000, tzinfo=UTC)
    deal = crm.add("deals", {"amount": 1200, "closedate": "2026-04-01T00:00:00.000Z"}, at=seen)

    body = client.get(f"{DEALS}/{deal}", properties="amount,dealname,no_such").body

    assert body["properties"] == {
        "createdate": "2026-03-01T09:30:00.250Z",
        "hs_object_id": deal,
        "hs_lastmodifieddate": "2026-03-01T09:30:00.250Z",
        "amount": "1200",
        "dealname": None,
    }
    assert body["updatedAt"] == "2026-03-01T09:30:00.250Z"


def test_contacts_call_their_last_change_by_another_name(hubspot):
    crm, client = hubspot()
    contact = crm.add("contacts", {"email": "ada@example.com"})

    shown = client.get(f"{CONTACTS}/{contact}").body["properties"]

    assert shown["lastmodifieddate"]
    assert "hs_lastmodifieddate" not in shown
    assert client.search("contacts", ("hs_lastmodifieddate", "GTE", "0")).status == 400


def test_an_address_that_is_too_long_gets_a_page_of_html(hubspot):
    _, client = hubspot()

    refused = client.get(COMPANIES, properties=",".join(f"property_{n}" for n in range(1000)))

    assert refused.status == 414
    assert "414 Request-URI Too Large" in refused.body


def test_archived_records_are_listed_apart_for_ninety_days(hubspot):
    crm, client = hubspot()
    kept, gone = crm.add("companies", {}), crm.add("companies", {})

    assert client.delete(f"{COMPANIES}/{gone}").status == 204

    assert ids(client.get(COMPANIES)) == [kept]
    assert client.get(f"{COMPANIES}/{gone}").status == 404
    bin_ = client.get(COMPANIES, archived="true")
    assert ids(bin_) == [gone]
    assert bin_.body["results"][0]["archivedAt"]
    assert client.get(f"{COMPANIES}/{gone}", archived="true").body["archived"] is True
    crm.clock.advance(timedelta(days=90))
    assert ids(client.get(COMPANIES, archived="true")) == []


def test_a_merge_makes_a_new_record_that_answers_for_all_the_old_ids(hubspot):
    crm, client = hubspot()
    a = crm.add("companies", {"name": "A"})
    b = crm.add("companies", {"name": "B", "domain": "b.example"})
    c = crm.add("companies", {"name": "C"})

    first = client.post(f"{COMPANIES}/merge", {"primaryObjectId": a, "objectIdToMerge": b}).body
    last = client.post(
        f"{COMPANIES}/merge", {"primaryObjectId": c, "objectIdToMerge": first["id"]}
    ).body

    assert len({a, b, c, first["id"], last["id"]}) == 5
    asked = "name,domain,hs_merged_object_ids"
    for old in (a, b, c, first["id"]):
        shown = client.get(f"{COMPANIES}/{old}", properties=asked).body
        assert shown["id"] == last["id"]
        assert (shown["properties"]["name"], shown["properties"]["domain"]) == ("C", "b.example")
        merged = shown["properties"]["hs_merged_object_ids"].split(";")
        assert sorted(merged) == sorted([a, b, c, first["id"]])
    assert ids(client.get(COMPANIES)) == ids(client.search("companies")) == [last["id"]]


def test_older_merges_left_the_primary_its_id(hubspot):
    crm, client = hubspot(merge_creates_record=False)
    a, b = crm.add("deals", {}), crm.add("deals", {})

    assert crm.merge("deals", a, b) == a

    shown = client.get(f"{DEALS}/{b}", properties="hs_merged_object_ids").body
    assert (shown["id"], shown["properties"]["hs_merged_object_ids"]) == (a, b)


def test_an_erased_contact_is_nowhere(hubspot):
    crm, client = hubspot()
    contact = crm.add("contacts", {"email": "ada@example.com"})
    deal = crm.add("deals", {})
    crm.associate("deals", deal, "contacts", contact)

    assert client.post(f"{CONTACTS}/gdpr-delete", {"objectId": contact}).status == 204

    assert client.get(f"{CONTACTS}/{contact}").status == 404
    assert client.get(f"{CONTACTS}/{contact}", archived="true").status == 404
    assert ids(client.search("contacts")) == ids(client.get(CONTACTS)) == []
    assert client.get(f"{DEALS}/{deal}", associations="contacts").body.get("associations") is None


def test_erasing_an_unknown_address_blocks_it(hubspot):
    _, client = hubspot()
    wanted = {"objectId": "eve@example.com", "idProperty": "email"}

    assert client.post(f"{CONTACTS}/gdpr-delete", wanted).status == 204

    refused = client.post(CONTACTS, {"properties": {"email": "eve@example.com"}})
    assert refused.status == 400


def test_a_client_creates_and_changes_a_record(hubspot):
    crm, client = hubspot()
    parent = crm.add("companies", {"name": "Parent"})
    link = {
        "to": {"id": parent},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 14}],
    }

    made = client.post(COMPANIES, {"properties": {"name": "Child"}, "associations": [link]})
    changed = client.patch(f"{COMPANIES}/{made.body['id']}", {"properties": {"name": ""}})

    assert (made.status, changed.status) == (201, 200)
    assert changed.body["properties"]["name"] is None
    assert changed.body["updatedAt"] > made.body["updatedAt"]
    shown = client.get(f"{COMPANIES}/{made.body['id']}", properties="hs_parent_company_id").body
    assert shown["properties"]["hs_parent_company_id"] == parent


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        pytest.param({"no_such": "1"}, "PROPERTY_DOESNT_EXIST", id="unknown property"),
        pytest.param({"hs_is_closed": "true"}, "READ_ONLY_VALUE", id="read-only property"),
        pytest.param({"dealstage": "no_such"}, "INVALID_OPTION", id="unknown stage"),
        pytest.param({"amount": "1.234,50"}, "INVALID_FLOAT", id="amount with a comma"),
        pytest.param({"closedate": "31.12."}, "INVALID_DATE", id="broken date"),
    ],
)
def test_a_write_with_wrong_values_is_refused(hubspot, properties, code):
    crm, client = hubspot()

    refused = client.post(DEALS, {"properties": properties})

    assert refused.status == 400
    assert refused.body["category"] == "VALIDATION_ERROR"
    assert refused.body["message"].startswith("Property values were not valid: [{")
    (error,) = refused.body["errors"]
    assert (error["code"], error["context"]["propertyName"]) == (code, list(properties))
    assert crm.records("deals") == {}


def test_an_email_address_belongs_to_one_contact(hubspot):
    crm, client = hubspot()
    first = crm.add("contacts", {"email": "ada@example.com"})

    refused = client.post(CONTACTS, {"properties": {"email": "ADA@example.com"}})

    assert (refused.status, refused.body["category"]) == (409, "CONFLICT")
    assert refused.body["message"] == f"Contact already exists. Existing ID: {first}"
    assert client.get(f"{CONTACTS}/ada@example.com", idProperty="email").body["id"] == first


def test_a_formula_changes_without_moving_the_last_change(hubspot):
    crm, client = hubspot()
    crm.add_property("deals", "score", "number", calculated=True)
    deal = crm.add("deals", {"score": 1}, at=datetime(2026, 1, 1, tzinfo=UTC))

    crm.update("deals", deal, {"score": 2})

    shown = client.get(f"{DEALS}/{deal}", properties="score").body
    assert shown["properties"]["score"] == "2"
    assert shown["updatedAt"] == "2026-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("stage", "closed", "won", "probability"),
    [
        pytest.param("contractsent", "false", "false", 0.9, id="open"),
        pytest.param("closedwon", "true", "true", 1.0, id="won"),
        pytest.param("closedlost", "true", "false", 0.0, id="lost"),
        pytest.param("retired", None, None, None, id="a stage that is gone"),
    ],
)
def test_the_stage_of_a_deal_says_whether_it_is_won(hubspot, stage, closed, won, probability):
    crm, client = hubspot()
    deal = crm.add("deals", {"pipeline": "default", "dealstage": stage})

    asked = "hs_is_closed,hs_is_closed_won,hs_deal_stage_probability"
    shown = client.get(f"{DEALS}/{deal}", properties=asked).body["properties"]

    assert (shown["hs_is_closed"], shown["hs_is_closed_won"]) == (closed, won)
    found = shown["hs_deal_stage_probability"]
    assert (None if found is None else float(found)) == probability
