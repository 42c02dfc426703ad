"""Roles of a contact, and what deleting leaves of it (S3.3)."""

from datetime import UTC, datetime

from stageline.domain.contact import (
    MOST_LINKS,
    Link,
    Person,
    faults,
    linked,
    links_of,
    new_contact,
    unlinked,
)
from stageline.domain.stamp import Stamp

STAMP = Stamp("user-1", "request-1", datetime(2026, 5, 4, 12, tzinfo=UTC))


def test_roles_are_held_once_each_and_in_one_order():
    links = links_of({"b": ["user", "billing", "user"], "a": ["other", "champion"]})

    assert links == (Link("a", ("champion", "other")), Link("b", ("user", "billing")))
    assert linked(links, "b", ["technical"])[1] == Link("b", ("technical",))
    assert unlinked(links, "a") == links[1:]


def test_what_does_not_differ_is_no_change():
    contact = new_contact("c", Person(last_name="B"), accounts=links_of({"a": []}), stamp=STAMP)

    same = contact.changed_to(
        Person(last_name="B"), accounts=links_of({"a": []}), deals=(), source=None, stamp=STAMP
    )

    assert same is contact
    assert not contact.is_lead


def test_nothing_of_the_person_stays_of_a_deleted_contact():
    contact = new_contact(
        "c", Person(last_name="B"), accounts=links_of({"a": []}), external_id="17", stamp=STAMP
    )

    gone = contact.gone(STAMP)

    assert (gone.person, gone.external_id, gone.accounts) == (Person(), None, ())
    assert (gone.contact_id, gone.deleted, gone.rev) == ("c", True, 2)


def test_a_contact_needs_something_to_be_called_by_and_not_too_many_links():
    many = links_of({f"{number:03}": [] for number in range(MOST_LINKS)})
    one = links_of({"d": []})

    def said(*arguments):
        return [(fault.field, fault.reason) for fault in faults(*arguments)]

    assert said(Person(phone="1"), (), ()) == [("last_name", "missing")]
    assert said(Person(email="a@example.com"), many, ()) == []
    assert said(Person(email="a@example.com"), many, one) == [("accounts", "too_many")]
    assert said(Person(email="a@example.com"), one, many) == [("deals", "too_many")]
