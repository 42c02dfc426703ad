"""A move of an account with children: what its job is to do, and what it holds meanwhile (S0.14).

Pure. The job's `asked` holds the move as JSON; its `progress` says `moved` once the account itself
is under its new parent, and then how many accounts have followed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from stageline.domain.account import Account
from stageline.domain.membership import intervals_by_root
from stageline.domain.personal import Plain
from stageline.domain.stamp import Stamp
from stageline.domain.work import Work


@dataclass(frozen=True, slots=True)
class Hold:
    """While it stands, no other job may move an account with children out of, or into, the group of
    `root_id`.
    """

    root_id: Plain
    job_id: Plain
    taken_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """From `from_day` on (None: from the beginning) `account_id` is in the group of `to_root_id`.

    `stamp` is that of every account the job writes, so that it does not matter when which follows.
    """

    account_id: Plain
    parent_id: Plain | None
    from_root_id: Plain
    to_root_id: Plain
    from_day: date | None
    stamp: Stamp

    @property
    def roots(self) -> tuple[str, ...]:
        """The groups to hold."""
        return tuple(sorted({self.from_root_id, self.to_root_id}))

    @classmethod
    def of(cls, work: Work) -> Self:
        asked = work.asked
        from_day = asked["from_day"]
        return cls(
            account_id=asked["account_id"],
            parent_id=asked["parent_id"],
            from_root_id=asked["from_root_id"],
            to_root_id=asked["to_root_id"],
            from_day=None if from_day is None else date.fromisoformat(from_day),
            stamp=Stamp(work.requested_by, asked["request"], work.requested_at, asked["in_job"]),
        )

    def asked(self) -> Mapping[str, Any]:
        return {
            "account_id": self.account_id,
            "parent_id": self.parent_id,
            "from_root_id": self.from_root_id,
            "to_root_id": self.to_root_id,
            "from_day": None if self.from_day is None else self.from_day.isoformat(),
            "request": self.stamp.request,
            "in_job": self.stamp.in_job,
        }

    def moved(self, account: Account) -> Account:
        """Return the account that is moved, under its new parent."""
        return account.put_under(self.parent_id, self.to_root_id, self.from_day, self.stamp)

    def follows(self, account: Account) -> Account:
        """Return an account below the one that is moved, in the new group.

        From the same day. When that is the beginning: since it has been in the group that they
        leave together.
        """
        from_day = self.from_day
        if from_day is None and account.root_id is not None:
            since, _ = intervals_by_root(account.memberships)[account.root_id][-1]
            from_day = date.fromordinal(since) if since else None
        return account.in_group(self.to_root_id, from_day, self.stamp)


def move_job(
    job_id: str, account: Account, parent: Account | None, *, today: date, stamp: Stamp
) -> Work:
    """Return the job that puts an account with children under `parent`, or under none."""
    parent_id, to_root_id = None, account.account_id
    if parent is not None:
        assert parent.root_id is not None
        parent_id, to_root_id = parent.account_id, parent.root_id
    assert account.root_id is not None
    move = Move(
        account_id=account.account_id,
        parent_id=parent_id,
        from_root_id=account.root_id,
        to_root_id=to_root_id,
        from_day=account.joins_on(parent_id, today),
        stamp=stamp,
    )
    return Work(
        job_id=job_id,
        kind="move",
        asked=move.asked(),
        requested_by=stamp.by,
        requested_at=stamp.at,
    )


def is_under_way(work: Work) -> bool:
    """Tell whether the account itself is under its new parent; the others follow."""
    return "moved" in work.progress
