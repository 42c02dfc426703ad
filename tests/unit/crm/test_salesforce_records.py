"""What a record of Salesforce is to us, and what we may not see or ask for."""

from datetime import timedelta
from decimal import Decimal

import pytest

from stageline.domain.crm_errors import CrmQuotaSpent, CrmRefused, CrmThrottled
from sync_crm.connectors.salesforce import daily_left
from sync_crm.connectors.salesforce_objects import FIELDS
from tests.crm import faults
from tests.crm.salesforce import Options
from tests.unit.crm.salesforce_connector import accounts, gone, ids, reading

# What a record becomes


def test_an_account_and_a_contact_are_linked(org):
    org.crm.update(org.crm.org.user, {"Email": "erika@acme.test"})
    parent = org.crm.add("Account", {"Name": "Acme", "Website": "acme.test"})
    child = org.crm.add("Account", {"Name": "Bolt", "ParentId": parent})
    contact = org.crm.add("Contact", {"LastName": "Muster", "AccountId": child})

    top, below = org.everything("accounts", *FIELDS["accounts"].values())
    [person] = org.everything("contacts", *FIELDS["contacts"].values())

    assert top.values == {
        "Name": "Acme",
        "Website": "acme.test",
        "Industry": None,
        "BillingCountry": None,
        "Owner.Email": "erika@acme.test",
        "CreatedDate": "2026-03-02T12:00:00.000Z",
    }
    assert [top.links, below.links] == [{"parent": ()}, {"parent": (parent,)}]
    assert (person.external_id, person.links) == (contact, {"accounts": (child,)})


@pytest.mark.parametrize(
    ("stage", "status", "closed_on"),
    [
        ("Prospecting", "open", None),
        ("Closed Won", "won", "2026-04-01"),
        ("Closed Lost", "lost", "2026-04-01"),
    ],
)
def test_a_deal_says_how_it_stands(org, stage, status, closed_on):
    account = org.crm.add("Account", {"Name": "Acme"})
    values = {"Name": "Deal", "StageName": stage, "CloseDate": "2026-04-01", "Amount": 1000.0}
    org.crm.add("Opportunity", values | {"AccountId": account, "Probability": 35})

    [deal] = org.everything("deals", *FIELDS["deals"].values())

    found = {ours: deal.values[theirs] for ours, theirs in FIELDS["deals"].items()}
    assert found | {"owner_email": None} == {
        "name": "Deal",
        "status": status,
        "stage": stage,
        "opened_on": "2026-03-02T12:00:00.000Z",
        "closed_on": closed_on,
        "expected_close_on": "2026-04-01",
        "amount": 1000,
        "currency": "EUR",
        "probability": Decimal("0.35"),
        "owner_email": None,
    }
    assert deal.links == {"account": (account,)}


def test_in_an_org_with_several_currencies_each_deal_has_its_own():
    with reading(Options(multi_currency=True)) as org:
        values = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-04-01"}
        org.crm.add("Opportunity", values | {"CurrencyIsoCode": "CHF"})
        [deal] = org.everything("deals", "stageline:currency")

    assert deal.values == {"stageline:currency": "CHF"}


def test_an_org_that_does_not_tell_its_currency_says_nothing_of_it(org):
    values = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-04-01"}
    org.crm.add("Opportunity", values)
    org.crm.faults.order(faults.status(403), path="/connect/organization")

    assert [deal.values for deal in org.everything("deals", "stageline:currency")] == [{}]


ACTIVITY = tuple(FIELDS["activities"].values())


def activities(org, *fields):
    """Subjects of what is read as an activity, with the values."""
    found = org.everything("activities", "Subject", *fields)
    return {record.values["Subject"]: record for record in found}


def test_calls_and_emails_that_are_done_are_activities(org):
    account = org.crm.add("Account", {"Name": "Acme"})
    contact = org.crm.add("Contact", {"LastName": "Muster", "AccountId": account})
    values = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-04-01"}
    deal = org.crm.add("Opportunity", values | {"AccountId": account})
    done = {"WhatId": account, "Status": "Completed", "TaskSubtype": "Call"}
    tasks = {
        "incoming": {"CallType": "Inbound", "WhoId": contact, "WhatId": deal},
        "logged later": {"ActivityDate": "2026-02-20", "TaskSubtype": "Email"},
        "due later": {"ActivityDate": "2026-03-20"},
        "to do": {"TaskSubtype": "Task"},
        "planned": {"Status": "Not Started"},
        "series": {"IsRecurrence": True},
        "with a lead": {"WhatId": None, "WhoId": "00Q5g0000000001EAA"},
        "archived": {"IsArchived": True},
    }
    for subject, more in tasks.items():
        org.crm.add("Task", done | {"Subject": subject, "Description": "private"} | more)

    found = activities(org, *ACTIVITY)

    assert sorted(found) == ["archived", "due later", "incoming", "logged later"]
    kinds = {
        subject: (
            record.values["stageline:kind"],
            record.values["stageline:occurred_at"],
            record.values["stageline:two_way"],
        )
        for subject, record in found.items()
    }
    assert kinds["incoming"] == ("call", "2026-03-02T12:00:00.000Z", True)
    assert kinds["logged later"] == ("email", "2026-02-20T12:00:00.000Z", False)
    assert kinds["due later"] == ("call", "2026-03-02T12:00:00.000Z", False)
    links = {"account": (account,), "contacts": (contact,), "deal": (deal,)}
    assert found["incoming"].links == links
    assert found["due later"].links == links | {"contacts": (), "deal": ()}
    assert "Description" not in activities(org)["incoming"].values


def event(org, account, subject, hours, **more):
    starts = org.crm.clock.now() + timedelta(hours=hours)
    edges = {"StartDateTime": starts, "EndDateTime": starts + timedelta(hours=1)}
    written = {name: f"{at:%Y-%m-%dT%H:%M:%S}.000+0000" for name, at in edges.items()}
    return org.crm.add("Event", written | {"Subject": subject, "WhatId": account} | more)


def test_meetings_that_are_over_are_activities(org):
    [account] = accounts(org.crm, 1)
    event(org, account, "over", -3)
    event(org, account, "to come", 3)
    event(org, account, "private", -3, IsPrivate=True)
    event(org, account, "copy", -3, IsChild=True)
    event(org, account, "series", -3, IsRecurrence=True)

    found = activities(org, *ACTIVITY)

    assert list(found) == ["over"]
    assert found["over"].values["stageline:kind"] == "meeting"
    assert found["over"].values["stageline:two_way"] is True
    assert found["over"].values["stageline:occurred_at"] == "2026-03-02T09:00:00.000Z"


def test_a_meeting_comes_when_it_is_over_though_nobody_changes_it(org):
    [account] = accounts(org.crm, 1)
    meeting = event(org, account, "to come", 3)
    org.crm.clock.advance(minutes=10)
    assert gone(org.changes("activities")) == {meeting: None}
    assert gone(org.connector.fetch("activities", [meeting], ())) == {meeting: None}

    org.crm.clock.advance(hours=6)
    [over] = org.changes("activities", "Subject")
    assert over.values == {"Subject": "to come"}
    assert org.connector.fetch("activities", [meeting], ("Subject",)) == [over]


def test_an_activity_that_stops_being_one_is_gone(org):
    [account] = accounts(org.crm, 1)
    call = {"WhatId": account, "Status": "Completed", "TaskSubtype": "Call"}
    task = org.crm.add("Task", call)
    org.crm.clock.advance(minutes=10)
    assert gone(org.changes("activities")) == {}

    org.crm.update(task, {"Status": "In Progress"})
    org.crm.clock.advance(minutes=10)
    assert gone(org.changes("activities")) == {task: None}


def test_a_queue_that_owns_an_activity_has_no_address(org):
    [account] = accounts(org.crm, 1)
    org.crm.update(org.crm.org.user, {"Email": "erika@acme.test"})
    call = {"WhatId": account, "Status": "Completed", "TaskSubtype": "Call"}
    org.crm.add("Task", call | {"Subject": "of a user"})
    org.crm.add("Task", call | {"Subject": "of a queue", "OwnerId": "00G5g0000000001EAA"})

    found = activities(org, "Owner.Email")

    owners = {subject: record.values["Owner.Email"] for subject, record in found.items()}
    assert owners == {"of a user": "erika@acme.test", "of a queue": None}


# What we may not see, or not so often


def test_a_hidden_field_is_left_out_and_stops_nothing(org):
    org.crm.hide("Account", "Website")
    org.crm.hide("Account", "ParentId")
    org.crm.hide("User", "Email")
    org.crm.add("Account", {"Name": "Acme"})
    asked = ("Name", "Website", "Owner.Email", "Gone__c", "BillingAddress", "Nobody.Name")

    [account] = org.everything("accounts", *asked)

    assert (account.values, account.links) == ({"Name": "Acme"}, {})
    assert not {"Website", "Owner.Email"} & {one.name for one in org.connector.describe("accounts")}


@pytest.mark.parametrize("field", [None, "TaskSubtype"])
def test_without_its_object_or_a_field_that_decides_nothing_is_taken_for_gone(org, field):
    org.crm.hide("Task", field)

    with pytest.raises(CrmRefused):
        org.changes("activities")
    with pytest.raises(CrmRefused):
        org.connector.fetch("activities", ["00T5g0000000001EAA"], ())


def test_a_spent_quota_ends_the_reading_and_the_next_day_it_goes_on(org, small_pages):
    expected = accounts(org.crm, 5)
    org.crm.clock.advance(minutes=1)
    ask = org.ask("accounts", ("Name",), org.read_until)
    pages = org.pages(ask)
    first = next(pages)
    org.crm.spend_quota()
    with pytest.raises(CrmQuotaSpent):
        next(pages)

    org.crm.clock.advance(days=1)
    rest = [record for page in org.pages(ask, first.place) for record in page.records]
    assert ids([*first.records, *rest]) == expected


def test_too_many_requests_at_once_are_no_spent_quota(org):
    said = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    body = f'[{{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "{said}"}}]'.encode()
    org.crm.faults.order(faults.status(403, body=body), times=4, path="queryAll")

    with pytest.raises(CrmThrottled):
        org.everything()


def test_what_is_left_for_the_day_is_told_by_a_header():
    app = "per-app-api-usage=17/250(appName=sample)"
    assert daily_left({"sforce-limit-info": f"api-usage=18/5000; {app}"}) == 4982
    assert daily_left({"sforce-limit-info": "api-usage=5001/5000"}) == 0
    assert daily_left({"sforce-limit-info": app}) is None
    assert daily_left({}) is None


# Single records, and fields


def test_records_are_fetched_by_id_gone_ones_as_such_and_unknown_ones_not(org):
    alive, deleted, merged, purged = accounts(org.crm, 4)
    org.crm.delete(deleted)
    org.crm.merge(alive, merged)
    org.crm.delete(purged)
    org.crm.purge(purged)
    asked = [
        alive,
        deleted,
        merged,
        purged,
        "001000000000000AAA",
        "') OR (Id != '",
        "0065g0000000001EAA",
    ]

    found = org.connector.fetch("accounts", asked, ("Name",))

    assert gone(found) == {deleted: None, merged: alive}
    assert [one.values for one in found if not one.is_gone] == [{"Name": "Acme 0"}]


def test_an_address_stays_short_enough_with_many_fields(org):
    fields = [f"Field_with_a_long_name_number_{number:03}__c" for number in range(200)]
    for name in fields:
        org.crm.add_field("Account", name)
    expected = accounts(org.crm, 200)

    assert ids(org.connector.fetch("accounts", expected, fields)) == expected
    assert max(len(request.target) for request in org.crm.requests) < 13_000


def test_fields_are_described_with_those_of_our_own(org):
    org.crm.add_field("Opportunity", "Region__c", "picklist")
    found = {field.name: field for field in org.connector.describe("deals")}

    assert (found["Amount"].kind, found["Amount"].is_writable) == ("money", True)
    assert found["StageName"].options[0] == "Prospecting"
    assert found["stageline:status"].options == ("open", "won", "lost")
    assert found["Region__c"].kind == "choice"
    for records, fields in FIELDS.items():
        assert set(fields.values()) <= {one.name for one in org.connector.describe(records)}
    assert "BillingAddress" not in {one.name for one in org.connector.describe("accounts")}
