"""What points to a record is always where the record says, however it changes."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from stageline.adapters.dynamodb.activity_items import activity_items
from stageline.adapters.dynamodb.contact_items import contact_items
from stageline.adapters.dynamodb.custom_items import beside_writes
from stageline.adapters.dynamodb.spread import replaced
from stageline.adapters.dynamodb.table import MOST_IN_A_TRANSACTION
from stageline.adapters.dynamodb.task_items import task_items
from stageline.domain.activity import MOST_CONTACTS, About, Happening, new_activity
from stageline.domain.beside import Beside
from stageline.domain.contact import MOST_LINKS, Person, links_of, new_contact
from stageline.domain.custom_field import MOST_UNIQUE
from stageline.domain.errors import AlreadyExists, Stale
from stageline.domain.task import ToDo, new_task
from tests.fakes.world import owner_of
from tests.integration.records.stores import SOURCE, STAMP, TODAY, WORKSPACE, Stores, hours


def happening(random):
    return Happening(
        kind=random.choice(("call", "note")),
        occurred_at=hours(random.randrange(3)),
        two_way=random.random() < 0.5,
        subject=random.choice((None, "Hello")),
    )


def about(random):
    contacts = tuple(random.sample(("c1", "c2", "c3"), random.randint(1, 3)))
    return About(random.choice((None, "a1", "a2")), random.choice((None, "d1")), contacts)


def placed(items):
    return {(item["PK"], item["SK"]): item for item in items}


@pytest.mark.parametrize("seed", range(60))
def test_an_activity_leaves_nothing_behind_where_it_was(seed):
    random, stores = Random(seed), Stores()
    activity = new_activity("x", happening(random), about(random), stamp=STAMP)
    stores.activities.add([activity])
    for _ in range(8):
        after = activity.changed_to(happening(random), about(random), source=SOURCE, stamp=STAMP)
        after = after if random.random() < 0.9 else activity.gone(STAMP)
        if after is activity:
            continue
        stores.activities.save(activity, after)
        activity = replace(after, deleted=False)
        assert stores.items() == placed(activity_items(WORKSPACE, after))
        with pytest.raises(Stale):
            stores.activities.save(activity, replace(after, rev=activity.rev))
        if after.deleted:
            break


@pytest.mark.parametrize("seed", range(30))
def test_a_task_and_a_contact_leave_nothing_behind_either(seed):
    random, stores = Random(seed), Stores()
    task = new_task(
        "t", ToDo(title="Call", due_on=TODAY), about(random), source=SOURCE, stamp=STAMP
    )
    contact = new_contact("c", Person(last_name="B"), stamp=STAMP)
    stores.tasks.add(task)
    stores.contacts.add([contact])
    for step in range(6):
        to_do = ToDo(title="Call", due_on=TODAY, owner_email=random.choice((None, "a@example.com")))
        changed = task.changed_to(to_do, about(random), is_done=random.random() < 0.5, stamp=STAMP)
        if changed is not task:
            stores.tasks.save(task, changed)
        roles: Any = {
            one: ["user"] for one in random.sample(("a1", "a2", "a3"), random.randint(0, 3))
        }
        linked = contact.changed_to(
            Person(last_name=f"B{step}"),
            accounts=links_of(roles),
            deals=links_of({"d1": ["billing"]} if random.random() < 0.5 else {}),
            source=None,
            stamp=STAMP,
        )
        stores.contacts.save(contact, linked)
        task, contact = changed, linked

        owner = owner_of(to_do.owner_email)
        assert stores.items() == placed(
            [*task_items(WORKSPACE, task, owner), *contact_items(WORKSPACE, contact, "-")]
        )


def test_who_was_second_has_to_decide_again():
    stores = Stores()
    contact = new_contact("c", Person(last_name="B"), accounts=links_of({"a": []}), stamp=STAMP)
    stores.contacts.add([contact])
    with pytest.raises(AlreadyExists):
        stores.contacts.add([contact])
    first = contact.changed_to(
        Person(last_name="C"), accounts=(), deals=(), source=None, stamp=STAMP
    )
    stores.contacts.save(contact, first)

    with pytest.raises(Stale):
        stores.contacts.save(contact, replace(first, person=Person(last_name="D")))
    assert stores.contacts.get("c").person.last_name == "C"
    assert stores.contacts.count_of_account("a") == 0


def test_the_largest_changes_fit_into_one_transaction():
    ones, others = ([f"{name}{number}" for number in range(MOST_LINKS)] for name in "ab")
    contact = new_contact(
        "c", Person(last_name="B"), accounts=links_of({one: () for one in ones}), stamp=STAMP
    )
    linked = replace(contact, accounts=links_of({one: () for one in others}), rev=2)
    call = Happening(kind="call", occurred_at=hours(1))
    activity = new_activity("x", call, About("a", None, tuple(ones[:MOST_CONTACTS])), stamp=STAMP)
    moved = replace(activity, about=About("b", None, tuple(others[:MOST_CONTACTS])), rev=2)
    hashes = [str(number) for number in range(2 * MOST_UNIQUE)]
    beside = Beside(
        claimed=dict.fromkeys(hashes[:MOST_UNIQUE], "vat"), freed=frozenset(hashes[MOST_UNIQUE:])
    )

    contacts = (contact_items(WORKSPACE, one, "-") for one in (contact, linked))
    activities = (activity_items(WORKSPACE, one) for one in (activity, moved))
    for writes in (replaced("contact", *contacts), replaced("activity", *activities)):
        assert len(writes) > 2 * MOST_CONTACTS
        assert len([*writes, *beside_writes(WORKSPACE, beside)]) <= MOST_IN_A_TRANSACTION
