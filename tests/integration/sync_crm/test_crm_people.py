"""Contacts and activities of a CRM, which says all there is of them (S0.16)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from stageline import bootstrap
from stageline.domain.custom_field import new_field
from stageline.domain.person_records import ActivityRecord, ContactRecord
from stageline.domain.records import AccountRecord, Fault, GoneRecord, RefusedRecord
from stageline.domain.stamp import Stamp
from stageline.use_cases.contacts import change_contact, link_account
from tests.integration.sync_crm.crm_part import CRM, store

ADA = ContactRecord(line=1, external_id="c1", last_name="Brandt")
CALL = ActivityRecord(
    line=1, external_id="x1", kind="call", occurred_at=datetime(2026, 2, 1, 10, tzinfo=UTC)
)


def ids(machine):
    return replace(bootstrap.imports(machine.workspace).records, integration=CRM)


def contact_of(machine, external_id="c1"):
    contact_id = ids(machine).contact_id(external_id)
    return bootstrap.contacts(machine.workspace).find_many([contact_id])[contact_id]


def activity_of(machine, external_id="x1"):
    activity_id = ids(machine).activity_id(external_id)
    return bootstrap.activities(machine.workspace).find_many([activity_id])[activity_id]


def accounts_of(contact):
    return {link.record_id: link.roles for link in contact.accounts}


@pytest.mark.over_moto
def test_a_crm_names_all_accounts_of_a_contact(machine):
    a, b, c = (ids(machine).account_id(one) for one in "abc")
    machine.run("accounts", "external_id,name\nf,F\n")
    of_file = bootstrap.imports(machine.workspace).records.account_id("f")
    rows = [AccountRecord(line=1, external_id=one, name=one) for one in "ab"]
    store(machine, "accounts", rows)
    store(machine, "contacts", [replace(ADA, account_external_ids=("a", "b", "c"))])
    stamp = contact_of(machine).changed
    related = bootstrap.related(machine.workspace)
    for account_id in (of_file, a):
        contact_id = contact_of(machine).contact_id
        link_account(related, contact_id, account_id, ["user"], expected=None, stamp=stamp)

    job = store(machine, "contacts", [replace(ADA, account_external_ids=("c", "a"))])

    assert job.counts["changed"] == 1
    assert accounts_of(contact_of(machine)) == {a: ("user",), c: (), of_file: ("user",)}
    assert b not in accounts_of(contact_of(machine))
    again = store(machine, "contacts", [replace(ADA, account_external_ids=("a", "c"))])
    assert again.counts["unchanged"] == 1
    store(machine, "contacts", [replace(ADA, account_external_ids=())])
    assert accounts_of(contact_of(machine)) == {of_file: ("user",)}


def test_what_a_crm_says_is_empty_is_empty(machine):
    store(machine, "contacts", [replace(ADA, phone="123", job_title="Buyer")])

    store(machine, "contacts", [replace(ADA, cleared=("phone", "account_external_id"))])

    person = contact_of(machine).person
    assert (person.phone, person.job_title) == (None, "Buyer")


def test_of_too_many_accounts_the_first_are_kept_and_the_others_told(machine):
    names = tuple(f"{number:02}" for number in range(40))
    many = replace(ADA, account_external_ids=names, account_external_id="39", roles=("user",))

    job = store(machine, "contacts", [many])
    again = store(machine, "contacts", [replace(many, account_external_ids=names[::-1])])

    kept = {ids(machine).account_id(one) for one in ("39", *names[:34])}
    assert accounts_of(contact_of(machine)).keys() == kept
    assert accounts_of(contact_of(machine))[ids(machine).account_id("39")] == ("user",)
    for one in (job, again):
        told = [(problem.column, problem.code) for problem in machine.problems(one)]
        assert told == [("accounts", "accounts_too_many")]
    assert again.counts["unchanged"] == 1


def test_a_crm_names_all_contacts_of_an_activity(machine):
    machine.run("contacts", "external_id,last_name\nf,F\n")
    of_file = bootstrap.imports(machine.workspace).records.contact_id("f")
    one, two = (ids(machine).contact_id(name) for name in ("c1", "c2"))
    row = replace(CALL, account_external_id="a", contact_external_ids=("c1", "c2"))
    store(machine, "activities", [row])
    activities = bootstrap.activities(machine.workspace)
    before = activity_of(machine)
    with_more = replace(before.about, contact_ids=(*before.about.contact_ids, of_file))
    activities.save(before, replace(before, about=with_more, rev=before.rev + 1))

    left = replace(row, contact_external_ids=("c2",), subject="Hello")
    store(machine, "activities", [left])

    assert before.about.contact_ids == (one, two)
    assert activity_of(machine).about.contact_ids == (two, of_file)
    store(machine, "activities", [replace(left, account_external_id=None, cleared=CLEARED)])
    assert activity_of(machine).about.account_id is None
    assert activity_of(machine).happening.subject == "Hello"


CLEARED = ("account_external_id", "two_way")


def test_of_too_many_contacts_the_first_are_kept_and_the_others_told(machine):
    names = tuple(f"{number:02}" for number in range(25))

    job = store(machine, "activities", [replace(CALL, contact_external_ids=names)])

    assert activity_of(machine).about.contact_ids == tuple(map(ids(machine).contact_id, names[:20]))
    assert [problem.code for problem in machine.problems(job)] == ["contact_ids_too_many"]


def test_many_contacts_of_many_accounts_are_stored_in_transactions_that_take_them(machine):
    names = tuple(f"{number:02}" for number in range(30))
    rows = [replace(ADA, external_id=f"c{n}", account_external_ids=names) for n in range(9)]

    job = store(machine, "contacts", rows)

    assert job.counts["created"] == 9


def test_a_contact_that_the_crm_has_no_more_is_deleted_and_comes_back_with_its_row(machine):
    row = replace(ADA, email="ada@example.com", account_external_ids=("a",))
    store(machine, "contacts", [row])

    job = store(machine, "contacts", [GoneRecord(line=1, external_id="c1")])
    again = store(machine, "contacts", [GoneRecord(line=1, external_id="c1")])

    assert [one.counts.get("went", 0) for one in (job, again)] == [1, 0]
    assert again.counts["unchanged"] == 1
    contact = contact_of(machine)
    assert (contact.deleted, contact.external_id, contact.person.email) == (True, None, None)
    assert contact.accounts == ()
    back = store(machine, "contacts", [row])
    assert back.counts["came"] == 1
    assert contact_of(machine).person.email == "ada@example.com"


def test_unique_values_of_what_is_gone_are_free_again(machine):
    stamp = Stamp("admin", "request", machine.clock.now())
    customs = bootstrap.customs(machine.workspace)
    customs.fields.save(new_field("contact", "number", "Number", "text", unique=True, stamp=stamp))
    store(machine, "contacts", [ADA, replace(ADA, external_id="c2")])
    related = bootstrap.related(machine.workspace)

    def number(external_id):
        contact_id = ids(machine).contact_id(external_id)
        said = {"custom": {"number": "1"}}
        change_contact(related, contact_id, said, customs=customs, expected=None, stamp=stamp)

    number("c1")
    store(machine, "contacts", [GoneRecord(line=1, external_id="c1")])

    number("c2")
    assert contact_of(machine, "c2").person.custom == {"number": "1"}


def test_an_activity_that_the_crm_has_no_more_is_deleted_and_comes_back_with_its_row(machine):
    row = replace(CALL, account_external_id="a", subject="Hello")
    store(machine, "activities", [row])

    job = store(machine, "activities", [GoneRecord(line=1, external_id="x1")])

    assert job.counts["went"] == 1
    assert (activity_of(machine).deleted, activity_of(machine).happening.subject) == (True, None)
    back = store(machine, "activities", [row])
    assert back.counts["came"] == 1
    assert (activity_of(machine).deleted, activity_of(machine).happening.subject) == (
        False,
        "Hello",
    )


def test_who_was_erased_is_not_brought_back_and_not_counted_as_gone(machine):
    store(machine, "contacts", [ADA])
    before = contact_of(machine)
    stamp = Stamp("officer", "request", machine.clock.now())
    bootstrap.contacts(machine.workspace).save(before, before.erased("r", stamp))

    refused = store(machine, "contacts", [ADA])
    gone = store(machine, "contacts", [GoneRecord(line=1, external_id="c1")])

    assert (refused.counts["refused"], refused.counts.get("came", 0)) == (1, 0)
    assert (gone.counts["unchanged"], gone.counts.get("went", 0)) == (1, 0)


def refused_of(machine, records="contacts"):
    refused = bootstrap.refused_records(machine.workspace, CRM)
    return {one.external_id: one for _, one in refused.latest(50, None) if one.records == records}


def test_what_is_refused_is_kept_until_it_is_stored(machine):
    nameless = ContactRecord(line=1, external_id="c1")
    fault = Fault("email", "invalid_email", "is no address")
    rows = [nameless, RefusedRecord(line=2, external_id="c2", faults=(fault,))]

    store(machine, "contacts", rows)
    first = refused_of(machine)
    store(machine, "contacts", rows)

    assert {name: (one.field, one.code) for name, one in first.items()} == {
        "c1": ("last_name", "last_name_missing"),
        "c2": ("email", "invalid_email"),
    }
    assert refused_of(machine) == first
    store(machine, "contacts", [ADA])
    assert refused_of(machine).keys() == {"c2"}
    store(machine, "contacts", [GoneRecord(line=1, external_id="c2")])
    assert refused_of(machine) == {}


def test_of_records_without_an_id_one_is_kept_for_each_reason(machine):
    rows = [
        RefusedRecord(line=n, external_id=None, faults=(Fault("external_id", code, "-"),))
        for n, code in enumerate(("missing_value", "missing_value", "too_long"))
    ]

    job = store(machine, "contacts", rows)

    refused = bootstrap.refused_records(machine.workspace, CRM)
    assert job.counts["refused"] == 3
    assert len(list(refused.ids("contacts"))) == 2


def test_nothing_that_names_them_is_kept_of_who_was_erased(machine):
    store(machine, "contacts", [ADA])
    before = contact_of(machine)
    stamp = Stamp("officer", "request", machine.clock.now())
    bootstrap.contacts(machine.workspace).save(before, before.erased("r", stamp))
    fault = Fault("email", "invalid_email", "is no address")

    store(machine, "contacts", [RefusedRecord(line=1, external_id="c1", faults=(fault,))])
    by_row = refused_of(machine)
    store(machine, "contacts", [ADA])
    store(machine, "activities", [replace(CALL, contact_external_ids=("c1",))])

    assert by_row.keys() == refused_of(machine).keys() == {None}
    assert refused_of(machine)[None].code == "suppressed"
    assert refused_of(machine, "activities")[None].code == "suppressed"


def test_a_run_without_changes_writes_nothing(machine):
    contacts = [
        replace(ADA, account_external_ids=("a",)),
        ContactRecord(line=2, external_id="c2"),
        GoneRecord(line=3, external_id="c3", merged_into="c1"),
    ]
    activities = [replace(CALL, contact_external_ids=("c1", "c3"), account_external_id="a")]
    accounts = [
        *(AccountRecord(line=1, external_id=one, name=one) for one in "ab"),
        GoneRecord(line=3, external_id="c", merged_into="b"),
    ]

    def run():
        store(machine, "accounts", accounts)
        store(machine, "contacts", contacts)
        store(machine, "activities", activities)

    run()
    stored, writes = machine.stored(), machine.record_writes
    run()

    assert machine.stored() == stored
    assert machine.record_writes == writes
