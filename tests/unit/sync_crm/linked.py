"""Two CRMs whose accounts are linked while their rows are being stored."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from stageline.domain.account import Account
from stageline.domain.deal import Deal
from stageline.domain.errors import StagelineError
from stageline.domain.records import AccountRecord, DealRecord, GoneRecord
from stageline.domain.work import Work
from stageline.use_cases import link_carrying
from stageline.use_cases.following import Worker
from stageline.use_cases.link_carrying import carry
from stageline.use_cases.link_proposals import Proposing
from stageline.use_cases.links import link_accounts, unlink_account
from stageline.use_cases.loading import settle
from stageline.use_cases.pipeline import settle_account
from tests.fakes.links import linking_of
from tests.fakes.stepping import pause
from tests.fakes.world import DAY
from tests.unit.sync_crm.simulation import Importer

X, Y = "x", "y"


class Linker(Importer):
    """`account` and `deal` return what is stored of a record of one of the CRMs."""

    def __init__(self, seed: int = 1, *, trouble: bool = False) -> None:
        super().__init__(seed, trouble=trouble)
        self.linking = linking_of(self.world)
        self.proposing = Proposing(
            self.world.stores.accounts,
            self.world.lists,
            self.linking.proposals,
            self.world.configuration,
        )
        self.imports = replace(self.imports, proposing=self.proposing)
        self._links = 0

    def store(self, integration: str, *rows: Any) -> Any:
        """Store rows of accounts or of deals, to the end."""
        is_deal = isinstance(rows[0], DealRecord) or rows[0].external_id.startswith("d")
        (job,) = self.run(self.ask_crm(rows, "deals" if is_deal else "accounts", integration))
        self.world.clock.pass_by(timedelta(seconds=1))
        return job

    def run(self, *asked: Any, **more: Any) -> list[Any]:
        with patch.object(link_carrying, "sleep", lambda seconds: pause()):
            return super().run(*asked, **more)

    def id_of(self, integration: str, external_id: str) -> str:
        return replace(self.imports.records, integration=integration).account_id(external_id)

    def account(self, integration: str, external_id: str) -> Account:
        found = self.world.stores.accounts.find(self.id_of(integration, external_id))
        assert found is not None
        return found

    def deal(self, integration: str, external_id: str) -> Deal:
        records = replace(self.imports.records, integration=integration)
        deal_id = records.deal_id(external_id)
        return self.world.stores.deals.find_many([deal_id])[deal_id]

    def all_of(self, kind: type[Any]) -> list[Any]:
        return [item for item in self.world.memory.items.values() if isinstance(item, kind)]

    def link(self, account_id: str, linked_id: str, job_id: str | None = None) -> Work:
        work = link_accounts(
            self.linking,
            account_id,
            linked_id,
            job_id=job_id or self.next_job(),
            expected=None,
            today=DAY,
            stamp=self.world.stamp(),
        )
        self.carry(work.job_id)
        return work

    def unlink(self, account_id: str, linked_id: str, job_id: str | None = None) -> Work:
        work = unlink_account(
            self.linking,
            account_id,
            linked_id,
            job_id=job_id or self.next_job(),
            expected=None,
            today=DAY,
            stamp=self.world.stamp(),
        )
        self.carry(work.job_id)
        return work

    def next_job(self) -> str:
        self._links += 1
        return f"{self._links:032d}"

    def carry(self, job_id: str) -> Work | None:
        now = self.world.clock.now()
        return carry(self.linking, job_id, Worker(now + timedelta(hours=1), self.settle_account))

    def settle_account(self, account_id: str) -> None:
        settle_account(self.world.stores, account_id, now=self.world.clock.now())

    def tick(self) -> None:
        super().tick()
        for work in self.all_of(Work):
            if work.kind == "link" and not work.is_finished:
                self.carry(work.job_id)

    def settled(self) -> "Linker":
        """Do what the stream does about what no import settles."""
        ids = [one.account_id for one in self.all_of(Account)]
        settle(self.world.stores, ids, today=DAY, now=self.world.clock.now())
        return self

    def place_of(self, account_id: str) -> str:
        found = self.world.stores.accounts.find(account_id)
        return found.linked_to or account_id if found else account_id


def attempted(function: Callable[..., object], *args: Any) -> Callable[[], None]:
    """Return what does this unless it is refused."""

    def attempt() -> None:
        with suppress(StagelineError):
            function(*args)

    return attempt


def account(external_id: str, **said: Any) -> AccountRecord:
    cleared = () if said.get("parent_external_id") else ("parent_external_id",)
    values = {"name": external_id, "cleared": cleared} | said
    return AccountRecord(line=1, external_id=external_id, **values)


def deal(external_id: str, account_external_id: str | None, **said: Any) -> DealRecord:
    cleared = () if account_external_id else ("account_external_id",)
    values = {"name": "D", "status": "open", "cleared": cleared} | said
    return DealRecord(
        line=1, external_id=external_id, account_external_id=account_external_id, **values
    )


def gone(external_id: str, merged_into: str | None = None) -> GoneRecord:
    return GoneRecord(line=1, external_id=external_id, merged_into=merged_into)
