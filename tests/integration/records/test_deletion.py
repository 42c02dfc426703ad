"""What is deleted leaves no trace of a person in the table."""

import json
from typing import Any

import pytest

from stageline.domain.activity import About, Happening
from stageline.domain.contact import Person
from stageline.domain.custom_field import Module, new_field
from stageline.domain.errors import NotFound
from stageline.domain.task import ToDo
from stageline.use_cases.activities import create_activity, delete_activity
from stageline.use_cases.contacts import create_contact, delete_contact
from stageline.use_cases.fields import add_field
from stageline.use_cases.tasks import create_task, delete_task
from tests.integration.records.stores import NOW, SOURCE, STAMP, TODAY, Stores

CANARY = "Mustermann"


@pytest.fixture
def stores():
    stores = Stores()
    fields: tuple[Module, ...] = ("contact", "activity", "task")
    for module in fields:
        add_field(stores.customs.fields, new_field(module, "note", "Note", "text", stamp=STAMP))
    said: Any = {"customs": stores.customs, "custom": {"note": CANARY}, "tags": [CANARY]}
    named: Any = dict.fromkeys(Person.__dataclass_fields__.keys() - {"custom", "tags"}, CANARY)
    create_contact(
        stores.related,
        "c",
        Person(**named),
        accounts={},
        deals={},
        **said,
        source=SOURCE,
        stamp=STAMP,
    )
    about = About(contact_ids=("c",))
    texts: Any = dict.fromkeys(("subject", "text", "owner_email"), CANARY)
    happening = Happening(kind="call", occurred_at=NOW, **texts)
    create_activity(
        stores.activities,
        stores.related,
        "x",
        happening,
        about,
        **said,
        source=SOURCE,
        today=TODAY,
        stamp=STAMP,
    )
    to_do = ToDo(title=CANARY, due_on=TODAY, owner_email=CANARY)
    create_task(stores.tasks, stores.related, "t", to_do, about, **said, source=SOURCE, stamp=STAMP)
    return stores


def traces(stores):
    """Return the keys of the items that show the person, in whatever case."""
    everything = stores.items().items()
    return [key for key, item in everything if CANARY.lower() in json.dumps(item).lower()]


def test_what_is_deleted_leaves_no_trace_of_a_person(stores):
    assert len(traces(stores)) == 3

    said: Any = {"customs": stores.customs, "expected": None, "stamp": STAMP}
    delete_activity(stores.activities, "x", **said)
    delete_task(stores.tasks, "t", **said)
    delete_contact(stores.related, "c", **said)

    assert traces(stores) == []


def test_what_was_erased_with_a_person_lies_by_itself(stores):
    for store, record in ((stores.activities, "x"), (stores.tasks, "t")):
        before: Any = store.get(record)
        store.save(before, before.without("c", None, stamp=STAMP))
        with pytest.raises(NotFound):
            store.get(record)

    places = [key for key in stores.items() if key[0].endswith("#K#c")]
    assert places == [("acme#K#c", "CONTACT")]
    others = [item for key, item in stores.items().items() if key not in places]
    assert len(traces(stores)) == 1
    assert not any("contact_ids" in item for item in others)
    found = stores.activities.find_many(["x"])["x"], stores.tasks.find_many(["t"])["t"]
    assert [one.erased for one in found] == [True, True]


def test_a_deleted_contact_is_remembered_by_its_id(stores):
    """An older import must not bring the person back."""
    delete_contact(stores.related, "c", customs=stores.customs, expected=None, stamp=STAMP)

    stored = stores.contacts.find_many(["c"])["c"]

    assert (stored.deleted, stored.source, stored.person) == (True, SOURCE, Person())


def test_a_person_stands_in_no_key_but_those_of_the_lists_of_contacts(stores):
    for item in stores.items().values():
        keys = [value for name, value in item.items() if name.endswith(("PK", "SK"))]
        shown = [key for key in keys if CANARY.lower() in key.lower()]
        assert len(shown) == (2 if item["SK"] == "CONTACT" else 0)
