"""A workspace in memory with everything that the pipeline needs, and what a person does to it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from unittest.mock import patch

from stageline import bootstrap
from stageline.domain.account import Account, Profile
from stageline.domain.deal import Deal, Terms, new_deal
from stageline.domain.drift import Found
from stageline.domain.evaluation import Evaluator
from stageline.domain.ids import Identities
from stageline.domain.stamp import Source, Stamp
from stageline.domain.work import Work
from stageline.domain.workspace import Workspace
from stageline.schemes import shipped
from stageline.use_cases import accounts as account_cases
from stageline.use_cases import deals as deal_cases
from stageline.use_cases import moves as move_cases
from stageline.use_cases.counts import Counting
from stageline.use_cases.custom_values import Customs
from stageline.use_cases.following import Worker, follow
from stageline.use_cases.moves import Moving
from stageline.use_cases.pipeline import Stores, settle_account
from stageline.use_cases.verification import verify_part
from stageline.use_cases.verification_looks import Verifier
from tests.fakes.counts import InMemoryCounts, InMemorySubjects
from tests.fakes.fields import InMemoryFields
from tests.fakes.groups import InMemoryGroups
from tests.fakes.inspection import InMemoryInspection, InMemoryOutbox
from tests.fakes.memory import Memory
from tests.fakes.moves import InMemoryMoves, InMemoryWorks
from tests.fakes.outside import FakeClock, KeptAside, KeptEvents, KeptWork
from tests.fakes.records import InMemoryAccounts, InMemoryDeals
from tests.fakes.rows import InMemoryLists, InMemoryRows
from tests.fakes.unused import UNUSED
from tests.fakes.workspace import InMemoryConfiguration, InMemoryDirectory

WORKSPACE = Workspace("acme")
SCHEME = shipped()
EVALUATOR = Evaluator.of(SCHEME)
DAY = date(2026, 3, 2)


def owner_of(address: str | None) -> str:
    return "-" if address is None else f"owner:{address[:1]}"


class World:
    """Stores over `memory`, and the calls of the API's use cases with little to say."""

    def __init__(self, memory: Memory | None = None) -> None:
        self.memory = memory or Memory()
        self.clock = FakeClock(datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC))
        self.events, self.aside, self.work = KeptEvents(), KeptAside(), KeptWork()
        self.configuration = InMemoryConfiguration()
        self.directory = InMemoryDirectory(WORKSPACE)
        self.lists: Any = InMemoryLists(self.memory, WORKSPACE)
        self.customs = Customs(
            InMemoryFields(self.memory, WORKSPACE), Identities(WORKSPACE, b"a key of tests")
        )
        self.is_loading = False
        self.inspection: Any = InMemoryInspection(self.memory, WORKSPACE)
        self.outbox: Any = InMemoryOutbox(self.memory, WORKSPACE)
        self.stores = Stores(
            accounts=InMemoryAccounts(self.memory, WORKSPACE),
            deals=InMemoryDeals(self.memory, WORKSPACE),
            groups=InMemoryGroups(self.memory, WORKSPACE),
            rows=InMemoryRows(self.memory, WORKSPACE),
            owner_of=owner_of,
            evaluators=(EVALUATOR,),
        )
        self.counting = Counting(
            scheme=SCHEME,
            counts=InMemoryCounts(self.memory, WORKSPACE),
            subjects=InMemorySubjects(self.memory),
            groups=self.stores.groups,
            works=InMemoryWorks(self.memory, WORKSPACE),
            configuration=self.configuration,
            queue=lambda: self.work,
            now=lambda: self.clock.now(),
            pause=lambda seconds: None,
        )
        self.moving = Moving(
            accounts=self.stores.accounts,
            moves=InMemoryMoves(self.memory, WORKSPACE),
            works=InMemoryWorks(self.memory, WORKSPACE),
            queue=lambda: self.work,
            now=self.clock.now,
        )
        self._jobs = count(1)

    @property
    def today(self) -> date:
        return self.clock.today("UTC")

    def behind_bootstrap(self) -> Any:
        """Return a context in which the handlers find this world behind `bootstrap`."""
        return patch.multiple(
            bootstrap,
            clock=lambda: self.clock,
            configuration=lambda workspace: self.configuration,
            customs=lambda workspace: self.customs,
            counting=lambda workspace: self.counting,
            directory=lambda: self.directory,
            events=lambda: self.events,
            lists=lambda workspace: self.lists,
            moving=lambda workspace: self.moving,
            outbox=lambda workspace: self.outbox,
            pipeline=lambda workspace: self.stores,
            set_aside=lambda: self.aside,
            touches=lambda workspace: UNUSED,
            verifier=lambda workspace: self.verifier(),
            work_queue=lambda workspace: self.work,
        )

    def verifier(self) -> Verifier:
        return Verifier(
            stores=self.stores,
            inspection=self.inspection,
            outbox=self.outbox,
            publish=lambda events: self.events.publish([(WORKSPACE, event) for event in events]),
            is_loading=lambda: self.is_loading,
            today=lambda: self.today,
            now=self.clock.now,
            sleep=lambda seconds: None,
        )

    def verify(self, *, repair: bool = False) -> Found:
        """Verify all that is stored, in four parts."""
        parts = (verify_part(self.verifier(), part, 4, repair=repair) for part in range(4))
        return sum(parts, Found())

    def stamp(self) -> Stamp:
        return Stamp("someone", "a-request", self.clock.now())

    def add_account(
        self,
        account_id: str,
        *,
        name: str = "Acme",
        in_crm: bool = True,
        parent_id: str | None = None,
        owner_email: str | None = None,
        domain: str | None = None,
    ) -> Account:
        return account_cases.create_account(
            self.stores.accounts,
            account_id,
            Profile(name=name, owner_email=owner_email, domain=domain),
            in_crm=in_crm,
            parent_id=parent_id,
            customs=self.customs,
            source=Source("api", account_id, "1"),
            today=self.today,
            stamp=self.stamp(),
        )

    def change_account(self, account_id: str, in_crm: bool | None = None, **changes: Any) -> None:
        account_cases.change_account(
            self.stores.accounts,
            account_id,
            changes,
            in_crm=in_crm,
            customs=self.customs,
            expected=None,
            today=self.today,
            stamp=self.stamp(),
        )

    def set_parent(
        self, account_id: str, parent_id: str | None, job_id: str | None = None
    ) -> Account | Work:
        return move_cases.set_parent(
            self.moving,
            account_id,
            parent_id,
            job_id=job_id or f"{next(self._jobs):032x}",
            expected=None,
            today=self.today,
            stamp=self.stamp(),
        )

    def follow(self, job_id: str, seconds: float = 600) -> Work | None:
        """Do what a worker does about a move."""
        until = self.clock.now() + timedelta(seconds=seconds)
        worker = Worker(until, self._settle)
        return follow(self.moving, job_id, worker)

    def _settle(self, account_id: str) -> None:
        settle_account(self.stores, account_id, now=self.clock.now())

    def work_off(self) -> None:
        """Do what the queue was asked for about moves."""
        while self.work.jobs:
            kind, job_id = self.work.jobs.pop(0)
            if kind == "move":
                self.follow(job_id)

    def delete_account(self, account_id: str) -> None:
        account_cases.delete_account(
            self.stores.accounts,
            self.stores.deals,
            UNUSED,
            UNUSED,
            account_id,
            customs=self.customs,
            expected=None,
            today=self.today,
            stamp=self.stamp(),
        )

    def add_deal(
        self,
        deal_id: str,
        account_id: str | None,
        status: Any = "open",
        *,
        opened_on: date | None = None,
        closed_on: date | None = None,
        name: str = "A deal",
        waiting: bool = False,
    ) -> Deal:
        """Store a deal as an import would: it may name an account that is not there yet."""
        deal = new_deal(
            deal_id,
            Terms(name=name, opened_on=opened_on),
            status,
            closed_on,
            account_id=account_id,
            waiting=waiting,
            today=self.today,
            stamp=self.stamp(),
        )
        self.stores.deals.add([deal])
        return deal

    def close_deal(self, deal_id: str, status: Any, closed_on: date) -> None:
        deal_cases.close_deal(
            self.stores.deals,
            deal_id,
            status,
            closed_on,
            expected=None,
            today=self.today,
            stamp=self.stamp(),
        )

    def reopen_deal(self, deal_id: str) -> None:
        deal_cases.reopen_deal(
            self.stores.deals, deal_id, expected=None, today=self.today, stamp=self.stamp()
        )

    def delete_deal(self, deal_id: str) -> None:
        deal_cases.delete_deal(
            self.stores.deals,
            deal_id,
            customs=self.customs,
            expected=None,
            today=self.today,
            stamp=self.stamp(),
        )

    def move_deal(self, deal_id: str, account_id: str | None) -> None:
        deal_cases.change_deal(
            self.stores.deals,
            self.stores.accounts,
            deal_id,
            {"account_id": account_id},
            customs=self.customs,
            expected=None,
            today=self.today,
            stamp=self.stamp(),
        )

    def let_clock_go_back(self) -> None:
        self.stores = replace(self.stores, clock_may_go_back=True)
