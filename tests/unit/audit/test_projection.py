"""What the audit says of a write: exactly one entry, names of fields, and no value (S3.28)."""

import json
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stageline.adapters.dynamodb.accounts import DynamoDbAccounts
from stageline.adapters.dynamodb.audited_items import AUDITED
from stageline.adapters.dynamodb.configuration import DynamoDbConfiguration
from stageline.adapters.dynamodb.deals import DynamoDbDeals
from stageline.adapters.dynamodb.directory import DynamoDbDirectory
from stageline.adapters.dynamodb.keys import account_key, deal_key, locator_key, settings_key
from stageline.domain.account import Profile
from stageline.domain.audit import KINDS, Kind
from stageline.domain.deal import Terms
from stageline.domain.ids import Identities
from stageline.domain.stamp import Source, Stamp
from stageline.domain.workspace import Workspace
from stageline.use_cases import accounts, deals, integrations
from stageline.use_cases.custom_values import Customs
from stageline.use_cases.members import add_member, remove_member
from tests.fakes.audit import SEEN_AT, AuditWorld, handle
from tests.fakes.fields import InMemoryFields
from tests.fakes.memory import Memory
from tests.fakes.unused import UNUSED

ACME = Workspace("acme")
TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
# Stands in every text that people give.
CANARY = "Mustermann"


class Company:
    """Calls use cases over a table; each call is a request of its own."""

    def __init__(self, world: AuditWorld) -> None:
        self.world = world
        self.accounts = DynamoDbAccounts(world.table, ACME)
        self.deals = DynamoDbDeals(world.table, ACME)
        self.configuration = DynamoDbConfiguration(world.table, ACME)
        self.directory = DynamoDbDirectory(world.table)
        self.customs = Customs(InMemoryFields(Memory(), ACME), Identities(ACME, b"a key of tests"))
        self.requests = 0

    def stamp(self, **more: Any) -> Stamp:
        self.requests += 1
        at = NOW + timedelta(seconds=self.requests)
        return Stamp("somebody", f"r{self.requests}", at, **more)

    def add_account(self, account_id: str, parent_id: str | None = None) -> None:
        accounts.create_account(
            self.accounts,
            account_id,
            Profile(name=f"{CANARY} & Co", owner_email=f"{CANARY}@example.com"),
            in_crm=True,
            parent_id=parent_id,
            source=Source("api", account_id, "1"),
            customs=self.customs,
            today=TODAY,
            stamp=self.stamp(),
        )

    def change_account(self, account_id: str, in_crm: bool | None = None, **changes: Any) -> None:
        accounts.change_account(
            self.accounts,
            account_id,
            changes,
            in_crm=in_crm,
            expected=None,
            customs=self.customs,
            today=TODAY,
            stamp=self.stamp(),
        )

    def delete_account(self, account_id: str) -> None:
        accounts.delete_account(
            self.accounts,
            self.deals,
            UNUSED,
            UNUSED,
            account_id,
            expected=None,
            customs=self.customs,
            today=TODAY,
            stamp=self.stamp(),
        )

    def add_deal(self, deal_id: str, account_id: str | None) -> None:
        deals.create_deal(
            self.deals,
            self.accounts,
            deal_id,
            Terms(name=f"Order of {CANARY}"),
            "open",
            None,
            account_id=account_id,
            source=Source("api", deal_id, "1"),
            customs=self.customs,
            today=TODAY,
            stamp=self.stamp(),
        )

    def change_deal(self, deal_id: str, **changes: Any) -> None:
        deals.change_deal(
            self.deals,
            self.accounts,
            deal_id,
            changes,
            expected=None,
            customs=self.customs,
            today=TODAY,
            stamp=self.stamp(),
        )

    def close_deal(self, deal_id: str, status: Any = "won") -> None:
        deals.close_deal(
            self.deals, deal_id, status, TODAY, expected=None, today=TODAY, stamp=self.stamp()
        )

    def delete_deal(self, deal_id: str) -> None:
        deals.delete_deal(
            self.deals,
            deal_id,
            customs=self.customs,
            expected=None,
            today=TODAY,
            stamp=self.stamp(),
        )

    def switch(self, *, active: bool) -> None:
        integrations.put_integration(
            self.configuration,
            "file",
            active=active,
            opportunity_pull=True,
            expected=None,
            today=TODAY,
            stamp=self.stamp(),
        )

    def set_zone(self, zone: str) -> None:
        self.configuration.save_zone(zone, self.stamp())


@pytest.fixture
def company(world):
    return Company(world)


@pytest.fixture
def entries(world):
    """Return what reads all that was written since the last look, and says what was kept of it."""

    def read():
        before = dict(world.log(ACME).kept)
        assert handle(world.told()) == {"batchItemFailures": []}
        new = [one for key, one in world.log(ACME).kept.items() if key not in before]
        return [(one.kind, one.record_id, one.happened, set(one.fields)) for one in new]

    return read


def test_an_account_from_its_beginning_to_its_end(company, entries):
    company.add_account("a1")
    assert entries() == [("account", "a1", "created", {"name", "owner_email", "root_id", "in_crm"})]
    company.change_account("a1", name="Other", owner_email=None, industry="Glass")
    assert entries() == [("account", "a1", "changed", {"name", "owner_email", "industry"})]
    company.change_account("a1", in_crm=False)
    assert entries() == [("account", "a1", "changed", {"in_crm"})]
    company.add_account("a2", parent_id="a1")
    assert entries()[1] == ("account", "a2", "moved", {"parent_id", "root_id"})
    company.delete_account("a2")
    assert entries() == [("account", "a2", "deleted", set())]


def test_a_deal_from_its_beginning_to_its_end(company, entries):
    company.add_account("a1")
    company.add_deal("d1", None)
    assert entries()[1] == ("deal", "d1", "created", {"name", "status"})
    company.change_deal("d1", amount=Decimal("10.50"), currency="EUR")
    assert entries() == [("deal", "d1", "changed", {"amount", "amount.currency"})]
    company.close_deal("d1")
    assert entries() == [("deal", "d1", "changed", {"status", "closed_on"})]
    company.delete_deal("d1")
    assert entries() == [("deal", "d1", "deleted", set())]


def test_a_deal_that_moves_is_one_entry_with_all_that_changed(company, entries):
    """It gets another key: the stream has a removal and an insertion, each with one image."""
    company.add_account("a1")
    company.add_deal("d1", None)
    entries()

    company.change_deal("d1", account_id="a1", name="Other")
    assert entries() == [("deal", "d1", "moved", {"account_id", "name"})]
    company.change_deal("d1", probability=Decimal("0.5"))
    assert entries() == [("deal", "d1", "changed", {"probability"})]


def test_settings_and_rights(company, entries):
    company.switch(active=True)
    assert sorted(entries()) == [
        ("integration", "file", "created", {"active", "opportunity_pull", "sync"}),
        ("overlay", "-", "created", set()),
    ]
    company.switch(active=False)
    assert sorted(entries()) == [
        ("integration", "file", "changed", {"active"}),
        ("overlay", "-", "changed", {"no_stage"}),
    ]
    company.set_zone("UTC")
    assert entries() == [("settings", "-", "created", {"zone"})]
    add_member(company.directory, ACME, "s1", "seller")
    assert entries() == [("membership", "s1", "created", {"kind", "role", "suspended"})]
    add_member(company.directory, ACME, "s1", "seller", suspended=True)
    assert entries() == [("membership", "s1", "changed", {"suspended"})]
    remove_member(company.directory, ACME, "s1", expected=None, stamp=company.stamp())
    assert entries() == [("membership", "s1", "deleted", set())]


def test_what_an_import_writes_is_audited_as_its_job(company, entries, world):
    company.add_account("a1")
    entries()
    before = company.accounts.get("a1")
    stamp = company.stamp(in_job=True)

    company.accounts.save(
        before.changed_to(
            replace(before.profile, industry="Glass"),
            in_crm=True,
            today=TODAY,
            stamp=stamp,
            source=before.source,
        )
    )

    assert entries() == [("account", "a1", "changed", {"industry"})]
    entry = list(world.log(ACME).kept.values())[-1]
    assert (entry.by, entry.request, entry.at) == (stamp.by, stamp.request, stamp.at)


def test_a_write_that_changes_nothing_to_be_seen_is_no_entry(company, entries):
    company.add_account("a1")
    company.set_zone("UTC")
    entries()
    before = company.accounts.get("a1")

    company.accounts.save(
        replace(
            before,
            source=Source("file", "same", "2"),
            changed=company.stamp(),
            rev=before.rev + 1,
        )
    )
    company.set_zone("UTC")

    assert entries() == []


class TestPastTheApi:
    """Whoever writes the table by hand leaves the stamp of somebody else, or none."""

    @pytest.fixture
    def by(self, world, entries):
        """Return what says who did what was written since the last look."""

        def read():
            entries()
            last = list(world.log(ACME).kept.values())[-1]
            return last.happened, last.by, last.request, last.at

        return read

    @pytest.fixture(autouse=True)
    def there(self, company, by):
        company.add_account("a1")
        company.add_deal("d1", "a1")
        company.set_zone("UTC")
        by()

    def test_a_change_is_not_laid_to_the_last_writer(self, world, by):
        key = account_key(ACME, "a1")
        world.table.put((world.table.get(key) or {}) | {"industry": "Glass"})
        assert by() == ("changed", "unknown", None, SEEN_AT)

        key = settings_key(ACME)
        world.table.put(key | {"zone": "Europe/Vienna"})
        assert by() == ("changed", "unknown", None, SEEN_AT)

    def test_what_was_put_back_is_not_laid_to_the_last_writer(self, world, company, by):
        company.change_account("a1", industry="Glass")
        kept = world.table.get(account_key(ACME, "a1")) or {}
        world.client.delete_item(
            TableName="in-memory", Key={name: {"S": kept[name]} for name in ("PK", "SK")}
        )
        assert by() == ("deleted", "unknown", None, SEEN_AT)

        world.table.put(kept)
        assert by() == ("restored", "unknown", None, SEEN_AT)

    def test_a_deal_is_deleted_when_its_locator_is(self, world, entries):
        keys = [deal_key(ACME, "a1", "d1"), locator_key(ACME, "d1"), locator_key(ACME, "a1")]
        for key in keys:
            stored = {name: {"S": value} for name, value in key.items()}
            world.client.delete_item(TableName="in-memory", Key=stored)

        assert entries() == [("deal", "d1", "deleted", set())]


def test_every_kind_has_its_items():
    assert {one.kind for one in AUDITED} == set(KINDS) == set(get_args(Kind.__value__))


ACCOUNT_CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from([f"{CANARY} AG", f"{CANARY} KG"]),
        "domain": st.sampled_from([None, f"{CANARY.lower()}.example.com"]),
        "owner_email": st.sampled_from([None, f"{CANARY}@example.com"]),
        "industry": st.sampled_from([None, "Glass"]),
    },
)
DEAL_CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from([f"{CANARY} 1", f"{CANARY} 2"]),
        "probability": st.sampled_from([None, Decimal("0.25")]),
        "expected_close_on": st.sampled_from([None, TODAY]),
        "account_id": st.sampled_from([None, "a1", "a2"]),
    },
)
WRITES = st.lists(
    st.one_of(
        st.tuples(st.just("account"), st.sampled_from(["a1", "a2"]), ACCOUNT_CHANGES),
        st.tuples(st.just("deal"), st.sampled_from(["d1", "d2"]), DEAL_CHANGES),
        st.tuples(st.just("zone"), st.sampled_from(["UTC", "Europe/Vienna"]), st.just({})),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(writes=WRITES, seed=st.integers(0, 1_000))
def test_any_writes_in_any_order_and_often_give_one_entry_each(writes, seed):
    world = AuditWorld()
    company = Company(world)
    for name in ("a1", "a2"):
        company.add_account(name)
    for name in ("d1", "d2"):
        company.add_deal(name, None)
    company.set_zone("UTC")
    expected: dict[str, tuple[str, set[str]]] = {}
    zone = "UTC"
    world.told()

    for kind, name, changes in writes:
        names = set()
        if kind == "account":
            profile = company.accounts.get(name).profile
            names = {field for field, value in changes.items() if getattr(profile, field) != value}
            company.change_account(name, **changes)
        elif kind == "deal":
            deal = company.deals.get(name)
            there = asdict(deal.terms) | {"account_id": deal.account_id}
            names = {field for field, value in changes.items() if there[field] != value}
            company.change_deal(name, **changes)
        else:
            names = {"zone"} if name != zone else set()
            zone = name
            company.set_zone(name)
        if names:
            happened = "moved" if "account_id" in names else "changed"
            expected[f"r{company.requests}"] = (happened, names)

    chance, records = Random(seed), list(world.told())
    records += chance.choices(records, k=len(records)) if records else []
    chance.shuffle(records)
    with world.behind_bootstrap():
        while records:
            batch, records = records[:7], records[7:]
            assert handle(batch) == {"batchItemFailures": []}

    kept = list(world.log(ACME).kept.values())
    assert len(kept) == len(expected)
    found = {str(one.request): (one.happened, set(one.fields)) for one in kept}
    assert found == expected
    assert CANARY.lower() not in json.dumps([asdict(one) for one in kept], default=str).lower()
