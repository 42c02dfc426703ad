"""What jobs need from the outside world, besides what `ports` has.

As there: bound to one workspace, every write conditional, `Stale` means decide again.
"""

from collections.abc import Sequence
from typing import Protocol

from stageline.domain.account import Account
from stageline.domain.move import Hold
from stageline.domain.work import Kind, Work


class Works(Protocol):
    """Jobs that are no imports."""

    def add(self, work: Work) -> None:
        """Store a new job. Raises AlreadyExists."""
        ...

    def get(self, job_id: str) -> Work:
        """Return the job, of whatever kind. Raises NotFound."""
        ...

    def save(self, work: Work) -> None:
        """Store over revision `work.rev - 1`. Raises Stale."""
        ...

    def latest(self, kind: Kind, limit: int) -> Sequence[Work]:
        """Return up to `limit` jobs of a kind, those asked for last first (late by ms)."""
        ...


class Moves(Protocol):
    """Moves of accounts with children; what each of them holds is in its job (`domain.move`).

    A group is held exactly while the job that holds it runs: both change in one transaction.
    """

    def begin(self, work: Work) -> None:
        """Store a new job and hold its groups. Raises Stale when one of them is held."""
        ...

    def hold(self, root_id: str) -> Hold | None: ...

    def put_under(
        self, work: Work, account: Account, from_parent_id: str | None, parent: Account | None
    ) -> None:
        """Store the moved account, both counts of children and the job, each over `rev - 1`.

        Holds only while `parent` is as it was read. Raises Stale.
        """
        ...

    def carry(self, work: Work, parent: Account, children: Sequence[Account]) -> None:
        """Store children in the group of their parent, each over `rev - 1`, together.

        Holds only while the job holds its groups and `parent` is as it was read. Raises Stale.
        """
        ...

    def end(self, work: Work) -> None:
        """Store the ended job over `rev - 1`, and let go of its groups. Raises Stale."""
        ...

    def withdraw(self, work: Work) -> None:
        """Remove the job at `rev`, and let go of its groups. Raises Stale."""
        ...


class WorkQueue(Protocol):
    """Asks workers for what takes longer than a request or a batch; each at least once."""

    def send_job(self, kind: Kind, job_id: str) -> None:
        """Ask for a job to be worked on, from where it is."""
        ...

    def send_rows(self, account_ids: Sequence[str]) -> None:
        """Ask for the list rows of these accounts to be brought up to date (step ③)."""
        ...
