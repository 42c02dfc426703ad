"""Of two that take a unique value at the same time one gets it, wherever the record lies."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stageline.domain.activity import About, Happening
from stageline.domain.contact import Person
from stageline.domain.custom_field import Module, new_field
from stageline.domain.errors import ValueNotUnique
from stageline.domain.task import ToDo
from stageline.use_cases.activities import change_activity, create_activity
from stageline.use_cases.contacts import change_contact, create_contact
from stageline.use_cases.fields import add_field
from stageline.use_cases.tasks import change_task, create_task
from tests.fakes.stepping import Stepped
from tests.integration.records.stores import NOW, SOURCE, STAMP, TODAY, Stores

ABOUT = About(contact_ids=("c",))
TAKEN: Any = {"vat": "1"}


class Writer:
    """Makes and changes records of one module."""

    def __init__(self, module: Module) -> None:
        self.module, self.stores = module, Stores()
        fields = self.stores.customs.fields
        for key in ("vat", "note"):
            field = new_field(module, key, key, "text", unique=key == "vat", stamp=STAMP)
            add_field(fields, field)
        create_contact(
            self.stores.related, "c", Person(last_name="B"), accounts={}, deals={}, **self._said()
        )

    def make(self, id_: str, custom: Any = None) -> Any:
        stores, said = self.stores, self._said() | {"custom": custom}
        match self.module:
            case "contact":
                person = Person(last_name="B")
                return create_contact(stores.related, id_, person, accounts={}, deals={}, **said)
            case "activity":
                call = Happening(kind="call", occurred_at=NOW)
                return create_activity(
                    stores.activities, stores.related, id_, call, ABOUT, today=TODAY, **said
                )
            case _:
                to_do = ToDo(title="Call", due_on=TODAY)
                return create_task(stores.tasks, stores.related, id_, to_do, ABOUT, **said)

    def change(self, id_: str, custom: Any) -> Any:
        stores: Any = self.stores
        said: Any = {"customs": stores.customs, "expected": None, "stamp": STAMP}
        changes = {"custom": custom}
        match self.module:
            case "contact":
                return change_contact(stores.related, id_, changes, **said)
            case "activity":
                said["today"] = TODAY
                return change_activity(stores.activities, stores.related, id_, changes, **said)
            case _:
                return change_task(stores.tasks, stores.related, id_, changes, is_done=True, **said)

    def holders(self) -> list[str]:
        items = self.stores.items().items()
        return [item["id"] for (partition, _), item in items if "#UNIQUE#" in partition]

    def _said(self) -> Any:
        return {"customs": self.stores.customs, "source": SOURCE, "stamp": STAMP}


@pytest.mark.parametrize("module", ["contact", "activity", "task"])
@given(order=st.lists(st.integers(0, 1), max_size=14))
@settings(deadline=None, max_examples=30)
def test_of_two_that_take_a_value_at_once_exactly_one_gets_it(module, order):
    writer = Writer(module)
    writer.make("one", {"note": "n"})
    refused: list[str | None] = []

    def taking(take: Any) -> Stepped:
        def run() -> None:
            try:
                take()
            except ValueNotUnique as refusal:
                refused.append(refusal.other_id)

        return Stepped(run)

    both = [
        taking(lambda: writer.change("one", TAKEN)),
        taking(lambda: writer.make("two", TAKEN)),
    ]
    for place in order:
        if not both[place].finished:
            both[place].step()
    for one in both:
        while not one.finished:
            one.step()

    assert writer.holders() == refused
    assert len(refused) == 1


@pytest.mark.parametrize("module", ["contact", "activity", "task"])
def test_what_was_made_is_made_once(module):
    writer = Writer(module)
    made = writer.make("one", TAKEN)

    assert writer.make("one", TAKEN) == made
    assert writer.holders() == ["one"]
