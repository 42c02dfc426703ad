"""What lies with an account comes along with it while it is little."""

import pytest

from stageline.adapters.dynamodb.views import DynamoDbViews
from stageline.domain.account import Profile, new_account
from stageline.domain.activity import About
from stageline.domain.contact import Person, links_of, new_contact
from stageline.domain.deal import Terms, new_deal
from stageline.domain.task import ToDo, new_task
from tests.integration.records.stores import SOURCE, STAMP, TODAY, WORKSPACE, Stores


def filled(deals: int) -> Stores:
    stores = Stores()
    for id_ in ("a", "b"):
        profile = Profile(name=f"Account {id_}")
        stores.accounts.add([new_account(id_, profile, in_crm=True, today=TODAY, stamp=STAMP)])
    for number in range(deals):
        terms = Terms(name=f"Deal {number}")
        deal = new_deal(
            f"d{number:02}", terms, "open", None, account_id="a", today=TODAY, stamp=STAMP
        )
        stores.deals.add([deal])
    for id_ in ("c2", "c1"):
        person = Person(last_name=id_)
        stores.contacts.add([new_contact(id_, person, accounts=links_of({"a": []}), stamp=STAMP)])
    for id_ in ("t1", "t2"):
        to_do = ToDo(title=id_, due_on=TODAY)
        stores.tasks.add(new_task(id_, to_do, About("a"), source=SOURCE, stamp=STAMP))
    return stores


def test_it_is_what_the_lists_say():
    stores = filled(deals=3)

    view = DynamoDbViews(stores.table, WORKSPACE).account("a", with_beside=True)

    assert view is not None and view.beside is not None
    assert list(view.beside.deals) == list(stores.deals.of_account("a"))
    assert list(view.beside.contact_ids) == [
        one for one, _ in stores.contacts.of_account("a", None, 9)
    ]
    assert list(view.beside.tasks) == list(stores.tasks.of_account("a", None, 9))


@pytest.mark.parametrize("deals", [55, 56])
def test_an_account_is_whole_however_much_lies_with_it(deals):
    """60 items come along: here two contacts, two tasks and the account besides the deals."""
    views = DynamoDbViews(filled(deals).table, WORKSPACE)

    view = views.account("a", with_beside=True)

    assert view is not None and (view.beside is not None) == (deals == 55)
    assert view._replace(beside=None) == views.account("a")


def test_an_account_that_is_not_there_is_not_there():
    assert DynamoDbViews(filled(0).table, WORKSPACE).account("z", with_beside=True) is None
