"""Storing one page of an import: read what is stored, decide row by row, write what differs.

Safe to repeat, at once too: every write is conditional, and what an earlier try of the same job
stored is recognised by its source version.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from stageline.crm_ports import Aliases, RefusedRecords
from stageline.domain.account import Account
from stageline.domain.activity import Activity
from stageline.domain.beside import NOTHING_BESIDE, Beside
from stageline.domain.contact import Contact
from stageline.domain.custom_field import Module
from stageline.domain.deal import Deal
from stageline.domain.errors import AlreadyExists, Stale
from stageline.domain.ids import Identities
from stageline.domain.ids import Kind as IdKind
from stageline.domain.job_states import FILE_INTEGRATION
from stageline.domain.job_states import Records as Kind
from stageline.domain.jobs import (
    ImportJob,
)
from stageline.domain.records import GoneRecord, Record
from stageline.import_ports import Jobs
from stageline.ports import Accounts, Deals
from stageline.record_ports import Activities, Contacts
from stageline.use_cases.again import again
from stageline.use_cases.custom_values import Customs, Described
from stageline.use_cases.import_decisions import Decision, Import
from stageline.use_cases.import_merges import Merging
from stageline.use_cases.owners import Owners

_MOST_WRITES = 100  # of a transaction
KINDS: Mapping[Kind, IdKind] = {
    "accounts": "account",
    "deals": "deal",
    "contacts": "contact",
    "activities": "activity",
}
_RECORD_AND_LOCATOR = 2


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a workspace, and the ids of those of one integration."""

    accounts: Accounts
    deals: Deals
    contacts: Contacts
    activities: Activities
    identities: Identities
    owners: Owners
    customs: Customs
    aliases: Aliases
    refused_of: Callable[[str], RefusedRecords]
    integration: str = FILE_INTEGRATION

    @property
    def refused(self) -> RefusedRecords:
        return self.refused_of(self.integration)

    def id_of(self, kind: Kind, external_id: str) -> str:
        """Return our id of a record of the CRM."""
        return self.identities.record(self.integration, KINDS[kind], external_id)

    def account_id(self, external_id: str) -> str:
        return self.identities.record(self.integration, "account", external_id)

    def deal_id(self, external_id: str) -> str:
        return self.identities.record(self.integration, "deal", external_id)

    def contact_id(self, external_id: str) -> str:
        return self.identities.record(self.integration, "contact", external_id)

    def activity_id(self, external_id: str) -> str:
        return self.identities.record(self.integration, "activity", external_id)

    @property
    def merged_accounts(self) -> Merging[Account]:
        find_many = self.accounts.find_many
        return Merging(self.aliases, self.integration, find_many, self.account_id)

    @property
    def merged_contacts(self) -> Merging[Contact]:
        find_many = self.contacts.find_many
        return Merging(self.aliases, self.integration, find_many, self.contact_id)

    def hash_of(self, record: Record | GoneRecord, redirected: Iterable[str] = ()) -> str:
        """Return the keyed hash of what a row says: an unkeyed one could be reversed by trying.

        `redirected`: who stands for records that the row names and that are merged by now. So the
        same row is stored anew once after a merge.
        """
        merged = "".join(f" {one}" for one in sorted(redirected))
        return self.identities.sign(f"content {record.content()}{merged}")

    def beside(self, module: Module, record_id: str, before: Described, after: Described) -> Beside:
        """Return what a change of a record changes beside it."""
        if (before.custom, before.tags) == (after.custom, after.tags):
            return NOTHING_BESIDE
        return self.customs.beside(module, record_id, before, after)

    def beside_new(self, module: Module, record_id: str, described: Described) -> Beside:
        """Return what goes into the transaction of a new record; files bring no tags."""
        if not described.custom:
            return NOTHING_BESIDE
        beside = self.customs.beside(module, record_id, None, described)
        return beside if beside.claimed else NOTHING_BESIDE


@dataclass(frozen=True, slots=True)
class Left:
    """The accounts that deals of a page leave, noted before: who tries again cannot tell."""

    jobs: Jobs
    job: ImportJob
    page: int

    def note(self, account_id: str) -> None:
        noted = self.noted()
        if account_id not in noted:
            self.jobs.save_accounts(self.job, self.page, [*noted, account_id])

    def noted(self) -> Sequence[str]:
        return self.jobs.accounts(self.job.job_id, self.page)


def import_of(jobs: Jobs, job: ImportJob, now: datetime) -> Import:
    """Return how a job decides, at `now`."""
    assert job.today is not None
    older = (
        other.version
        for other in jobs.unfinished_before(job)
        if (other.integration, other.records) == (job.integration, job.records)
        and not other.dry_run
        and other.job_id != job.job_id
        and (other.status != "waiting" or other.upload_until > now)
    )
    return Import(job, job.stamp(now, in_job=True), job.today, min(older, default=None))


def existing(accounts: Mapping[str, Account]) -> frozenset[str]:
    """Return the ids of those that are not deleted."""
    return frozenset(id_ for id_, account in accounts.items() if not account.deleted)


def written[Stored: (Account, Deal, Contact, Activity)](
    decisions: dict[str, Decision[Stored]],
    add: Callable[[Sequence[Stored], Beside], None],
    change: Callable[[Stored, Stored], None],
    decide: Callable[[str], Decision[Stored]],
    dry_run: bool,
    *,
    size: Callable[[Stored], int] = lambda one: _RECORD_AND_LOCATOR,
    beside: Callable[[Stored], Beside] = lambda one: NOTHING_BESIDE,
) -> dict[str, Decision[Stored]]:
    """Write what was decided, and return what was decided in the end.

    New records are added many at a time (`size` is how many writes one takes), those with something
    `beside` alone; where somebody else was first, one by one, decided anew.
    """
    if dry_run:
        return decisions

    def write(decision: Decision[Stored]) -> None:
        if decision.after is None:
            return
        if decision.before is None:
            add([decision.after], beside(decision.after))
        else:
            change(decision.before, decision.after)

    def decided_anew(record_id: str) -> Decision[Stored]:
        decision = decide(record_id)
        try:
            write(decision)
        except AlreadyExists as error:
            raise Stale("record") from error
        return decision

    final = dict(decisions)
    new = {
        id_: one.after
        for id_, one in decisions.items()
        if one.before is None and one.after is not None
    }
    for some, with_it in _together(new, size, beside):
        try:
            add(list(some.values()), with_it)
        except AlreadyExists:
            final |= {id_: again(partial(decided_anew, id_)) for id_ in some}
    for id_, decision in decisions.items():
        if decision.before is not None:
            try:
                write(decision)
            except Stale:
                final[id_] = again(partial(decided_anew, id_))
    return final


def _together[Stored](
    new: Mapping[str, Stored], size: Callable[[Stored], int], beside: Callable[[Stored], Beside]
) -> Iterator[tuple[dict[str, Stored], Beside]]:
    """Yield records that one transaction takes, with what is stored beside the only one."""
    some: dict[str, Stored] = {}
    room = _MOST_WRITES
    for record_id, one in new.items():
        with_it = beside(one)
        if with_it is not NOTHING_BESIDE:
            yield {record_id: one}, with_it
            continue
        if some and size(one) > room:
            yield some, NOTHING_BESIDE
            some, room = {}, _MOST_WRITES
        some[record_id] = one
        room -= size(one)
    if some:
        yield some, NOTHING_BESIDE


def by_id[Row](
    rows: Iterable[Row | GoneRecord], id_of: Callable[[str], str]
) -> dict[str, Row | GoneRecord]:
    """Return the rows of a page by our ids; of the same record the last one counts.

    That it is gone tells less than what it was merged into.
    """
    found: dict[str, Row | GoneRecord] = {}
    for row in rows:
        record_id = id_of(row.external_id)  # type: ignore[union-attr]
        before = found.get(record_id)
        is_less = isinstance(row, GoneRecord) and row.merged_into is None
        if not (is_less and isinstance(before, GoneRecord)):
            found[record_id] = row
    return found
