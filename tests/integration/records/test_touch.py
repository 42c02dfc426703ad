"""A touch moves the age of a contact, and never of one whose erasure is open."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stageline.adapters.dynamodb.record_keys import open_erasure_key
from stageline.domain.contact import Person, Touched, links_of, new_contact
from stageline.domain.errors import Anonymized, ErasureOpen, NotFound, Stale
from stageline.domain.stamp import Stamp
from stageline.use_cases.contact_ages import touch_contact, touch_contacts
from tests.fakes.stepping import Stepped
from tests.integration.records.stores import NOW, STAMP, WORKSPACE, Stores

LATER = Stamp("officer", "later", NOW + timedelta(days=400))
REASON = "asked her again"


@pytest.fixture
def stores() -> Stores:
    return Stores()


def add(stores: Stores, *contact_ids: str) -> None:
    person = Person(last_name="Doe", email="jane.doe@example.com")
    links = links_of({"an-account": ["user"]})
    for contact_id in contact_ids:
        stores.contacts.add([new_contact(contact_id, person, accounts=links, stamp=STAMP)])


def open_erasure(stores: Stores, contact_id: str) -> None:
    """Do what a request to erase the contact does."""
    key = open_erasure_key(WORKSPACE, contact_id)
    stores.table.put({**key, "id": contact_id, "request": "r"}, "attribute_not_exists(PK)")


def touch(stores: Stores, contact_id: str, expected: int | None = None) -> None:
    touch_contact(stores.related, contact_id, REASON, expected=expected, stamp=LATER)


def test_only_the_age_begins_anew_with_who_and_why(stores):  # S2.41
    add(stores, "a", "b")
    before, items = stores.contacts.get("a"), stores.items()

    touch(stores, "a")

    touched = {"gdpr_date": LATER.at, "touch": Touched("officer", REASON), "changed": LATER}
    assert stores.contacts.get("a") == replace(before, **touched, rev=2)
    changed = [item for key, item in stores.items().items() if items[key] != item]
    assert [item["SK"] for item in changed] == ["CONTACT"]
    assert [one.contact_id for _, one in stores.contacts.by_age(page=9)] == ["b", "a"]
    touch(stores, "a")
    assert stores.contacts.get("a").rev == 3


def test_whom_one_does_not_touch(stores):
    add(stores, "a", "gone")
    gone = stores.contacts.get("gone")
    stores.contacts.save(gone, gone.gone(STAMP))
    stores.contacts.add([stores.contacts.get("a").anonymous("nobody", STAMP)])
    open_erasure(stores, "a")

    for contact_id, refusal in (
        ("unknown", NotFound),
        ("gone", NotFound),
        ("nobody", Anonymized),
        ("a", ErasureOpen),
    ):
        with pytest.raises(refusal):
            touch(stores, contact_id)
    with pytest.raises(Stale):
        touch(stores, "a", expected=7)
    assert stores.contacts.get("a").touch is None


def test_of_many_each_is_touched_or_it_is_said_why_not(stores):
    many = [f"{number:03}" for number in range(60)]
    add(stores, *many, "open", "gone")
    gone = stores.contacts.get("gone")
    stores.contacts.save(gone, gone.gone(STAMP))
    stores.contacts.add([stores.contacts.get("000").anonymous("nobody", STAMP)])
    open_erasure(stores, "open")

    asked = [*many, "000", "open", "gone", "nobody", "unknown"]
    outcomes = touch_contacts(stores.contacts, asked, REASON, LATER)

    assert outcomes == dict.fromkeys(many, "touched") | {
        "open": "erasure_open",
        "gone": "not_found",
        "nobody": "anonymized",
        "unknown": "not_found",
    }
    touched = [one for _, one in stores.contacts.by_age(since=LATER.at, page=99)]
    assert sorted(one.contact_id for one in touched) == many
    assert {one.rev for one in touched} == {2}


@given(st.lists(st.integers(0, 2), max_size=12))
@settings(max_examples=40, deadline=None)
def test_whichever_comes_first_nobody_is_touched_once_their_erasure_is_open(order):
    """Somebody else writes a third contact meanwhile; neither holds up the others of the call."""
    stores = Stores()
    add(stores, "a", "b", "c")
    outcomes: dict[str, str] = {}
    opened = Stepped(lambda: open_erasure(stores, "b"))
    touching = Stepped(
        lambda: outcomes.update(touch_contacts(stores.contacts, "abc", REASON, LATER))
    )

    def write() -> None:
        before = stores.contacts.get("c")
        after = replace(before, person=replace(before.person, job_title="Buyer"), rev=2)
        try:
            stores.contacts.save(before, after)
        except Stale:
            assert stores.contacts.get("c").touch is not None

    is_touched = was_open = False

    def step(one: Stepped) -> None:
        nonlocal is_touched, was_open
        if not is_touched:
            was_open = opened.finished
        one.step()
        is_touched = stores.contacts.get("b").touch is not None

    all_of_them = opened, touching, Stepped(write)
    for number in order:
        if not all_of_them[number].finished:
            step(all_of_them[number])
    for one in all_of_them:
        while not one.finished:
            step(one)

    assert outcomes["a"] == outcomes["c"] == "touched"
    assert stores.contacts.get("c").touch == Touched("officer", REASON)
    assert outcomes["b"] == ("touched" if is_touched else "erasure_open")
    assert not (is_touched and was_open)
