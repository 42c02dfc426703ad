"""What the runs of integrations need from the outside world."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from stageline.domain.sync import SyncRun, SyncState
from stageline.domain.sync_check import MappingCheck

ANY_TURN = 0
"""Whatever turn a run is at: the job of its part has ended."""


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


class Checks(Protocol):
    """Mappings that are checked against their CRMs: the last of each integration."""

    def last(self, integration: str) -> MappingCheck:
        """Return the last check. Raises NotFound."""
        ...

    def begin(self, check: MappingCheck) -> None:
        """Keep what is to be checked, in the place of the check before."""
        ...

    def end(self, check: MappingCheck) -> None:
        """Keep what came of it. Raises Stale when it is no longer the last, or has ended."""
        ...


class SyncQueue(Protocol):
    """The turns of runs, and the checks, that wait to be worked off."""

    def send(
        self, run_id: str, turn: int, *, attempts: int = 0, delay: timedelta = timedelta()
    ) -> None:
        """Have a turn of the run taken, after `delay`; `attempts` of it have failed before.

        No message waits longer than 15 minutes: who gets it too early sends it again.
        """
        ...

    def send_check(self, integration: str) -> None:
        """Have the last check of the integration done."""
        ...
