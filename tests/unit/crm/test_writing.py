"""What the connectors write: accounts of ours, fields of theirs, and the end of a contact."""

from datetime import timedelta

import pytest

from stageline.domain.crm_errors import CrmRefused, CrmUnavailable
from stageline.write_ports import ErasesContacts, WritesAccounts
from tests.crm import faults
from tests.unit.crm.hubspot_connector import joined
from tests.unit.crm.salesforce_connector import reading

KEY = "a key of ours"
ACME = {"name": "Acme & O'Hara", "domain": "acme.example", "country": "Austria", "industry": "moon"}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def hub():
    with joined() as found:
        yield found


@pytest.fixture
def force():
    with reading() as found:
        # Which fields there are is asked for once.
        found.connector.describe("accounts")
        yield found


def test_both_write_accounts_and_erase_contacts(hub, force):
    for connector in (hub.crm, force.connector):
        assert isinstance(connector, WritesAccounts)
        assert isinstance(connector, ErasesContacts)


def test_hubspot_makes_a_company_of_what_it_takes(hub):
    hub.fake.add_property("companies", "industry", "enumeration", options=("MINING",))

    made = hub.crm.create_account(ACME, KEY)
    mine = hub.crm.create_account(ACME | {"industry": "mining"}, KEY)

    shown = hub.fake.record("companies", made)["properties"]
    assert (shown["name"], shown["domain"]) == ("Acme & O'Hara", "acme.example")
    assert (shown["country"], shown["industry"]) == ("Austria", None)
    assert hub.fake.record("companies", mine)["properties"]["industry"] == "MINING"


def test_salesforce_makes_an_account_of_what_it_takes(force):
    made = force.connector.create_account(ACME, KEY)

    row = force.crm.row(made)
    assert (row["Name"], row["Website"]) == ("Acme & O'Hara", "acme.example")
    assert (row["BillingCountry"], row["Industry"]) == ("Austria", None)


def test_hubspot_finds_what_it_made_without_an_answer(hub):
    since = hub.fake.clock.instant()
    hub.fake.add("companies", {"name": ACME["name"], "domain": "other.example"})
    hub.fake.add("companies", {"name": ACME["name"], "domain": ACME["domain"]}, at=since - MINUTE)
    hub.fake.faults.reset(on="POST /crm/v3/objects/companies", done=True)
    with pytest.raises(CrmUnavailable) as lost:
        hub.crm.create_account(ACME, KEY)

    hub.fake.clock.tick(MINUTE)
    found = hub.crm.find_created(ACME, KEY, since)

    assert lost.value.may_be_done
    assert found is not None
    assert found == max(hub.fake.records("companies"), key=int)
    assert len(hub.asked("/objects/companies")) == 2, "it is sent once, and looked for"


def test_salesforce_finds_what_it_made_without_an_answer(force):
    since = force.crm.clock.now()
    force.crm.add("Account", {"Name": ACME["name"], "Website": "other.example"})
    force.crm.faults.order(faults.answer_lost(), path="sobjects/Account")
    with pytest.raises(CrmUnavailable) as lost:
        force.connector.create_account(ACME, KEY)

    found = force.connector.find_created(ACME, KEY, since - MINUTE)

    assert lost.value.may_be_done
    assert found is not None
    assert force.crm.row(found)["Website"] == "acme.example"
    assert force.connector.find_created(ACME, KEY, since + 9 * MINUTE) is None


def test_what_was_never_made_is_not_found(hub, force):
    for connector, clock in ((hub.crm, hub.fake.clock.instant), (force.connector, None)):
        since = clock() if clock else force.crm.clock.now()
        assert connector.find_created({"name": "Acme"}, KEY, since) is None


def test_fields_of_an_account_are_set(hub, force):
    company = hub.fake.add("companies", {"name": "Acme"})
    account = force.crm.add("Account", {"Name": "Acme"})

    hub.crm.update_account(company, {"description": "client"})
    force.connector.update_account(account, {"Description": "client"})

    assert hub.fake.record("companies", company)["properties"]["description"] == "client"
    assert force.crm.row(account)["Description"] == "client"


def test_what_the_crm_refuses_has_its_code(hub, force):
    company = hub.fake.add("companies", {"name": "Acme"})

    with pytest.raises(CrmRefused) as by_hubspot:
        hub.crm.update_account(company, {"no_such": "client"})
    with pytest.raises(CrmRefused) as by_salesforce:
        force.connector.create_account({}, KEY)

    assert (by_hubspot.value.status, by_hubspot.value.code) == (400, "VALIDATION_ERROR")
    assert by_salesforce.value.code == "REQUIRED_FIELD_MISSING"


def test_hubspot_erases_a_contact_by_its_id(hub):
    contact = hub.fake.add("contacts", {"email": "jane@acme.example"})

    hub.crm.erase_contact(contact)
    hub.crm.erase_contact(contact)

    assert hub.fake.records("contacts") == {}
    bodies = [request.body for request in hub.asked("gdpr-delete")]
    assert bodies == [{"objectId": contact}] * 2, "by an address it would be blocked"


def test_salesforce_blanks_a_contact_and_deletes_it(force):
    force.crm.add_field("Contact", "Nickname__c")
    jane = {"FirstName": "Jane", "LastName": "Roe", "Email": "jane@acme.example"}
    contact = force.crm.add("Contact", jane | {"Nickname__c": "JR", "Description": "met Jane"})

    force.connector.erase_contact(contact)
    force.connector.erase_contact(contact)

    row = force.crm.row(contact)
    assert row["IsDeleted"]
    assert "Jane" not in str(row)
    assert (row["LastName"], row["Email"], row["Nickname__c"]) == ("-", None, None)
