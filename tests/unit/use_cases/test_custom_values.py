"""Unique values and tags are kept with their record, whoever writes at the same time."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stageline.adapters.dynamodb.custom_items import beside_writes
from stageline.adapters.dynamodb.table import MOST_IN_A_TRANSACTION
from stageline.domain.account import Account, Profile
from stageline.domain.custom_field import MOST_UNIQUE, new_field
from stageline.domain.deal import Deal, Terms
from stageline.domain.errors import AlreadyExists, Conflict, Invalid, NotFound, ValueNotUnique
from stageline.domain.stamp import Source
from stageline.domain.tags import MOST_TAGS
from stageline.use_cases import accounts, deals
from stageline.use_cases.fields import add_field, change_field
from tests.fakes.stepping import Stepped, pause
from tests.fakes.world import WORKSPACE, World


class Company(World):
    """A world with two unique fields of accounts, one of deals."""

    def __init__(self) -> None:
        super().__init__()
        for module, key in (("account", "vat"), ("account", "code"), ("deal", "vat")):
            self.add_field(module, key, unique=True)
        self.add_field("account", "note")

    def add_field(self, module: Any, key: str, type_: Any = "text", **more: Any) -> None:
        field = new_field(module, key, key.title(), type_, stamp=self.stamp(), **more)
        add_field(self.customs.fields, field)

    def make(self, account_id: str, **said: Any) -> Account:
        return accounts.create_account(
            self.stores.accounts,
            account_id,
            Profile(name="Acme"),
            in_crm=True,
            parent_id=None,
            customs=self.customs,
            source=Source("api", repr(said), "1"),
            today=self.today,
            stamp=self.stamp(),
            **said,
        )

    def change(self, account_id: str, expected: int | None = None, **changes: Any) -> Account:
        return accounts.change_account(
            self.stores.accounts,
            account_id,
            changes,
            in_crm=None,
            customs=self.customs,
            expected=expected,
            today=self.today,
            stamp=self.stamp(),
        )

    def tag(self, account_id: str, tag: str, *, has_it: bool = True) -> Account:
        return accounts.tag_account(
            self.stores.accounts,
            account_id,
            tag,
            has_it=has_it,
            customs=self.customs,
            today=self.today,
            stamp=self.stamp(),
        )

    def make_deal(self, deal_id: str, **said: Any) -> Deal:
        return deals.create_deal(
            self.stores.deals,
            self.stores.accounts,
            deal_id,
            Terms(name="A deal"),
            "open",
            None,
            account_id=None,
            customs=self.customs,
            source=Source("api", repr(said), "1"),
            today=self.today,
            stamp=self.stamp(),
            **said,
        )

    def change_deal(self, deal_id: str, **changes: Any) -> Deal:
        return deals.change_deal(
            self.stores.deals,
            self.stores.accounts,
            deal_id,
            changes,
            customs=self.customs,
            expected=None,
            today=self.today,
            stamp=self.stamp(),
        )

    def beside(self) -> dict[tuple[str, str], str]:
        """Return what lies beside the records."""
        prefixes = (f"{WORKSPACE.id}#TAG#", f"{WORKSPACE.id}#UNIQUE#")
        return {
            key: value for key, value in self.memory.items.items() if key[0].startswith(prefixes)
        }

    def beside_of_what_is_stored(self) -> dict[tuple[str, str], str]:
        """Return what lies beside the same records when each is made anew, one by one."""
        fresh = Company()
        for item in self.memory.items.values():
            if isinstance(item, Account) and not item.deleted:
                said = item.profile
                fresh.make(item.account_id, custom=dict(said.custom), tags=said.tags)
            elif isinstance(item, Deal) and item.status != "gone":
                fresh.make_deal(item.deal_id, custom=dict(item.terms.custom), tags=item.terms.tags)
        return fresh.beside()


@pytest.fixture
def company():
    return Company()


def test_a_second_value_of_a_unique_field_is_refused_with_the_other(company):
    company.make("a1", custom={"vat": "ATU 1"})
    company.make("a2", custom={"code": "atu 1"})

    for attempt in (
        lambda: company.make("a3", custom={"vat": "atu  1"}),
        lambda: company.change("a2", custom={"vat": "ATU 1"}),
        lambda: company.change("a2", expected=1, custom={"vat": "ATU 1"}),
    ):
        with pytest.raises(ValueNotUnique) as refusal:
            attempt()
        assert refusal.value.extra == {"field": "custom.vat", "other_id": "a1"}
    assert company.stores.accounts.find("a3") is None
    company.make_deal("d1", custom={"vat": "ATU 1"})


def test_the_same_record_says_its_value_again(company):
    company.make("a1", custom={"vat": "ATU 1"})

    assert company.make("a1", custom={"vat": "ATU 1"}).rev == 1
    assert company.change("a1", custom={"vat": "atu 1"}).profile.custom == {"vat": "atu 1"}
    with pytest.raises(AlreadyExists):
        company.make("a1", custom={"vat": "ATU 2"})


def test_a_value_is_free_once_it_was_changed_removed_or_its_record_deleted(company):
    company.make("a1", custom={"vat": "1", "code": "1"}, tags=["Key"])
    company.change("a1", custom={"vat": "2", "code": None})
    company.make("a2", custom={"vat": "1", "code": "1"})
    company.delete_account("a2")
    company.change("a1", custom={"vat": "1", "code": "1"})
    company.make_deal("d1", custom={"vat": "1"}, tags=["Key"])
    company.delete_deal("d1")
    company.make_deal("d2", custom={"vat": "1"})

    gone = company.stores.accounts.find("a2")
    assert gone is not None
    assert (gone.profile.custom, gone.profile.tags) == ({}, ())
    assert company.beside() == company.beside_of_what_is_stored()


def test_values_stay_through_what_does_not_speak_of_them(company):
    company.make("top")
    company.make("a1", custom={"vat": "1", "note": "n"}, tags=["Key"])
    company.make_deal("d1", custom={"vat": "1"}, tags=["Key"])
    before = company.beside()

    company.change_account("a1", name="Newer")
    company.set_parent("a1", "top")
    company.set_parent("top", None)
    company.move_deal("d1", "a1")
    company.close_deal("d1", "won", company.today)
    change_field(
        company.customs.fields,
        "account",
        "vat",
        {"archived": True},
        expected=None,
        stamp=company.stamp(),
    )
    company.change("a1", custom={"note": "m"})

    account = company.stores.accounts.get("a1")
    assert account.profile.custom == {"vat": "1", "note": "m"}
    assert (account.profile.tags, account.parent_id) == (("Key",), "top")
    assert company.stores.deals.get("d1").terms.custom == {"vat": "1"}
    assert company.beside() == before


def test_tags_are_added_and_taken_away_one_by_one(company):
    company.make("a1", tags=["Key"])

    assert company.tag("a1", "key").rev == 1
    assert company.tag("a1", "Büro").profile.tags == ("Büro", "Key")
    assert company.tag("a1", "KEY", has_it=False).profile.tags == ("Büro",)
    assert company.tag("a1", "none", has_it=False).rev == 3
    with pytest.raises(NotFound):
        company.tag("a2", "Key")
    assert company.beside() == company.beside_of_what_is_stored()


def test_a_field_is_made_once(company):
    field = company.customs.fields.find("account", "vat")
    again = replace(field, created_at=company.clock.now(), changed=company.stamp())

    assert add_field(company.customs.fields, again) == field
    with pytest.raises(AlreadyExists):
        add_field(company.customs.fields, replace(again, name="Else"))


def test_a_module_has_so_many_unique_fields(company):
    for number in range(7):
        company.add_field("account", f"unique_{number}", unique=True)

    with pytest.raises(Invalid) as refusal:
        company.add_field("account", "one_more", unique=True)
    assert (refusal.value.field, refusal.value.reason) == ("unique", "too_many")


def test_the_largest_change_fits_into_one_transaction(company):
    for number in range(7):
        company.add_field("account", f"unique_{number}", unique=True)
    fields = company.customs.fields.of("account")
    keys = [key for key, field in fields.items() if field.unique]
    both = (
        Profile(
            name="Acme",
            custom=dict.fromkeys(keys, text),
            tags=tuple(f"{text} {number}" for number in range(MOST_TAGS)),
        )
        for text in ("before", "after")
    )

    writes = list(beside_writes(WORKSPACE, company.customs.beside("account", "a1", *both)))

    assert len(keys) == MOST_UNIQUE
    assert len(writes) == 2 * (MOST_UNIQUE + MOST_TAGS)
    assert len(writes) + 1 <= MOST_IN_A_TRANSACTION


VALUES = st.none() | st.sampled_from(["1", "2"])
SAID = st.fixed_dictionaries(
    {"custom": st.dictionaries(st.sampled_from(["vat", "code"]), VALUES, min_size=1, max_size=2)},
    optional={"tags": st.lists(st.sampled_from(["Key", "key", "New"]), max_size=2)},
)
ACTIONS = st.one_of(
    st.tuples(st.just("make"), st.sampled_from(["a3", "a4"]), SAID),
    st.tuples(st.just("change"), st.sampled_from(["a1", "a2"]), SAID),
    st.tuples(st.just("tag"), st.sampled_from(["a1", "a2"]), st.sampled_from(["Key", "New"])),
    st.tuples(st.just("delete"), st.sampled_from(["a1", "a2"]), st.none()),
)


@given(
    actions=st.lists(ACTIONS, min_size=2, max_size=3),
    order=st.lists(st.tuples(st.integers(0, 2), st.sampled_from([False] * 9 + [True]))),
)
@settings(deadline=None, max_examples=150)
def test_whoever_writes_at_once_values_stay_unique_and_nothing_is_left_behind(actions, order):
    company = Company()
    company.make("a1", custom={"vat": "1"}, tags=["Key"])
    company.make("a2", custom={"code": "1"})
    company.memory.pause = pause

    def does(action: str, account_id: str, said: Any) -> Any:
        def run() -> None:
            try:
                match action:
                    case "make":
                        company.make(account_id, **said)
                    case "change":
                        company.change(account_id, **said)
                    case "tag":
                        company.tag(account_id, said)
                    case _:
                        company.delete_account(account_id)
            except (Conflict, NotFound):
                pass

        return run

    running = [Stepped(does(*action)) for action in actions]
    for place, dies in order:
        if place < len(running) and not running[place].finished:
            running[place].step(dies=dies)
    for one in running:
        while not one.finished:
            one.step()

    company.memory.pause = lambda: None
    # Made anew one by one, no record would take a value that another one has.
    assert company.beside() == company.beside_of_what_is_stored()


@given(order=st.lists(st.integers(0, 1), max_size=12))
@settings(deadline=None, max_examples=60)
def test_of_two_that_take_a_value_at_once_exactly_one_gets_it(order):
    company = Company()
    company.make("a1")
    company.memory.pause = pause
    refused: list[str | None] = []

    def claim(write: Any) -> Any:
        def run() -> None:
            try:
                write()
            except ValueNotUnique as refusal:
                refused.append(refusal.other_id)

        return run

    both = [
        Stepped(claim(lambda: company.change("a1", expected=1, custom={"vat": "1"}))),
        Stepped(claim(lambda: company.make("a2", custom={"vat": "1"}))),
    ]
    for place in order:
        if not both[place].finished:
            both[place].step()
    for one in both:
        while not one.finished:
            one.step()

    company.memory.pause = lambda: None
    (holder,) = company.beside().values()
    assert refused == [holder]
