"""Contacts and activities from files: linked, repeated, late, contested, deleted (S3.34)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from stageline import bootstrap
from stageline.domain.identifiers import owner_identifier
from stageline.domain.stamp import Stamp
from stageline.domain.touch import Touch
from stageline.use_cases.contacts import delete_contact
from stageline.use_cases.touches import refresh_touch

CONTACTS = """external_id,first_name,last_name,email,account_external_id,roles
1,Ada,Brandt,ada@example.com,a,decision_maker;user
2,Max,Adler,,,
3,,,,a,user
"""
ACTIVITIES = """external_id,kind,occurred_at,two_way,subject,account_external_id,contact_external_id
x,call,2026-02-01T10:00:00Z,,Hello,a,1
y,meeting,2026-02-02T10:00:00Z,,,a,
z,email,2026-02-03T10:00:00Z,,,,2
n,call,2099-01-01T10:00:00Z,,,a,
"""


def ids(machine):
    return bootstrap.imports(machine.workspace).records


def contacts_of(machine, account):
    account_id = ids(machine).account_id(account)
    found = bootstrap.contacts(machine.workspace).of_account(account_id, None, 50)
    return {
        one.person.last_name: link.roles
        for _, one in found
        for link in one.accounts
        if link.record_id == account_id
    }


def counts(job, *names):
    return tuple(job.counts.get(name, 0) for name in names)


@pytest.mark.over_moto
def test_contacts_are_stored_with_their_roles_and_an_account_may_come_later(machine):
    job = machine.run("contacts", CONTACTS)
    before = contacts_of(machine, "a")
    machine.run("accounts", "external_id,name\na,A\n")
    again = machine.run("contacts", CONTACTS)

    assert counts(job, "created", "refused", "waiting", "unassigned") == (2, 1, 1, 1)
    assert [problem.code for problem in machine.problems(job)] == ["missing_value"]
    assert before == contacts_of(machine, "a") == {"Brandt": ("decision_maker", "user")}
    assert counts(again, "unchanged", "waiting") == (2, 0)


@pytest.mark.over_moto
def test_a_row_adds_an_account_and_an_empty_cell_says_nothing(machine):
    machine.run("contacts", CONTACTS)

    text = "external_id,last_name,phone,account_external_id\n1,Brandt,123,b\n2,Adler,,a\n"
    job = machine.run("contacts", text)
    found = bootstrap.contacts(machine.workspace).find_many([ids(machine).contact_id("1")])
    (contact,) = found.values()

    assert counts(job, "changed") == (2,)
    assert (contact.person.first_name, contact.person.phone) == ("Ada", "123")
    assert {link.record_id for link in contact.accounts} == {
        ids(machine).account_id("a"),
        ids(machine).account_id("b"),
    }
    assert contacts_of(machine, "a") == {"Brandt": ("decision_maker", "user"), "Adler": ()}


def test_a_deleted_contact_comes_back_with_a_newer_file_only(machine):
    older = machine.ask("contacts")
    machine.clock.pass_by(timedelta(seconds=1))
    machine.run("contacts", CONTACTS)
    contact_id = ids(machine).contact_id("1")
    stamp = Stamp("somebody", "request", machine.clock.now())
    related = bootstrap.related(machine.workspace)
    customs = bootstrap.customs(machine.workspace)
    delete_contact(related, contact_id, customs=customs, expected=None, stamp=stamp)

    late = machine.run("contacts", CONTACTS, job=older)

    assert counts(late, "superseded") == (1,)
    assert related.contacts.find_many([contact_id])[contact_id].deleted
    machine.clock.pass_by(timedelta(seconds=1))
    machine.run("contacts", CONTACTS)
    assert contacts_of(machine, "a") == {"Brandt": ("decision_maker", "user")}


def test_who_was_erased_stays_out_and_the_other_rows_are_stored(machine):
    machine.run("contacts", CONTACTS)
    contacts, ada = bootstrap.contacts(machine.workspace), ids(machine).contact_id("1")
    before = contacts.get(ada)
    hashes = [one[0] for one in bootstrap.hashing(machine.workspace).of(before.person).values()]
    stamp = Stamp("officer", "request", machine.clock.now())
    contacts.suppress(hashes, "r")
    contacts.save(before, before.erased("r", stamp))

    text = "external_id,last_name,email\n1,Brandt,\n9,B,ADA@example.com\n10,New,\n"
    job = machine.run("contacts", text)

    assert counts(job, "created", "refused") == (1, 2)
    told = [(one.line, one.column, one.code) for one in machine.problems(job)]
    assert told == [(2, "external_id", "suppressed"), (3, "email", "suppressed")]
    assert "ada" not in str(machine.problems(job)).casefold()
    found = contacts.find_many(ids(machine).contact_id(one) for one in ("1", "9", "10"))
    assert [one.person.last_name for one in found.values() if not one.deleted] == ["New"]


def test_activities_are_stored_where_their_account_and_contact_will_be(machine):
    job = machine.run("activities", ACTIVITIES)
    activities = bootstrap.activities(machine.workspace)
    account_id, contact_id = ids(machine).account_id("a"), ids(machine).contact_id("1")
    lead = ids(machine).contact_id("2")

    def kinds(found):
        return [one.happening.kind for _, one in found]

    assert counts(job, "created", "refused", "waiting", "unassigned") == (3, 1, 2, 1)
    assert [problem.code for problem in machine.problems(job)] == ["occurred_at_in_the_future"]
    assert kinds(activities.of_account(account_id, None, 50)) == ["meeting", "call"]
    assert kinds(activities.of_contact(contact_id, None, 50)) == ["call"]
    assert kinds(activities.of_contact(lead, None, 50)) == ["email"]
    refresh_touch(bootstrap.touches(machine.workspace), account_id)
    stored = bootstrap.touches(machine.workspace).stored(account_id)
    first, last = (datetime(2026, 2, day, 10, tzinfo=UTC) for day in (1, 2))
    assert stored is not None
    assert stored.touch == Touch(first, last, last)


def test_a_changed_activity_keeps_what_the_row_does_not_say(machine):
    machine.run("activities", ACTIVITIES)

    text = "external_id,kind,occurred_at,contact_external_id\nx,call,2026-01-01T10:00:00Z,2\n"
    job = machine.run("activities", text)
    activity = bootstrap.activities(machine.workspace).get(ids(machine).activity_id("x"))

    assert counts(job, "changed") == (1,)
    assert activity.happening.subject == "Hello"
    assert activity.about.account_id == ids(machine).account_id("a")
    assert activity.about.contact_ids == (ids(machine).contact_id("2"),)


def test_an_import_brings_nothing_back_of_who_has_left_an_activity(machine):
    machine.run("activities", ACTIVITIES)
    activities = bootstrap.activities(machine.workspace)
    stamp = Stamp("officer", "an-erasure", machine.clock.now())
    for external_id, contact in (("x", "1"), ("z", "2")):
        before = activities.get(ids(machine).activity_id(external_id))
        contact_id = ids(machine).contact_id(contact)
        activities.save(before, before.without(contact_id, None, stamp=stamp))
    assert ids(machine).contact_id("2") not in repr(machine.stored())

    machine.clock.pass_by(timedelta(seconds=1))
    job = machine.run("activities", ACTIVITIES)

    assert counts(job, "changed", "unchanged", "refused") == (1, 1, 2)
    assert {one.code for one in machine.problems(job)} == {
        "suppressed",
        "occurred_at_in_the_future",
    }
    blank = activities.get(ids(machine).activity_id("x"))
    assert (blank.happening.subject, blank.external_id) == (None, None)
    (erased,) = activities.find_many([ids(machine).activity_id("z")]).values()
    assert erased.erased
    assert ids(machine).contact_id("2") not in repr(machine.stored())
    assert "Hello" not in repr(machine.stored())


def test_custom_values_and_tags_are_none_of_an_imports_business(machine):
    machine.run("contacts", CONTACTS)
    machine.run("activities", ACTIVITIES)
    contacts, activities = (
        getattr(bootstrap, name)(machine.workspace) for name in ("contacts", "activities")
    )
    contact = contacts.get(ids(machine).contact_id("1"))
    activity = activities.get(ids(machine).activity_id("x"))
    said = {"custom": {"level": "gold"}, "tags": ("Key",)}
    person, happening = replace(contact.person, **said), replace(activity.happening, **said)
    contacts.save(contact, replace(contact, person=person, rev=2))
    activities.save(activity, replace(activity, happening=happening, rev=2))

    people = "external_id,last_name,phone\n1,Brandt,123\n"
    calls = "external_id,kind,occurred_at,account_external_id\nx,email,2026-02-05T10:00:00Z,a\n"
    for records, text in (("contacts", people), ("activities", calls)):
        assert counts(machine.run(records, text), "changed") == (1,)

    assert contacts.get(contact.contact_id).person == replace(person, phone="123")
    found = activities.get(activity.activity_id).happening
    assert (found.kind, found.custom, found.tags) == ("email", *said.values())


@pytest.mark.parametrize(("records", "text"), [("contacts", CONTACTS), ("activities", ACTIVITIES)])
def test_a_dry_run_says_what_the_import_then_does_and_the_same_again_writes_nothing(
    machine, records, text
):
    dry = machine.run(records, text, dry_run=True)
    empty = machine.record_writes
    done = machine.run(records, text)
    written = machine.record_writes
    machine.run(records, text)

    assert empty == 0
    assert dict(dry.counts) == dict(done.counts)
    assert [one.code for one in machine.problems(dry)] == [
        one.code for one in machine.problems(done)
    ]
    assert machine.record_writes == written > 0


@pytest.mark.parametrize(("records", "text"), [("contacts", CONTACTS), ("activities", ACTIVITIES)])
def test_a_crash_and_duplicates_change_nothing_of_the_end(machine, records, text):
    machine.duplicates = True
    machine.crash_at = 3

    job = machine.run(records, text)

    assert job.is_finished
    assert counts(job, "created") == (2 if records == "contacts" else 3,)
    assert len(machine.items("CONTACT")) == (2 if records == "contacts" else 0)


@pytest.mark.parametrize("records", ["accounts", "deals", "contacts", "activities"])
def test_a_row_comes_without_an_owner_who_was_erased(machine, records):
    rows = {
        "accounts": "external_id,name,owner_email\n1,A,{}\n2,B,ben@example.com\n",
        "deals": "external_id,name,status,owner_email\n1,A,open,{}\n2,B,open,ben@example.com\n",
        "contacts": "external_id,last_name,owner_email\n1,A,{}\n2,B,ben@example.com\n",
        "activities": "external_id,kind,occurred_at,account_external_id,owner_email\n"
        "1,call,2026-02-01T10:00:00Z,a,{}\n2,call,2026-02-01T10:00:00Z,a,ben@example.com\n",
    }[records].format("Jane@Example.com")
    hashes = bootstrap.hashing(machine.workspace).hashes(owner_identifier("jane@example.com"))
    bootstrap.contacts(machine.workspace).suppress(hashes, "a-request")

    first = machine.run(records, rows)
    again = machine.run(records, rows)

    assert counts(first, "created", "refused") == (2, 0)
    assert counts(again, "unchanged", "refused") == (2, 0)
    stored = [item for item in machine.stored().values() if "external_id" in item]
    assert {item["external_id"]: item.get("owner_email") for item in stored} == {
        "1": None,
        "2": "ben@example.com",
    }
    assert "jane" not in str(machine.stored()).casefold()
