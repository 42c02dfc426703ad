"""Lists of contacts and tasks against an oracle: any owners, in any pages, each record once."""

from datetime import timedelta
from itertools import islice
from random import Random

import pytest

from stageline.domain.activity import About
from stageline.domain.contact import Person, links_of, new_contact
from stageline.domain.search import sort_name
from stageline.domain.task import ToDo, new_task
from tests.fakes.world import owner_of
from tests.integration.records.stores import SOURCE, STAMP, TODAY, Stores

PEOPLE = (None, "ada@example.com", "ben@example.com", "cem@example.com")
NAMES = ("Adler", "adler", "Ádler", "Brandt", "Čermák", "東京")


def all_of(list_of, size):
    """Go through a list in pages of that size."""
    found, after = [], None
    while page := list(islice(list_of(after, size), size)):
        found += [record for _, record in page]
        after = page[-1][0]
    return found


def some_owners(random):
    """Return everybody, or somebody's reports."""
    if random.random() < 0.3:
        return None
    return [owner_of(one) for one in random.sample(PEOPLE, random.randint(1, len(PEOPLE)))]


@pytest.mark.parametrize("seed", range(40))
def test_contacts_come_by_name_whoever_owns_them(seed):
    random, stores = Random(seed), Stores()
    made = [
        new_contact(
            f"c{number:02}",
            Person(last_name=random.choice(NAMES), owner_email=random.choice(PEOPLE)),
            accounts=links_of({"a1": []} if random.random() < 0.5 else {}),
            stamp=STAMP,
        )
        for number in range(random.randint(0, 25))
    ]
    for contact in made:
        stores.contacts.add([contact])
    owners, is_lead = some_owners(random), random.choice((None, True, False))

    found = all_of(
        lambda after, page: stores.contacts.listed(owners, is_lead=is_lead, after=after, page=page),
        random.randint(1, 7),
    )

    expected = [
        one
        for one in made
        if (owners is None or owner_of(one.person.owner_email) in owners)
        and is_lead in (None, one.is_lead)
    ]
    expected.sort(key=lambda one: f"{sort_name(one.person.sort_by)}#{one.contact_id}")
    assert found == expected


@pytest.mark.parametrize("seed", range(40))
def test_open_tasks_come_by_due_day_whoever_is_to_do_them(seed):
    random, stores = Random(seed), Stores()
    made = []
    for number in range(random.randint(0, 25)):
        due_on = TODAY + timedelta(days=random.randrange(6))
        to_do = ToDo(title="T", due_on=due_on, owner_email=random.choice(PEOPLE))
        task = new_task(f"t{number:02}", to_do, About("a1"), source=SOURCE, stamp=STAMP)
        stores.tasks.add(task)
        if random.random() < 0.3:
            done = task.changed_to(to_do, task.about, is_done=True, stamp=STAMP)
            stores.tasks.save(task, done)
        else:
            made.append(task)
    owners = some_owners(random)
    through = random.choice((None, TODAY + timedelta(days=2)))

    found = all_of(
        lambda after, page: stores.tasks.open_by_due_day(
            owners, through=through, after=after, page=page
        ),
        random.randint(1, 7),
    )

    expected = [
        one
        for one in made
        if (owners is None or owner_of(one.to_do.owner_email) in owners)
        and (through is None or one.to_do.due_on <= through)
    ]
    expected.sort(key=lambda one: (one.to_do.due_on, one.task_id))
    assert found == expected
    assert stores.tasks.count_open("a1") == len(made)


@pytest.mark.parametrize("seed", range(20))
def test_the_tasks_of_a_contact_are_found_wherever_they_lie(seed):
    random, stores = Random(seed), Stores()
    made = []
    for number in range(random.randint(0, 15)):
        about = About(
            random.choice((None, "a1", "a2")),
            random.choice(("d1", "d2")),
            random.choice(((), ("c1",), ("c2",))),
        )
        to_do = ToDo(title="T", due_on=TODAY + timedelta(days=random.randrange(3)))
        task = new_task(f"t{number:02}", to_do, about, source=SOURCE, stamp=STAMP)
        stores.tasks.add(task)
        is_done, other = random.random() < 0.3, random.choice((about, About(None, None, ("c1",))))
        after = task.changed_to(to_do, other, is_done=is_done, stamp=STAMP)
        if random.random() < 0.1:
            after = task.gone(STAMP)
        if after is not task:
            stores.tasks.save(task, after)
        made.append(after)

    found = all_of(
        lambda after, page: stores.tasks.of_contact("c1", after, page), random.randint(1, 4)
    )

    mine = [one for one in made if one.about.contact_ids == ("c1",) and not one.deleted]
    assert found == sorted(
        mine,
        key=lambda one: (one.done_at is not None, one.done_at or one.to_do.due_on, one.task_id),
    )
    of_accounts = [*stores.tasks.of_account("a1", None, 5), *stores.tasks.of_account("a2", None, 5)]
    assert {one.task_id for _, one in of_accounts} == {
        one.task_id for one in made if one.about.account_id and not one.deleted
    }


def test_a_sellers_list_reads_what_is_theirs_only():
    """Not as much as there is: 300 contacts of others cost nothing."""
    stores = Stores()
    for number in range(320):
        owner = "ada@example.com" if number % 16 == 0 else "ben@example.com"
        person = Person(last_name=f"N{number:03}", owner_email=owner)
        stores.contacts.add([new_contact(f"c{number}", person, stamp=STAMP)])
    read = stores.client.meter.items_read

    listed = stores.contacts.listed([owner_of("ada@example.com")], after=None, page=50)

    assert len(list(listed)) == 20
    assert stores.client.meter.items_read - read == 20
