"""What the runs of integrations need from the outside world."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from stageline.domain.sync import SyncRun, SyncState


class Syncs(Protocol):
    """How far the integrations of a workspace are, and their runs."""

    def state(self, integration: str) -> SyncState:
        """Return where an integration stands; where nothing has begun, at revision 0."""
        ...

    def run(self, run_id: str) -> SyncRun:
        """Return one run. Raises NotFound."""
        ...

    def runs(
        self, integration: str | None, limit: int, after: str | None
    ) -> tuple[Sequence[SyncRun], str | None]:
        """Return some runs of one or of all integrations, latest first, and where to go on."""
        ...

    def save(self, before: SyncState | None, after: SyncState | None, run: SyncRun | None) -> None:
        """Store all of it or nothing.

        `after` is written over `before`, as it was read; None: the state stays as it is. `run` is
        new at revision 1, else written over the revision before. Raises Stale.
        """
        ...


class SyncQueue(Protocol):
    """The pages of runs that wait to be worked off."""

    def send(
        self, run_id: str, page: int, *, attempts: int = 0, delay: timedelta = timedelta()
    ) -> None:
        """Have the run go on with `page`, after `delay`; `attempts` of it have failed before."""
        ...
