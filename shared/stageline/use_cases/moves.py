"""Putting accounts under other parents (S0.14): alone in one transaction, with children by a job.

Invariant: while a group is not held, every account in it is in the group of its parent. An account
without children takes the group that its new parent is in at that moment (the parent's revision is
checked), so it needs no hold. A job holds both groups until all below the account have followed.
What it was asked for rests on reads from before; what it does, on reads under its holds.

No two moves can make a circle. A job looks upwards from the new parent under its holds, and nothing
there can change before it writes: the parent is checked by its revision; whoever is above it has
children and is in the same group, and only a job that holds that group could move it. An account
without children is above nobody.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from stageline.domain.account import Account
from stageline.domain.errors import GroupBusy, GroupCycle, NotFound, ParentNotFound, Stale
from stageline.domain.move import Move, is_under_way, move_job
from stageline.domain.stamp import Stamp
from stageline.domain.work import Work
from stageline.ports import Accounts
from stageline.use_cases.again import again, expect_revision
from stageline.work_ports import Moves, WorkQueue, Works

# A worker begins within seconds; a job that has stood so long may have lost its message.
_NUDGED_AFTER = timedelta(minutes=1)
_SENT_AGAIN_AFTER = timedelta(minutes=5)
_MOST_JOBS_LOOKED_AT = 1_000


@dataclass(frozen=True, slots=True)
class Moving:
    """What moves of one workspace read and write. `queue` is built when something is sent."""

    accounts: Accounts
    moves: Moves
    works: Works
    queue: Callable[[], WorkQueue]
    now: Callable[[], datetime]


def set_parent(
    moving: Moving,
    account_id: str,
    parent_id: str | None,
    *,
    job_id: str,
    expected: int | None,
    today: date,
    stamp: Stamp,
) -> Account | Work:
    """Put an account under another parent, or under none.

    Returns the account, or the job by which the accounts below it follow. What is so already is
    not written. Raises NotFound, ParentNotFound, Stale, GroupCycle, GroupBusy.
    """
    found = begin_move(
        moving, account_id, parent_id, job_id=job_id, expected=expected, today=today, stamp=stamp
    )
    if isinstance(found, Work):
        moving.queue().send_job("move", found.job_id)
    return found


def begin_move(
    moving: Moving,
    account_id: str,
    parent_id: str | None,
    *,
    job_id: str,
    expected: int | None,
    today: date,
    stamp: Stamp,
) -> Account | Work:
    """Do what `set_parent` does, and leave the job that it returns to the caller."""
    accounts = moving.accounts

    def attempt() -> Account | Work:
        before = accounts.get(account_id)
        expect_revision("account", before.rev, expected)
        if parent_id == before.parent_id and before.awaited_parent_id is None:
            return before
        parent = parent_of(accounts, parent_id)
        refuse_circle(accounts, account_id, parent)
        if not accounts.children_count(account_id):
            return _moved_alone(accounts, before, parent, today=today, stamp=stamp)
        work = move_job(job_id, before, parent, today=today, stamp=stamp)
        try:
            moving.moves.begin(work)
        except Stale:
            _refuse_busy(moving, work)
            # An earlier try of the same job may have begun it: it goes on, or is withdrawn.
        return put_under(moving, job_id, expected=expected)

    return again(attempt, expected=expected)


def put_under(moving: Moving, job_id: str, *, expected: int | None = None) -> Work:
    """Put the account of a job under its new parent, unless that was done; return the job.

    When it cannot be, the job is withdrawn: nobody knows of it yet, and its id is free again.
    Raises NotFound, ParentNotFound, Stale, GroupCycle.
    """

    def attempt() -> Work:
        work = moving.works.get(job_id)
        if work.is_finished or is_under_way(work):
            return work
        return _put_under(moving, work, expected)

    try:
        return again(attempt)
    except (NotFound, Stale, GroupCycle):
        _withdraw(moving, job_id)
        raise


def _put_under(moving: Moving, work: Work, expected: int | None) -> Work:
    accounts, move = moving.accounts, Move.of(work)
    account = accounts.get(move.account_id)
    expect_revision("account", account.rev, expected)
    parent = parent_of(accounts, move.parent_id)
    to_root_id = account.account_id if parent is None else parent.root_id
    if (account.root_id, to_root_id) != (move.from_root_id, move.to_root_id):
        # Without children one of them has moved in between: other groups are to be held.
        raise Stale("account")
    refuse_circle(accounts, move.account_id, parent)
    under_way = work.at(moved=1)
    moving.moves.put_under(under_way, move.moved(account), account.parent_id, parent)
    return under_way


def _withdraw(moving: Moving, job_id: str) -> None:
    try:
        work = moving.works.get(job_id)
        if not work.is_finished and not is_under_way(work):
            moving.moves.withdraw(work)
    except (NotFound, Stale) as error:
        # Another worker was here; what has become of it shows when the account is read again.
        raise Stale("account") from error


def move_alone(
    accounts: Accounts, account_id: str, parent_id: str, *, today: date, stamp: Stamp
) -> Account:
    """Put an account that has just been made under its parent.

    Raises NotFound, ParentNotFound, Stale (also when it has children by now), GroupCycle.
    """

    def attempt() -> Account:
        before = accounts.get(account_id)
        parent = parent_of(accounts, parent_id)
        refuse_circle(accounts, account_id, parent)
        return _moved_alone(accounts, before, parent, today=today, stamp=stamp)

    return again(attempt)


def _moved_alone(
    accounts: Accounts, before: Account, parent: Account | None, *, today: date, stamp: Stamp
) -> Account:
    if parent is None:
        after = before.moved_to(None, before.account_id, today=today, stamp=stamp)
    else:
        after = before.moved_to(parent.account_id, parent.root_id, today=today, stamp=stamp)
    accounts.move(after, before.parent_id, parent)
    return after


def parent_of(accounts: Accounts, parent_id: str | None) -> Account | None:
    """Return the account that is to be the parent. Raises ParentNotFound."""
    if parent_id is None:
        return None
    try:
        return accounts.get(parent_id)
    except NotFound as error:
        raise ParentNotFound from error


def refuse_circle(accounts: Accounts, account_id: str, parent: Account | None) -> None:
    """Raise GroupCycle when the parent is the account itself or below it, Stale when it moves."""
    chain = [account_id]
    while parent is not None:
        chain.append(parent.account_id)
        if parent.account_id == account_id:
            raise GroupCycle(chain)
        if parent.parent_id is None:
            return
        parent = accounts.find(parent.parent_id)
        if parent is None or parent.deleted or parent.account_id in chain[1:]:
            # Who has children is not deleted: what was read below is no longer so.
            raise Stale("account")


def send_again(moving: Moving, now: datetime, kind: Literal["move", "link"] = "move") -> int:
    """Send the messages of jobs that have been running for long; return how many."""
    unfinished = [
        work
        for work in moving.works.latest(kind, _MOST_JOBS_LOOKED_AT)
        if not work.is_finished and now - work.requested_at > _SENT_AGAIN_AFTER
    ]
    for work in unfinished:
        moving.queue().send_job(kind, work.job_id)
    return len(unfinished)


def _refuse_busy(moving: Moving, work: Work) -> None:
    """Raise GroupBusy when another job holds one of the groups; see that it goes on."""
    for hold in filter(None, map(moving.moves.hold, Move.of(work).roots)):
        if hold.job_id == work.job_id:
            continue
        if moving.now() - hold.taken_at > _NUDGED_AFTER:
            moving.queue().send_job("move", hold.job_id)
        raise GroupBusy(hold.job_id)
