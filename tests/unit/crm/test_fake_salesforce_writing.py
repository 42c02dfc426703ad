"""The fake of Salesforce behaves as the vendor's pages say: writing, deleting, merging."""

from collections.abc import Iterator

import pytest

from tests.crm.salesforce import Options, Salesforce
from tests.unit.crm.salesforce_client import Client

DEAL = {"Name": "Big", "StageName": "Prospecting", "CloseDate": "2026-05-01"}


@pytest.fixture
def crm() -> Iterator[Salesforce]:
    with Salesforce() as crm:
        yield crm


@pytest.fixture
def client(crm: Salesforce) -> Client:
    return Client(crm).sign_in()


def test_a_record_is_created_read_changed_and_deleted(crm, client):
    created = client.post("sobjects/Account", {"Name": "Acme", "Website": ""})
    account = created.json["id"]
    assert (created.status, created.json["success"], created.json["errors"]) == (201, True, [])
    crm.clock.advance(minutes=1)
    assert client.patch(f"sobjects/Account/{account[:15]}", {"Name": "Bolt"}).status == 204
    read = client.get(f"sobjects/Account/{account}", fields="Name,Website,SystemModstamp").json
    assert (read["Name"], read["Website"]) == ("Bolt", None)
    assert read["SystemModstamp"] == "2026-03-02T12:01:00.000+0000"
    assert client.delete(f"sobjects/Account/{account}").status == 204
    gone = client.get(f"sobjects/Account/{account}")
    assert gone.error == client.delete(f"sobjects/Account/{account}").error
    assert gone.error == (404, "ENTITY_IS_DELETED")
    assert client.get("sobjects/Account/0015g0000000000AAA").error == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("Account", {}, "REQUIRED_FIELD_MISSING"),
        ("Account", {"Name": "Acme", "Colour": "red"}, "INVALID_FIELD"),
        ("Account", {"Name": "Acme", "SystemModstamp": None}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ("Account", {"Name": "x" * 256}, "STRING_TOO_LONG"),
        ("Account", {"Name": 7}, "JSON_PARSER_ERROR"),
        ("Account", {"Name": "Acme", "AnnualRevenue": "1.234,50"}, "JSON_PARSER_ERROR"),
        ("Account", {"Name": "Acme", "ParentId": "0035g0000000001AAA"}, "MALFORMED_ID"),
        ("Account", {"Name": "Acme", "ParentId": "0015g00000000zz"}, "INVALID_CROSS_REFERENCE_KEY"),
        ("Contact", {"LastName": "Doe", "Email": "doe"}, "INVALID_EMAIL_ADDRESS"),
        ("Opportunity", DEAL | {"CloseDate": "01.05.2026"}, "JSON_PARSER_ERROR"),
        ("Opportunity", DEAL | {"IsWon": True}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ],
)
def test_what_a_record_is_refused_for(client, name, body, code):
    assert client.post(f"sobjects/{name}", body).error == (400, code)


def test_bodies_are_json(client):
    plain = client.send(
        "POST", "/services/data/v62.0/sobjects/Account", b"{}", {"Content-Type": "x"}
    )
    assert plain.error == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert client.post("sobjects/Account", b"{").status == 415
    kind = {"Content-Type": "application/json"}
    broken = client.send("POST", "/services/data/v62.0/sobjects/Account", b"{", kind)
    assert broken.error == (400, "JSON_PARSER_ERROR")


def test_no_account_is_its_own_ancestor(crm, client):
    top = crm.add("Account", {"Name": "Top"})
    below = crm.add("Account", {"Name": "Below", "ParentId": top})
    answer = client.patch(f"sobjects/Account/{top}", {"ParentId": below})
    assert answer.error == (400, "CIRCULAR_DEPENDENCY")


def test_a_stage_says_whether_a_deal_is_closed_and_won_and_how_likely(crm, client):
    deal = crm.add("Opportunity", DEAL)
    fields = "IsClosed, IsWon, Probability"
    text = f"SELECT {fields} FROM Opportunity WHERE Id = '{deal}'"
    assert client.rows(text) == [{"IsClosed": False, "IsWon": False, "Probability": 10}]
    client.patch(f"sobjects/Opportunity/{deal}", {"StageName": "Closed Won"})
    assert client.rows(text) == [{"IsClosed": True, "IsWon": True, "Probability": 100}]
    client.patch(f"sobjects/Opportunity/{deal}", {"StageName": "Closed Lost", "Probability": 5})
    assert client.rows(text) == [{"IsClosed": True, "IsWon": False, "Probability": 5}]


def test_upsert_creates_once_and_refuses_to_choose(crm, client):
    crm.add_field("Account", "Key__c", external_id=True)
    path = "sobjects/Account/Key__c/a%2F1"
    assert client.patch(f"{path}?updateOnly=true", {"Name": "Acme"}).error == (404, "NOT_FOUND")
    first = client.patch(path, {"Name": "Acme"})
    second = client.patch(path, {"Name": "Bolt"})
    assert (first.status, second.status) == (201, 200)
    assert (first.json["created"], second.json["created"]) == (True, False)
    assert client.get(path).json["Name"] == "Bolt"
    assert client.patch(path, {"Key__c": "a/1", "Name": "x"}).error == (400, "INVALID_FIELD")
    assert client.patch("sobjects/Account/Name/x", {}).error == (404, "NOT_FOUND")
    twin = crm.add("Account", {"Name": "Twin", "Key__c": "A/1"})
    choices = client.patch(path, {"Name": "Bolt"})
    assert choices.status == 300 and any(twin in address for address in choices.json)


def test_a_unique_field_has_no_value_twice(crm, client):
    crm.add_field("Account", "Key__c", external_id=True, unique=True)
    crm.add("Account", {"Name": "Acme", "Key__c": "k"})
    answer = client.post("sobjects/Account", {"Name": "Bolt", "Key__c": "K"})
    assert answer.error == (400, "DUPLICATE_VALUE")


def test_collections_take_two_hundred_records_each_with_its_own_result(crm, client):
    acme = {"attributes": {"type": "Account"}, "Name": "Acme"}
    answer = client.post("composite/sobjects", {"records": [acme, acme | {"Name": None}]})
    good, bad = answer.json
    assert (answer.status, good["success"], bad["success"]) == (200, True, False)
    assert bad["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    change = {"records": [acme | {"id": good["id"], "Name": "Bolt"}]}
    assert client.patch("composite/sobjects", change).json[0]["success"] is True
    missing = "0015g0000000000AAA"
    read = client.get("composite/sobjects/Account", ids=f"{missing},{good['id']}", fields="Name")
    assert [one and one["Name"] for one in read.json] == [None, "Bolt"]
    assert client.delete(f"composite/sobjects?ids={good['id']}").json[0]["success"] is True
    many = client.post("composite/sobjects", {"records": [acme] * 201})
    assert many.error == (400, "EXCEEDED_MAX_SIZE_REQUEST")


def test_all_or_none_undoes_the_rest(crm, client):
    old = crm.add("Account", {"Name": "Old"})
    fine = {"attributes": {"type": "Account"}, "id": old, "Name": "New"}
    body = {"allOrNone": True, "records": [fine, fine | {"Name": ""}]}
    first, _ = client.patch("composite/sobjects", body).json
    assert first["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert crm.row(old)["Name"] == "Old"


def test_a_deleted_record_is_in_the_bin_for_fifteen_days_and_then_gone(crm, client):
    account = crm.add("Account", {"Name": "Acme"})
    contact = crm.add("Contact", {"LastName": "Doe", "AccountId": account})
    crm.clock.advance(minutes=1)
    crm.delete(account)
    text = "SELECT Name, IsDeleted FROM {} WHERE SystemModstamp >= 2026-03-02T12:01:00Z"
    assert client.rows(text.format("Account")) == []
    found = client.rows(text.format("Account"), "queryAll")
    assert found == [{"Name": "Acme", "IsDeleted": True}]
    assert client.names(text.format("Contact"), "queryAll") == ["Doe"]
    crm.clock.advance(days=15)
    client.sign_in()
    assert client.rows("SELECT Id FROM Account", "queryAll") == []
    assert crm.row(contact) is None
    assert client.get(f"sobjects/Account/{account}").error == (404, "NOT_FOUND")


def test_undelete_brings_back_what_was_taken_along_and_the_children(crm, client):
    parent = crm.add("Account", {"Name": "Parent"})
    child = crm.add("Account", {"Name": "Child", "ParentId": parent})
    contact = crm.add("Contact", {"LastName": "Doe", "AccountId": parent})
    crm.delete(parent)
    assert crm.row(child)["ParentId"] is None
    crm.undelete(parent)
    assert crm.row(child)["ParentId"] == parent
    assert not crm.row(parent)["IsDeleted"] and not crm.row(contact)["IsDeleted"]


def test_losers_of_a_merge_name_their_master_and_their_children_move(crm, client):
    one, two, three = (crm.add("Account", {"Name": name}) for name in ("One", "Two", "Three"))
    contact = crm.add("Contact", {"LastName": "Doe", "AccountId": one})
    deal = crm.add("Opportunity", DEAL | {"AccountId": one})
    crm.clock.advance(minutes=1)
    crm.merge(two, one)
    crm.clock.advance(minutes=1)
    crm.merge(three, two, values={"Name": "Two and three"})
    fields = "Name, IsDeleted, MasterRecordId"
    text = f"SELECT {fields} FROM Account WHERE MasterRecordId != null ORDER BY Name"
    assert client.rows(text, "queryAll") == [
        {"Name": "One", "IsDeleted": True, "MasterRecordId": two},
        {"Name": "Two", "IsDeleted": True, "MasterRecordId": three},
    ]
    assert client.names("SELECT Name FROM Account") == ["Two and three"]
    assert crm.row(contact)["AccountId"] == crm.row(deal)["AccountId"] == three
    crm.undelete(one)
    assert crm.row(one)["MasterRecordId"] is None
    assert crm.row(contact)["AccountId"] == three


def test_a_merge_or_deletion_may_leave_the_stamps_alone():
    still = Options(deletion_moves_modstamp=False, reparenting_moves_modstamp=False)
    with Salesforce(still) as crm:
        one, two = (crm.add("Account", {"Name": name}) for name in ("One", "Two"))
        contact = crm.add("Contact", {"LastName": "Doe", "AccountId": one})
        crm.clock.advance(minutes=1)
        crm.merge(two, one)
        moved = [str((crm.row(key) or {})["SystemModstamp"])[11:16] for key in (one, contact, two)]
        assert moved == ["12:00", "12:00", "12:01"]


def test_processes_of_the_system_move_the_stamp_but_not_the_last_change(crm):
    account = crm.add("Account", {"Name": "Acme"})
    crm.clock.advance(minutes=1)
    crm.touch(account)
    row = crm.row(account)
    assert row["SystemModstamp"] > row["LastModifiedDate"] == row["CreatedDate"]


def test_an_activity_belongs_to_the_account_of_its_deal(crm, client):
    account = crm.add("Account", {"Name": "Acme"})
    deal = crm.add("Opportunity", DEAL | {"AccountId": account})
    created = client.post("sobjects/Task", {"WhatId": deal, "Status": "Completed"})
    assert created.status == 201
    [task] = client.rows("SELECT AccountId, What.Name, What.Type, IsClosed FROM Task")
    about = {"Name": "Big", "Type": "Opportunity"}
    assert task == {"AccountId": account, "What": about, "IsClosed": True}
    crm.add("Task", {"Subject": "Old", "IsArchived": True})
    assert len(client.rows("SELECT Id FROM Task")) == 1
    assert len(client.rows("SELECT Id FROM Task", "queryAll")) == 2


def test_users_cannot_be_deleted(crm, client):
    answer = client.delete(f"sobjects/User/{crm.org.user}")
    assert answer.error == (400, "INSUFFICIENT_ACCESS_OR_READONLY")


def test_lists_of_deleted_and_updated_records(crm, client):
    gone, kept = (crm.add("Account", {"Name": name}) for name in ("Gone", "Kept"))
    crm.clock.advance(minutes=5, seconds=30)
    crm.delete(gone)
    crm.clock.advance(hours=1)
    span = {"start": "2026-03-02T12:05:59+00:00", "end": "2026-03-02T14:00:00Z"}
    deleted = client.get("sobjects/Account/deleted/", **span).json
    assert deleted["deletedRecords"] == [
        {"id": gone, "deletedDate": "2026-03-02T12:05:30.000+0000"}
    ]
    assert deleted["latestDateCovered"] == "2026-03-02T13:05:00.000+0000"
    assert client.get("sobjects/Account/updated/", **span).json["ids"] == []
    span["start"] = "2026-03-02T12:00:00Z"
    assert client.get("sobjects/Account/updated/", **span).json["ids"] == [kept]
    backwards = {"start": span["end"], "end": span["start"]}
    refused = client.get("sobjects/Account/deleted/", **backwards)
    assert refused.error == (400, "INVALID_REPLICATION_DATE")


def test_what_is_purged_is_in_no_list(crm, client):
    account = crm.add("Account", {"Name": "Acme"})
    crm.clock.advance(minutes=2)
    crm.purge(account)
    span = {"start": "2026-03-02T12:00:00Z", "end": "2026-03-03T12:00:00Z"}
    deleted = client.get("sobjects/Account/deleted/", **span).json
    assert deleted["deletedRecords"] == []
    assert deleted["earliestDateAvailable"] == "2026-03-02T12:02:00.000+0000"
    assert client.rows("SELECT Id FROM Account", "queryAll") == []


def test_a_user_may_be_switched_off(crm: Salesforce, client: Client):
    user = crm.add("User", {"LastName": "Rep", "Username": "rep@acme.test", "IsActive": True})
    assert client.patch(f"sobjects/User/{user}", {"IsActive": False}).status == 204
    assert client.names("SELECT Name FROM User WHERE IsActive = false") == ["Rep"]
