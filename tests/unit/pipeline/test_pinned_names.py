"""An account whose name was erased: in lists, in the search, in what explains its stage."""

from typing import Any

import pytest

from stageline.domain.errors import Pinned
from stageline.use_cases.listing import Criteria, list_accounts
from tests.fakes.memory import Memory
from tests.fakes.world import DAY, SCHEME, World


def erase_name(world, account_id):
    before = world.stores.accounts.get(account_id)
    world.stores.accounts.save(before.pin(["name"], world.stamp()))


def listed(world, **criteria):
    page = list_accounts(
        world.lists, world.stores.rows, SCHEME, Criteria(sort="name", limit=10, **criteria), None
    )
    return [row.account_id for row in page.rows]


def words(memory: Memory):
    return sorted(sort for partition, sort in memory.items if "#W#" in partition)


@pytest.fixture
def erased(world, flow):
    world.add_account("a", name="Anton Aaron")
    world.add_account("j", name="Jane Doe Consulting", domain="glassworks.example")
    world.add_deal("d", "j", "won", closed_on=DAY, name="Jane Doe renewal")
    flow()
    assert listed(world, query="consulting") == ["j"]
    erase_name(world, "j")
    (deal,) = world.stores.deals.of_account("j")
    world.stores.deals.save([deal.pin(["name"], world.stamp())])
    flow()
    return world


def test_no_search_word_and_no_row_has_the_name_any_more(erased):
    assert listed(erased, query="consulting") == []
    assert listed(erased, query="glassworks") == ["j"]
    assert listed(erased) == ["j", "a"]
    assert listed(erased, descending=True) == ["a", "j"]
    assert {sort.partition("#")[0] for sort in words(erased.memory)} == {
        "anton",
        "aaron",
        "glassworks",
        "glassworks.example",
    }
    assert "Jane" not in repr(erased.memory.items)
    assert not any(erased.verify().drift.values())


def test_its_stage_is_what_it_was_and_it_can_be_changed(erased: World, flow):
    before: Any = erased.stores.rows.row("j", "crm_stage")
    assert before.stage == "client"

    erased.change_account("j", industry="Glass")
    erased.reopen_deal("d")
    flow()

    with pytest.raises(Pinned):
        erased.change_account("j", name="Jane Doe")
    account = erased.stores.accounts.get("j")
    assert (account.profile.name, account.profile.industry) == ("", "Glass")
    row: Any = erased.stores.rows.row("j", "crm_stage")
    assert (row.stage, row.name) == ("pipeline", "")
