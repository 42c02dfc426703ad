"""What jobs need from the outside world, besides what `ports` has.

As there: bound to one workspace, every write conditional, `Stale` means decide again.
"""

from collections.abc import Sequence
from typing import Protocol

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


class WorkQueue(Protocol):
    """Asks workers for what takes longer than a request or a batch; each at least once."""

    def send_job(self, kind: Kind, job_id: str) -> None:
        """Ask for a job to be worked on, from where it is."""
        ...

    def send_rows(self, account_ids: Sequence[str]) -> None:
        """Ask for the list rows of these accounts to be brought up to date (step ③)."""
        ...
