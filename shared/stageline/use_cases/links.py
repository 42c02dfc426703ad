"""Accounts of two sources that are one company: linked by somebody, or not any more.

The record of the other source counts for the account from the moment on at which both say so, in
one transaction; whoever names it means the account. What lies with it follows by a job
(`link_carrying`), and so it comes back when the link ends.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import blake2b

from stageline.domain.account import Account, Linked
from stageline.domain.errors import AlreadyExists, LinkNotPossible, NotFound
from stageline.domain.link_proposal import pair_id
from stageline.domain.stamp import Stamp
from stageline.domain.work import Work
from stageline.link_ports import LinkProposals
from stageline.ports import Accounts, Deals
from stageline.record_ports import Activities, Contacts, Tasks
from stageline.use_cases.again import again, expect_revision
from stageline.use_cases.moves import Moving, refuse_circle

# What the API made has no record anywhere else.
_BY_HAND = "api"


@dataclass(frozen=True, slots=True)
class Linking:
    """What links of one workspace read and write."""

    moving: Moving
    deals: Deals
    contacts: Contacts
    activities: Activities
    tasks: Tasks
    proposals: LinkProposals
    today: Callable[[], date]

    @property
    def accounts(self) -> Accounts:
        return self.moving.accounts


def link_accounts(
    linking: Linking,
    account_id: str,
    linked_id: str,
    *,
    job_id: str,
    expected: int | None,
    today: date,
    stamp: Stamp,
) -> Work:
    """Let a record of another source count for an account; return the job by which all follows.

    Again does the same. Raises NotFound, Stale, LinkNotPossible, GroupCycle.
    """
    accounts = linking.accounts

    def attempt() -> Work:
        account, other = accounts.get(account_id), accounts.find(linked_id)
        expect_revision("account", account.rev, expected)
        if other is None or (other.deleted and other.linked_to is None):
            raise NotFound("account to link")
        if other.linked_to == account_id:
            return _work(linking, account, other, job_id, stamp)
        known = accounts.find_many(one.account_id for one in account.linked)
        refuse(account, other, known)
        refuse_circle(accounts, linked_id, account)
        work = _work(linking, account, other, job_id, stamp)
        entry = Linked(linked_id, integration_of(other) or "", other.said_in_crm)
        linked = [one for one in account.linked if one.account_id != linked_id]
        accounts.save_together(
            [
                account.with_links([*linked, entry], None, today=today, stamp=stamp),
                other.with_links((), account_id, today=today, stamp=stamp),
            ]
        )
        return work

    work = again(attempt, expected=expected)
    linking.proposals.remove(pair_id(account_id, linked_id))
    linking.moving.queue().send_job("link", work.job_id)
    return work


def unlink_account(
    linking: Linking,
    account_id: str,
    linked_id: str,
    *,
    job_id: str,
    expected: int | None,
    today: date,
    stamp: Stamp,
) -> Work:
    """Let a record of another source be an account of its own again; return the job as above.

    Raises NotFound, Stale.
    """
    accounts = linking.accounts

    def attempt() -> Work:
        account, other = accounts.get(account_id), accounts.find(linked_id)
        expect_revision("account", account.rev, expected)
        if other is None or other.linked_to != account_id:
            raise NotFound("link")
        work = _work(linking, account, other, job_id, stamp)
        # The job takes the entry out once all has gone back: until then it says whose it is.
        linked = [
            replace(one, in_crm=False) if one.account_id == linked_id else one
            for one in account.linked
        ]
        accounts.save_together(
            [
                account.with_links(linked, None, today=today, stamp=stamp),
                _on_its_own(other, today, stamp),
            ]
        )
        return work

    work = again(attempt, expected=expected)
    linking.moving.queue().send_job("link", work.job_id)
    return work


def integration_of(account: Account) -> str | None:
    """Return the source that an account is a record of; None: it was made by hand."""
    source = account.source
    return None if source is None or source.integration == _BY_HAND else source.integration


def refuse(account: Account, other: Account, linked: Mapping[str, Account]) -> None:
    """Raise LinkNotPossible unless `other` can count for the account, as these records do."""
    integration = integration_of(other)
    if account.account_id == other.account_id:
        raise LinkNotPossible("itself", "account_id: this is the account itself")
    if other.linked_to is not None:
        detail = "account_id: it is linked with another account; end that link first"
        raise LinkNotPossible("already_linked", detail)
    if other.linked:
        detail = "account_id: others are linked with it; link them with this account instead"
        raise LinkNotPossible("has_links", detail)
    if account.merged_into or other.merged_into:
        detail = "account_id: one of both was merged in its CRM; link the one that is left"
        raise LinkNotPossible("merged", detail)
    if integration is None:
        detail = "account_id: it was made by hand; link this account with that one instead"
        raise LinkNotPossible("no_record", detail)
    for one in (account, *linked.values()):
        is_other = one.account_id != other.account_id and one.merged_into is None
        if is_other and integration_of(one) == integration:
            if one is not account and one.linked_to != account.account_id:
                detail = "account_id: a link with that source is just ending; try again"
                raise LinkNotPossible("link_ending", detail)
            detail = "account_id: two records of one source; merge them there"
            raise LinkNotPossible("same_integration", detail)


def _work(linking: Linking, account: Account, other: Account, job_id: str, stamp: Stamp) -> Work:
    """Return the job, stored before anything is done: then it is never without one.

    Whoever tries again finds it, unless the accounts have changed: then it may have ended.
    """
    works = linking.moving.works
    seed = f"{job_id}#{account.rev}#{other.rev}"
    work = Work(
        job_id=blake2b(seed.encode(), digest_size=16).hexdigest(),
        kind="link",
        asked={
            "account_id": account.account_id,
            "linked_id": other.account_id,
            "request": stamp.request,
        },
        requested_by=stamp.by,
        requested_at=stamp.at,
    )
    try:
        works.add(work)
    except AlreadyExists:
        return works.get(work.job_id)
    return work


def _on_its_own(account: Account, today: date, stamp: Stamp) -> Account:
    alone = account.with_links((), None, today=today, stamp=stamp)
    if not account.deleted or account.merged_into is not None:
        return alone
    back = alone.moved_to(None, account.account_id, today=today, stamp=stamp)
    awaited = account.awaited_parent_id
    return replace(back, deleted=False, awaited_parent_id=awaited, rev=alone.rev)
