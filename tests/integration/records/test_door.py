"""Nobody who was erased is stored again, whoever offers them, also in the same instant."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stageline.domain.contact import Contact, Person, new_contact
from stageline.domain.errors import AlreadyExists, Erased, NotFound, Suppressed
from stageline.domain.identifiers import Hashing
from stageline.use_cases.contacts import store_contacts
from tests.fakes.stepping import Stepped
from tests.integration.records.stores import STAMP, WORKSPACE, Stores

JANE = Person(
    first_name="Jane", last_name="Doe", email="jane.doe@example.com", phone="+12025550143"
)
HASHING = Hashing(WORKSPACE, {1: b"a key of tests"})


def contact(contact_id: str, person: Person = JANE) -> Contact:
    return new_contact(contact_id, person, stamp=STAMP)


def erase(stores: Stores, before: Contact) -> None:
    hashes = [one[0] for one in HASHING.of(before.person).values()]
    stores.contacts.suppress(hashes, "a-request")
    stores.contacts.save(before, before.erased("a-request", STAMP))


@pytest.fixture
def stores() -> Stores:
    return Stores()


@pytest.mark.parametrize(
    "offered",
    [
        Person(last_name="Doe", email=" JANE.DOE@example.com "),
        Person(first_name="J.", phone="001 202 555 0143"),
    ],
)
def test_who_was_erased_does_not_come_back_under_another_id(stores, offered):
    store_contacts(stores.contacts, [(None, contact("a"))])
    erase(stores, contact("a"))

    with pytest.raises(Suppressed):
        store_contacts(stores.contacts, [(None, contact("b", offered))])

    with pytest.raises(NotFound):
        stores.contacts.get("b")


def test_who_was_erased_does_not_come_back_under_the_same_id(stores):
    store_contacts(stores.contacts, [(None, contact("a"))])
    erase(stores, contact("a"))

    with pytest.raises(Suppressed):
        store_contacts(stores.contacts, [(None, contact("a"))])
    with pytest.raises(Erased):
        stores.contacts.get("a")


def test_nor_by_a_change_of_somebody_else(stores):
    store_contacts(stores.contacts, [(None, contact("a"))])
    colleague = contact("b", Person(last_name="Smith"))
    store_contacts(stores.contacts, [(None, colleague)])
    erase(stores, contact("a"))
    after = replace(colleague, person=replace(colleague.person, email=JANE.email), rev=2)

    with pytest.raises(Suppressed) as refusal:
        store_contacts(stores.contacts, [(colleague, after)])

    assert refusal.value.fields == ("email",)
    assert "jane" not in str(refusal.value)
    assert stores.contacts.get("b").person == colleague.person


def test_what_an_older_key_keeps_out_a_newer_one_does_not_let_in(stores):
    store_contacts(stores.contacts, [(None, contact("a"))])
    erase(stores, contact("a"))
    stores.keys[2] = b"a newer key"

    with pytest.raises(Suppressed):
        store_contacts(stores.contacts, [(None, contact("b"))])


def test_nothing_of_the_person_is_left_but_hashes(stores):
    store_contacts(stores.contacts, [(None, contact("a"))])
    erase(stores, contact("a"))

    left = repr(stores.items()).casefold()

    assert not any(text in left for text in ("jane", "doe", "example.com", "2025550143"))
    hashes = [one[0] for one in HASHING.of(JANE).values()]
    assert stores.contacts.holders(hashes) == {hash_: [] for hash_ in hashes}


@given(st.lists(st.booleans(), max_size=20))
@settings(max_examples=60, deadline=None)
def test_a_writer_in_the_same_instant_is_found_or_fails(order):
    """Who wrote before the erasure is found by the identifier; who comes after it, fails."""
    stores = Stores()
    store_contacts(stores.contacts, [(None, contact("a"))])
    refused: list[Exception] = []
    found: list[Sequence[str]] = []

    def write() -> None:
        try:
            store_contacts(stores.contacts, [(None, contact("b"))])
        except (Suppressed, AlreadyExists) as error:
            refused.append(error)

    def erasing() -> None:
        erase(stores, contact("a"))
        found.extend(stores.contacts.holders(one[0] for one in HASHING.of(JANE).values()).values())

    both = Stepped(write), Stepped(erasing)
    for first in order:
        if not both[first].finished:
            both[first].step()
    for one in both:
        while not one.finished:
            one.step()

    assert all((ids == []) == bool(refused) for ids in found)
