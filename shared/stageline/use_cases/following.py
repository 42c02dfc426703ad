"""The job of a move: the accounts below the one that moved follow into its group, top-down (S0.14).

It may be cut off anywhere and is gone through again from the start; what has followed is only read.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched
from time import sleep

from stageline.domain.account import Account
from stageline.domain.errors import GroupBusy, StagelineError, Stale
from stageline.domain.move import Move
from stageline.domain.stamp import Stamp
from stageline.domain.work import Work
from stageline.use_cases.again import again
from stageline.use_cases.moves import Moving, begin_move, put_under

_CARRIED_AT_ONCE = 25
_READ_AT_ONCE = 100
_NOTED_EVERY = 500
_PAUSE_SECONDS = 0.2
# Together about 20 s: who waits for a group longer comes again later.
_PAUSES_SECONDS = (0.1, 0.2, 0.4, 0.8, 1.5, 2.0, 3.0, 4.0, 4.0, 4.0)


class OutOfTime(Exception):
    """The worker has to end before its function does; the job goes on with another message."""


@dataclass(frozen=True, slots=True)
class Worker:
    """Who works on a move: for how long, and what it does about the ledger of each account.

    `settle_ledger` is called for moves of jobs that settle what they touch (`Stamp.in_job`): the
    table's stream does not look at these. The job's own worker brings the ledger up to date, and
    its job the rows at its end; the queue's worker does both, because that job may be gone.
    """

    until: datetime
    settle_ledger: Callable[[str], object]


def follow(moving: Moving, job_id: str, worker: Worker) -> Work | None:
    """Go through a move to its end, and return its job; None when it is no more.

    When it is not through in time, its message is sent again, and the job is as it was then.
    """
    try:
        work = put_under(moving, job_id)
        while not work.is_finished:
            try:
                _Pass(moving, work, worker).run()
            except Stale:
                sleep(_PAUSE_SECONDS)
            work = moving.works.get(job_id)
    except OutOfTime:
        moving.queue().send_job("move", job_id)
        return moving.works.get(job_id)
    except StagelineError:
        # The account cannot come under its new parent, and the job was withdrawn.
        return None
    return work


def move_through(
    moving: Moving,
    account_id: str,
    parent_id: str | None,
    worker: Worker,
    *,
    job_id: str,
    today: date,
    stamp: Stamp,
) -> Account | Work:
    """Put an account under another parent or none, and let those below follow before returning.

    Waits while others hold the groups. Safe to repeat with the same `job_id`. Raises what
    `begin_move` raises, but for GroupBusy: Stale, when it is to be tried again later.
    """
    for pause_seconds in _PAUSES_SECONDS:
        try:
            found = begin_move(
                moving,
                account_id,
                parent_id,
                job_id=job_id,
                expected=None,
                today=today,
                stamp=stamp,
            )
        except GroupBusy:
            sleep(pause_seconds)
            continue
        if isinstance(found, Account):
            return found
        if (work := follow(moving, job_id, worker)) is not None:
            if work.is_finished:
                return work
            break
    raise Stale("group")


class _Pass:
    """One pass over the accounts below.

    Each account's children are looked at after it has come into the new group. Whoever comes under
    it later takes that group, because linking checks the parent's revision; whoever came before is
    in the tally, which is read before and after the list: when it has not changed meanwhile, the
    list is all of them, or some are missing from the index.
    """

    def __init__(self, moving: Moving, work: Work, worker: Worker) -> None:
        self._moving = moving
        self._work = work
        self._move = Move.of(work)
        self._worker = worker
        self._moved = 0

    def run(self) -> None:
        """Raises Stale when others were first again and again, OutOfTime."""
        move = self._move
        self._check_time()
        self._settle(move.account_id)
        # Within one group nobody has to follow.
        waiting = [move.account_id] if move.from_root_id != move.to_root_id else []
        while waiting:
            waiting += self._children_followed(waiting.pop())
        again(self._end)

    def _children_followed(self, parent_id: str) -> Sequence[str]:
        """Let the children of an account follow it, and return them."""
        parent = self._moving.accounts.find(parent_id)
        if parent is None or parent.root_id != self._move.to_root_id:
            # It has left meanwhile, without children.
            return ()
        children = self._children(parent_id)
        behind = [child for child in children if child.root_id != parent.root_id]
        for some in batched(behind, _CARRIED_AT_ONCE, strict=False):
            self._check_time()
            try:
                self._carry(parent, *some)
            except Stale:
                for child in some:
                    self._carry_alone(child.account_id, parent_id)
        for child in children:
            self._settle(child.account_id)
        return [child.account_id for child in children]

    def _carry(self, parent: Account, *children: Account) -> None:
        followed = [self._move.follows(child) for child in children]
        self._moving.moves.carry(self._work, parent, followed)

    def _carry_alone(self, child_id: str, parent_id: str) -> None:
        """Decide anew about a child: it, or its parent, was changed by somebody else."""

        def attempt() -> None:
            found = self._moving.accounts.find_many([parent_id, child_id])
            parent, child = found[parent_id], found[child_id]
            is_behind = child.parent_id == parent_id and child.root_id != parent.root_id
            if is_behind and parent.root_id == self._move.to_root_id:
                self._carry(parent, child)

        again(attempt)

    def _children(self, parent_id: str) -> list[Account]:
        """Return all children of an account as they were at one moment."""
        accounts = self._moving.accounts
        while True:
            self._check_time()
            tally = accounts.children_tally(parent_id)
            found = list(self._listed(parent_id))
            if len(found) == tally[0] and accounts.children_tally(parent_id) == tally:
                return found
            sleep(_PAUSE_SECONDS)

    def _listed(self, parent_id: str) -> Iterator[Account]:
        accounts = self._moving.accounts
        for some in batched(accounts.children(parent_id), _READ_AT_ONCE, strict=False):
            for child in accounts.find_many(some).values():
                if child.parent_id == parent_id and not child.deleted:
                    yield child

    def _settle(self, account_id: str) -> None:
        if self._move.stamp.in_job:
            self._worker.settle_ledger(account_id)
        self._moved += 1
        if self._moved % _NOTED_EVERY == 0:
            work = self._moving.works.get(self._work.job_id)
            with suppress(Stale):
                self._moving.works.save(work.at(moved=self._moved))

    def _end(self) -> None:
        work = self._moving.works.get(self._work.job_id)
        if not work.is_finished:
            result = {"moved": self._moved}
            self._moving.moves.end(work.ended("completed", result, self._moving.now()))

    def _check_time(self) -> None:
        if self._moving.now() >= self._worker.until:
            raise OutOfTime
