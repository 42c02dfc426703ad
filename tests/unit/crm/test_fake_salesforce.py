"""The fake of Salesforce behaves as the vendor's pages say: reading."""

from collections.abc import Iterator

import pytest

from tests.crm.salesforce import Options, Salesforce
from tests.crm.salesforce.ids import normal, suffix
from tests.unit.crm.salesforce_client import DATA, Client

ACCOUNTS = "SELECT Name FROM Account"


@pytest.fixture
def crm() -> Iterator[Salesforce]:
    with Salesforce() as crm:
        yield crm


@pytest.fixture
def client(crm: Salesforce) -> Client:
    return Client(crm).sign_in()


def test_an_id_has_fifteen_characters_and_three_that_guard_their_case():
    assert suffix("001A0000006Vm9r") == "IAC"
    assert normal("001A0000006Vm9r") == "001A0000006Vm9rIAC"
    assert normal("001a0000006vm9rIAC") == "001A0000006Vm9rIAC"
    assert normal("001A0000006Vm9") is None


def test_ids_begin_with_the_prefix_of_their_object(crm):
    account = crm.add("Account", {"Name": "Acme"})
    assert (len(account), account[:3], crm.org.user[:3]) == (18, "001", "005")


def test_versions_are_listed_without_a_session_and_for_nothing(crm):
    answer = Client(crm).send("GET", "/services/data/")
    assert answer.json[-1]["url"] == "/services/data/v64.0"
    assert {"label": "Winter '25", "url": DATA, "version": "62.0"} in answer.json
    assert "sforce-limit-info" not in answer.headers


def test_unknown_versions_and_paths_are_not_found_and_methods_are_checked(client):
    unknown = client.send("GET", "/services/data/v99.0/limits")
    assert unknown.error == client.get("nothing").error == (404, "NOT_FOUND")
    assert client.post("query", {}).error == (405, "METHOD_NOT_ALLOWED")


def test_each_call_is_counted_until_the_quota_of_the_day_is_spent(crm, client):
    assert client.get("limits").headers["sforce-limit-info"] == "api-usage=1/100000"
    crm.spend_quota()
    assert client.query(ACCOUNTS).error == (403, "REQUEST_LIMIT_EXCEEDED")
    crm.clock.advance(hours=24)
    client.sign_in()
    limits = client.get("limits").json
    assert limits["DailyApiRequests"] == {"Max": 100_000, "Remaining": 99_999}


def test_a_record_is_shown_with_its_type_its_address_and_its_parents(crm, client):
    parent = crm.add("Account", {"Name": "Acme Holding"})
    child = crm.add("Account", {"Name": "Acme", "ParentId": parent})
    fields = "Id, Parent.Name, Parent.Parent.Name, Owner.IsActive"
    answer = client.query(f"SELECT {fields} FROM Account WHERE Id = '{child}'").json
    assert (answer["totalSize"], answer["done"]) == (1, True)
    [record] = answer["records"]
    assert record["attributes"] == {"type": "Account", "url": f"{DATA}/sobjects/Account/{child}"}
    assert record["Parent"]["Name"] == "Acme Holding"
    assert record["Parent"]["Parent"] is None
    assert record["Owner"]["IsActive"] is True


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Name = 'ACME'", "acme"),
        ("Name != 'acme'", "Bolt None"),
        ("Name LIKE 'b_l%'", "Bolt"),
        ("AnnualRevenue > 10", "Bolt"),
        ("AnnualRevenue = null", "None"),
        ("AnnualRevenue <= 10.0", "acme"),
        ("Name IN ('bolt', 'none')", "Bolt None"),
        ("Name NOT IN ('bolt', 'none')", "acme"),
        ("(Name = 'Bolt' OR Name = 'None') AND AnnualRevenue != null", "Bolt"),
        ("NOT (Name = 'Bolt')", "None acme"),
        ("Owner.IsActive = true AND IsDeleted = FALSE", "Bolt None acme"),
        ("SystemModstamp >= 2026-03-02T13:00:00+01:00", "Bolt None acme"),
        ("SystemModstamp > 2026-03-02T12:00:00Z", ""),
        ("SystemModstamp = 2026-03-02T12:00:00.999Z", "Bolt None acme"),
    ],
)
def test_where_filters(crm, client, where, found):
    for name, revenue in (("acme", 10), ("Bolt", 20.5), ("None", None)):
        crm.add("Account", {"Name": name, "AnnualRevenue": revenue})
    assert sorted(client.names(f"{ACCOUNTS} WHERE {where}")) == found.split()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELEC Id FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY"),
        ("SELECT Id, Id FROM Account", "MALFORMED_QUERY"),
        ("SELECT * FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'O'Brien'", "MALFORMED_QUERY"),
        ('SELECT Id FROM Account WHERE Name = "Acme"', "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Id != '' AND Name = 'a' OR Name = 'b'", "MALFORMED_QUERY"),
        (
            "SELECT Id FROM Account WHERE SystemModstamp > 2026-03-02T12:00:00 01:00",
            "MALFORMED_QUERY",
        ),
        ("SELECT Id FROM Account WHERE SystemModstamp > '2026-03-02T12:00:00Z'", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE SystemModstamp > 2026-03-02", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE IsDeleted = 'false'", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Description = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Account ORDER BY Description", "INVALID_FIELD"),
        ("SELECT Nothing FROM Account", "INVALID_FIELD"),
        ("SELECT Boss.Name FROM Account", "INVALID_FIELD"),
        ("SELECT IsDeleted FROM User", "INVALID_FIELD"),
        ("SELECT CurrencyIsoCode FROM Opportunity", "INVALID_FIELD"),
        ("SELECT Id FROM Nothing", "INVALID_TYPE"),
        ("SELECT Id FROM Account WHERE Id = '001'", "INVALID_QUERY_FILTER_OPERATOR"),
    ],
)
def test_what_a_query_is_refused_for(client, text, code):
    assert client.query(text).error == (400, code)


def test_a_gap_of_the_fake_is_not_taken_for_a_refusal(client):
    text = "SELECT StageName, COUNT(Id) FROM Opportunity GROUP BY StageName"
    assert client.query(text).error == (501, "BEYOND_THIS_FAKE")


def test_empty_values_come_first_and_ties_come_in_any_order(crm, client):
    for name in "abcdefgh":
        crm.add("Account", {"Name": name, "Industry": "Energy" if name != "h" else None})
    ordered = client.names(f"{ACCOUNTS} ORDER BY Industry")
    assert ordered[0] == "h"
    assert ordered[1:] != sorted(ordered[1:])
    assert client.names(f"{ACCOUNTS} ORDER BY Industry NULLS LAST, Name DESC") == list("gfedcbah")
    assert client.names(f"{ACCOUNTS} ORDER BY SystemModstamp, Id LIMIT 2") == ["a", "b"]


def test_counts(crm, client):
    for revenue in (1, None):
        crm.add("Account", {"Name": "Acme", "AnnualRevenue": revenue})
    counted = client.query("SELECT COUNT() FROM Account").json
    assert counted == {"totalSize": 2, "done": True, "records": []}
    assert client.rows("SELECT COUNT(AnnualRevenue) FROM Account") == [{"expr0": 1}]


def test_a_query_is_read_page_by_page(crm, client):
    for number in range(450):
        crm.add("Account", {"Name": f"{number:03}"})
    first = client.query(f"{ACCOUNTS} ORDER BY Name", batch=200).json
    assert (first["totalSize"], first["done"], len(first["records"])) == (450, False, 200)
    locator = first["nextRecordsUrl"].removeprefix(f"{DATA}/query/")
    assert locator.startswith("0r8") and locator.endswith("-200")
    crm.delete(crm.add("Account", {"Name": "000a"}))
    pages = [first]
    while not pages[-1]["done"]:
        pages.append(client.send("GET", pages[-1]["nextRecordsUrl"]).json)
    names = [record["Name"] for page in pages for record in page["records"]]
    assert names == [f"{number:03}" for number in range(450)]
    assert "nextRecordsUrl" not in pages[-1]


def test_batches_have_200_to_2000_records_and_locators_live_for_two_days(crm, client):
    for _ in range(201):
        crm.add("Account", {"Name": "Acme"})
    assert len(client.query(ACCOUNTS).json["records"]) == 201
    page = client.query(ACCOUNTS, batch=1).json
    assert len(page["records"]) == 200
    assert client.get("query/0r8000000000000AAA-200").error == (400, "INVALID_QUERY_LOCATOR")
    crm.clock.advance(days=2)
    client.sign_in()
    late = client.send("GET", page["nextRecordsUrl"])
    assert late.error == (400, "INVALID_QUERY_LOCATOR")


def test_batches_may_be_smaller_than_asked_for_and_pages_may_be_given_once():
    with Salesforce(Options(smaller_batches=True, locators_once=True)) as crm:
        for _ in range(400):
            crm.add("Account", {"Name": "Acme"})
        client = Client(crm).sign_in()
        page = client.query(ACCOUNTS, batch=200).json
        assert len(page["records"]) == 150
        assert client.send("GET", page["nextRecordsUrl"]).status == 200
        again = client.send("GET", page["nextRecordsUrl"])
        assert again.error == (400, "INVALID_QUERY_LOCATOR")


def test_a_long_query_is_refused_before_it_is_read(client):
    assert client.query(f"SELECT Id FROM Account WHERE Name = '{'x' * 16_384}'").status == 414
    assert client.query(f"SELECT Id FROM Account WHERE Name = '{'x' * 16_150}'").status == 431


def test_many_records_are_found_by_their_stamp_without_looking_at_all(crm, client):
    for number in range(3_000):
        crm.clock.advance(seconds=number % 2)
        crm.add("Account", {"Name": f"{number}"})
    last = crm.row(client.rows("SELECT Id FROM Account WHERE Name = '2990'")[0]["Id"])
    at, key = last["SystemModstamp"].replace(".000+0000", "Z"), last["Id"]
    later = f"SystemModstamp > {at} OR (SystemModstamp = {at} AND Id > '{key}')"
    text = f"{ACCOUNTS} WHERE {later} ORDER BY SystemModstamp, Id"
    assert client.names(text) == [str(number) for number in range(2_991, 3_000)]


def test_fields_that_the_caller_may_not_see_are_unknown(crm, client):
    crm.hide("Account", "AnnualRevenue")
    crm.hide("Opportunity")
    fields = {field["name"] for field in client.get("sobjects/Account/describe").json["fields"]}
    assert "Name" in fields and "AnnualRevenue" not in fields
    assert client.query("SELECT AnnualRevenue FROM Account").error == (400, "INVALID_FIELD")
    assert client.query("SELECT Id FROM Opportunity").error == (400, "INVALID_TYPE")
    assert client.get("sobjects/Opportunity/describe").error == (404, "NOT_FOUND")
    assert "Opportunity" not in [one["name"] for one in client.get("sobjects").json["sobjects"]]


def test_an_object_describes_its_fields(crm, client):
    crm.add_field("Account", "Tier__c", "double", formula=lambda row: len(row["Name"]))
    crm.add_field("Account", "Key__c", external_id=True)
    described = client.get("sobjects/account/describe").json
    assert (described["name"], described["keyPrefix"]) == ("Account", "001")
    fields = {field["name"]: field for field in described["fields"]}
    assert fields["ParentId"]["referenceTo"] == ["Account"]
    assert fields["ParentId"]["relationshipName"] == "Parent"
    assert (fields["Tier__c"]["calculated"], fields["Tier__c"]["updateable"]) == (True, False)
    assert (fields["Key__c"]["externalId"], fields["Key__c"]["custom"]) == (True, True)


def test_a_formula_changes_without_moving_the_stamp(crm, client):
    weight = {"Acme": 1}
    crm.add_field("Account", "Tier__c", "double", formula=lambda row: weight[row["Name"]])
    crm.add("Account", {"Name": "Acme"})
    before = client.rows("SELECT Tier__c, SystemModstamp FROM Account")
    crm.clock.advance(hours=1)
    weight["Acme"] = 2
    after = client.rows("SELECT Tier__c, SystemModstamp FROM Account WHERE Tier__c = 2")
    assert (before[0].pop("Tier__c"), after[0].pop("Tier__c")) == (1, 2)
    assert before == after


def test_with_several_currencies_records_have_one():
    with Salesforce(Options(multi_currency=True)) as crm:
        crm.add("Account", {"Name": "Acme", "CurrencyIsoCode": "CHF"})
        client = Client(crm).sign_in()
        assert client.rows("SELECT CurrencyIsoCode FROM Account") == [{"CurrencyIsoCode": "CHF"}]
