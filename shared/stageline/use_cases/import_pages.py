"""Storing one page of an import: read what is stored, decide row by row, write what differs.

Safe to repeat, at once too: every write is conditional, and what an earlier try of the same job
stored is recognised by its source version.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import batched

from stageline.domain.account import Account
from stageline.domain.activity import Activity
from stageline.domain.contact import Contact
from stageline.domain.deal import Deal
from stageline.domain.errors import AlreadyExists, Stale
from stageline.domain.ids import Identities
from stageline.domain.job_states import FILE_INTEGRATION
from stageline.domain.jobs import (
    ImportJob,
    Link,
    PageResult,
    Problem,
    heading_of,
)
from stageline.domain.records import AccountRecord, DealRecord, Record
from stageline.import_ports import Jobs
from stageline.ports import Accounts, Deals
from stageline.record_ports import Activities, Contacts
from stageline.use_cases.again import again
from stageline.use_cases.import_decisions import Decision, Import
from stageline.use_cases.owners import Owners

# A record is written with its locator, and a transaction takes 100 writes.
_ADDED_AT_ONCE = 50
_CHILDREN_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a workspace, and the ids of those of one integration."""

    accounts: Accounts
    deals: Deals
    contacts: Contacts
    activities: Activities
    identities: Identities
    owners: Owners
    integration: str = FILE_INTEGRATION

    def account_id(self, external_id: str) -> str:
        return self.identities.record(self.integration, "account", external_id)

    def deal_id(self, external_id: str) -> str:
        return self.identities.record(self.integration, "deal", external_id)

    def contact_id(self, external_id: str) -> str:
        return self.identities.record(self.integration, "contact", external_id)

    def activity_id(self, external_id: str) -> str:
        return self.identities.record(self.integration, "activity", external_id)

    def hash_of(self, record: Record) -> str:
        """Return the keyed hash of what a row says: an unkeyed one could be reversed by trying."""
        return self.identities.sign(f"content {record.content()}")


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


def store_accounts(
    store: Records, deciding: Import, rows: Sequence[AccountRecord]
) -> tuple[PageResult, Sequence[Problem]]:
    """Store what differs of these rows (nothing in a dry run), and say what became of them."""
    ids = {store.account_id(row.external_id): row for row in rows}

    def decided(account_ids: Iterable[str]) -> Iterator[tuple[str, Decision[Account]]]:
        found = store.accounts.find_many(account_ids)
        for account_id in account_ids:
            row = ids[account_id]
            parent = row.parent_external_id
            yield (
                account_id,
                deciding.account(
                    row,
                    account_id,
                    None if parent is None else store.account_id(parent),
                    found.get(account_id),
                    store.hash_of(row),
                ),
            )

    def save(before: Account, after: Account) -> None:
        store.accounts.save(after)

    decisions = written(
        dict(store.owners.decided(decided(list(ids)))),
        lambda some: store.accounts.add(some),
        save,
        lambda account_id: next(store.owners.decided(decided([account_id])))[1],
        deciding.job.dry_run,
    )
    if not deciding.job.dry_run:
        store.owners.look_again(decisions, store.accounts.find_many, save, deciding.stamp)
    created = [id_ for id_, decision in decisions.items() if decision.outcome == "created"]
    result = PageResult(
        counts=Counter(decision.outcome for decision in decisions.values()),
        touched=[id_ for id_, decision in decisions.items() if decision.is_counted],
        created=created,
        awaited=[id_ for id_ in created if _is_awaited(store, id_, deciding.job)],
        links=[
            link
            for account_id, row in ids.items()
            if (link := _link_of(store, row, decisions[account_id])) is not None
        ],
    )
    return result, ()


def _link_of(store: Records, row: AccountRecord, decision: Decision[Account]) -> Link | None:
    """Return the link that a row's account awaits, since this file or an earlier one."""
    account = decision.after or decision.before
    if decision.outcome == "superseded" or account is None or account.awaited_parent_id is None:
        return None
    awaited = account.awaited_parent_id
    parent = row.parent_external_id
    is_said = parent is not None and store.account_id(parent) == awaited
    return Link(account.account_id, awaited, row.line if is_said else None)


def _is_awaited(store: Records, account_id: str, job: ImportJob) -> bool:
    """Say whether an earlier file named this new account as a parent."""
    children = store.accounts.children(account_id)
    return any(
        next(awaiting(store.accounts, some, account_id, job), None)
        for some in batched(children, _CHILDREN_AT_ONCE, strict=False)
    )


def awaiting(
    accounts: Accounts, children: Iterable[str], parent_id: str, job: ImportJob
) -> Iterator[Link]:
    """Yield a link for each of the children that awaited this parent before this job."""
    for child in accounts.find_many(children).values():
        is_own = child.source is not None and child.source.version == job.version
        if child.awaited_parent_id == parent_id and not child.deleted and not is_own:
            yield Link(child.account_id, parent_id, None)


def store_deals(
    store: Records, deciding: Import, rows: Sequence[DealRecord], left: Left
) -> tuple[PageResult, Sequence[Problem]]:
    """Store what differs of these rows (nothing in a dry run), and say what became of them."""
    ids = {store.deal_id(row.external_id): row for row in rows}
    accounts = {
        row.account_external_id: store.account_id(row.account_external_id)
        for row in rows
        if row.account_external_id is not None
    }

    def decided(deal_ids: Iterable[str]) -> Iterator[tuple[str, Decision[Deal]]]:
        known = existing(store.accounts.find_many(accounts.values()))
        found = store.deals.find_many(deal_ids)
        for deal_id in deal_ids:
            row = ids[deal_id]
            named = row.account_external_id
            account_id = None if named is None else accounts[named]
            before = found.get(deal_id)
            hash_ = store.hash_of(row)
            yield deal_id, deciding.deal(row, deal_id, account_id, known, before, hash_)

    def change(before: Deal, after: Deal) -> None:
        if before.account_id == after.account_id:
            store.deals.save([after])
        else:
            if before.account_id is not None:
                left.note(before.account_id)
            store.deals.move(after, before)

    decisions = written(
        dict(store.owners.decided(decided(list(ids)))),
        lambda some: store.deals.add(some),
        change,
        lambda deal_id: next(store.owners.decided(decided([deal_id])))[1],
        deciding.job.dry_run,
    )
    if not deciding.job.dry_run:
        store.owners.look_again(decisions, store.deals.find_many, change, deciding.stamp)
    counts: Counter[str] = Counter(decision.outcome for decision in decisions.values())
    touched: dict[str, None] = {}
    for decision in decisions.values():
        deal = decision.after or decision.before
        if deal is not None:
            counts["unassigned"] += deal.account_id is None
            counts["waiting"] += deal.waiting
        if decision.is_counted:
            both = (deal, decision.before)
            touched |= dict.fromkeys(one.account_id for one in both if one and one.account_id)
    if any(decision.is_counted and decision.before for decision in decisions.values()):
        touched |= dict.fromkeys(left.noted())
    problems = [
        Problem(
            ids[deal_id].line,
            heading_of(deciding.job, fault.field),
            f"stored_{fault.field}_{fault.reason}",
            f"with what was imported before: {fault.detail}",
        )
        for deal_id, decision in decisions.items()
        for fault in decision.faults
    ]
    return PageResult(counts=counts, touched=list(touched)), problems


def existing(accounts: Mapping[str, Account]) -> frozenset[str]:
    """Return the ids of those that are not deleted."""
    return frozenset(id_ for id_, account in accounts.items() if not account.deleted)


def written[Stored: (Account, Deal, Contact, Activity)](
    decisions: dict[str, Decision[Stored]],
    add: Callable[[Sequence[Stored]], None],
    change: Callable[[Stored, Stored], None],
    decide: Callable[[str], Decision[Stored]],
    dry_run: bool,
    *,
    at_once: int = _ADDED_AT_ONCE,
) -> dict[str, Decision[Stored]]:
    """Write what was decided, and return what was decided in the end.

    New records are added many at a time; where somebody else was first, one by one, decided anew.
    """
    if dry_run:
        return decisions

    def write(decision: Decision[Stored]) -> None:
        if decision.after is None:
            return
        if decision.before is None:
            add([decision.after])
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
    new = [id_ for id_, one in decisions.items() if one.before is None and one.after is not None]
    for some in batched(new, at_once, strict=False):
        try:
            add([after for id_ in some if (after := decisions[id_].after) is not None])
        except AlreadyExists:
            final |= {id_: again(partial(decided_anew, id_)) for id_ in some}
    for id_, decision in decisions.items():
        if decision.before is not None:
            try:
                write(decision)
            except Stale:
                final[id_] = again(partial(decided_anew, id_))
    return final
