"""The fake's batches, associations and descriptions read against HubSpot's documents."""

import pytest

from tests.unit.crm.hubspot_client import ids

CONTACTS = "/crm/v3/objects/contacts"
COMPANIES = "/crm/v3/objects/companies"
LINKS = "/crm/v4/associations/deals/companies/batch"


def test_a_batch_is_read_in_part_if_some_are_gone(hubspot):
    crm, client = hubspot()
    a, b = crm.add("companies", {}), crm.add("companies", {"name": "B"})
    crm.purge("companies", a)

    asked = {"inputs": [{"id": a}, {"id": b}], "properties": ["name"], "propertiesWithHistory": []}
    found = client.post(f"{COMPANIES}/batch/read", asked)

    assert (found.status, ids(found)) == (207, [b])
    assert found.body["numErrors"] == 1
    assert found.body["errors"][0]["context"]["ids"] == [a]


@pytest.mark.parametrize(
    ("path", "most"),
    [
        pytest.param(f"{COMPANIES}/batch/read", 100, id="records"),
        pytest.param(f"{LINKS}/read", 1000, id="associations"),
    ],
)
def test_a_batch_has_a_largest_size(hubspot, path, most):
    _, client = hubspot()

    fits = client.post(path, {"inputs": [{"id": str(n)} for n in range(1, most + 1)]})
    refused = client.post(path, {"inputs": [{"id": str(n)} for n in range(1, most + 2)]})

    assert (fits.status, refused.status) == (207, 400)


def test_a_batch_is_created_all_or_nothing(hubspot):
    crm, client = hubspot()
    inputs = [{"properties": {"email": "a@example.com"}}, {"properties": {"no_such": "1"}}]

    refused = client.post(f"{CONTACTS}/batch/create", {"inputs": inputs})

    assert refused.status == 400
    assert crm.records("contacts") == {}


def test_a_batch_whose_inputs_are_traced_is_created_in_part(hubspot):
    crm, client = hubspot()
    crm.add("contacts", {"email": "a@example.com"})
    inputs = [
        {"objectWriteTraceId": mail, "properties": {"email": f"{mail}@example.com"}}
        for mail in ("a", "b")
    ]

    made = client.post(f"{CONTACTS}/batch/create", {"inputs": inputs})

    assert (made.status, made.body["numErrors"], len(made.body["results"])) == (207, 1, 1)
    (error,) = made.body["errors"]
    assert (error["category"], error["context"]["objectWriteTraceId"]) == ("CONFLICT", ["a"])


def test_a_batch_is_changed(hubspot):
    crm, client = hubspot()
    added = [crm.add("companies", {}) for _ in range(2)]

    inputs = [{"id": each, "properties": {"name": each}} for each in added]
    changed = client.post(f"{COMPANIES}/batch/update", {"inputs": inputs})

    assert (changed.status, ids(changed)) == (200, added)
    assert client.get(f"{COMPANIES}/{added[1]}").body["properties"]["name"] == added[1]


def test_associations_are_read_for_many_records(hubspot):
    crm, client = hubspot()
    linked, alone = crm.add("deals", {}), crm.add("deals", {})
    company = crm.add("companies", {})
    crm.associate("deals", linked, "companies", company, type_id=5)

    found = client.post(f"{LINKS}/read", {"inputs": [{"id": linked}, {"id": alone}]})

    assert found.status == 207
    (result,) = found.body["results"]
    assert (result["from"]["id"], result["to"][0]["toObjectId"]) == (linked, company)
    types = {each["typeId"]: each["label"] for each in result["to"][0]["associationTypes"]}
    assert types == {5: "Primary", 341: None}
    (error,) = found.body["errors"]
    assert error["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    assert error["context"]["fromObjectId"] == [alone]


def test_many_associations_of_one_record_come_in_pages(hubspot):
    crm, client = hubspot(association_page=2)
    company = crm.add("companies", {})
    people = [crm.add("contacts", {}) for _ in range(5)]
    for each in people:
        crm.associate("contacts", each, "companies", company)
    path, found, asked = "/crm/v4/associations/companies/contacts/batch/read", [], {"id": company}

    for _ in range(3):
        (result,) = client.post(path, {"inputs": [asked]}).body["results"]
        found += [each["toObjectId"] for each in result["to"]]
        asked = {"id": company, "after": result.get("paging", {}).get("next", {}).get("after")}

    assert (found, asked["after"]) == (people, None)


def test_associations_with_archived_records_are_not_shown(hubspot):
    crm, client = hubspot()
    deal, company = crm.add("deals", {}), crm.add("companies", {})
    crm.associate("deals", deal, "companies", company)

    crm.archive("companies", company)

    assert client.post(f"{LINKS}/read", {"inputs": [{"id": deal}]}).body["results"] == []


def test_a_merge_brings_the_associations_along(hubspot):
    crm, client = hubspot()
    deal = crm.add("deals", {})
    a, b = crm.add("companies", {}), crm.add("companies", {})
    crm.associate("deals", deal, "companies", b)

    survivor = crm.merge("companies", a, b)

    shown = client.get(f"/crm/v3/objects/deals/{deal}", associations="companies").body
    assert shown["associations"]["companies"]["results"] == [
        {"id": survivor, "type": "deal_to_company_unlabeled"}
    ]


def test_a_client_associates_records(hubspot):
    crm, client = hubspot()
    a, b = crm.add("companies", {}), crm.add("companies", {})
    deal = crm.add("deals", {})
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}]

    put = client.put(f"/crm/v4/objects/deals/{deal}/associations/default/companies/{a}")
    made = client.post(
        f"{LINKS}/create", {"inputs": [{"from": {"id": deal}, "to": {"id": b}, "types": types}]}
    )
    read = client.get(f"/crm/v4/objects/deals/{deal}/associations/companies")

    assert (put.status, made.status) == (200, 201)
    assert made.body["results"][0]["labels"] == ["Primary"]
    assert [each["toObjectId"] for each in read.body["results"]] == [a, b]


def test_properties_describe_themselves(hubspot):
    crm, client = hubspot()
    crm.add_property("companies", "tier", "enumeration", options=("a", "b"))

    found = client.get("/crm/v3/properties/companies").body["results"]

    by_name = {each["name"]: each for each in found}
    assert [each["value"] for each in by_name["tier"]["options"]] == ["a", "b"]
    assert by_name["tier"]["hubspotDefined"] is False
    assert by_name["hs_object_id"]["modificationMetadata"]["readOnlyValue"] is True
    assert client.get("/crm/v3/properties/companies/no_such").status == 404


def test_pipelines_name_their_stages(hubspot):
    _, client = hubspot()

    (pipeline,) = client.get("/crm/v3/pipelines/deals").body["results"]

    stages = {each["id"]: each["metadata"] for each in pipeline["stages"]}
    assert stages["closedwon"] == {"isClosed": "true", "probability": "1.0"}
    assert stages["appointmentscheduled"] == {"isClosed": "false", "probability": "0.2"}


def test_owners_come_in_pages_and_archived_ones_apart(hubspot):
    crm, client = hubspot()
    added = [crm.add_owner(f"{n}@example.com", "Ann", str(n)) for n in range(3)]
    crm.archive_owner(added[1])

    first = client.get("/crm/v3/owners", limit=1)
    after = first.body["paging"]["next"]["after"]

    assert ids(first) + ids(client.get("/crm/v3/owners", after=after)) == [added[0], added[2]]
    archived = client.get("/crm/v3/owners", archived="true")
    assert ids(archived) == [added[1]]
    assert "userId" not in archived.body["results"][0]


def test_an_account_tells_its_currency_and_its_usage(hubspot):
    _, client = hubspot(currency="CHF", time_zone="Europe/Zurich")

    details = client.get("/account-info/v3/details").body
    usage = client.get("/account-info/v3/api-usage/daily/private-apps").body["results"][0]

    assert (details["companyCurrency"], details["utcOffset"]) == ("CHF", "+01:00")
    assert (usage["currentUsage"], usage["usageLimit"]) == (2, 650_000)
    assert usage["resetsAt"] == "2026-03-02T23:00:00.000Z"
