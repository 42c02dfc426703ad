"""Where integrations stand, their runs and what waits to be read, in memory."""

from collections.abc import Sequence
from datetime import timedelta

from stageline.adapters.dynamodb.keys import (
    SYNC_PREFIX,
    Key,
    check_key,
    configuration_partition,
    job_key,
    job_partition,
    sync_state_key,
)
from stageline.domain.errors import NotFound
from stageline.domain.sync import SyncRun, SyncState
from stageline.domain.sync_check import MappingCheck
from stageline.domain.workspace import Workspace
from tests.fakes.memory import Memory, Put, over


class InMemorySyncs:
    def __init__(self, memory: Memory, workspace: Workspace) -> None:
        self._memory = memory
        self._workspace = workspace

    def state(self, integration: str) -> SyncState:
        found: SyncState | None = self._memory.get(sync_state_key(self._workspace, integration))
        return found or SyncState(integration=integration)

    def states(self) -> Sequence[SyncState]:
        partition = configuration_partition(self._workspace)
        return list(self._memory.query(partition, SYNC_PREFIX))

    def forget(self, integration: str) -> None:
        self._memory.write("state", Put(sync_state_key(self._workspace, integration), None))

    def run(self, run_id: str) -> SyncRun:
        found: SyncRun | None = self._memory.get(self._run_key(run_id))
        if found is None:
            raise NotFound("run")
        return found

    def runs(
        self, integration: str | None, limit: int, after: str | None
    ) -> tuple[Sequence[SyncRun], str | None]:
        all_runs = self._memory.query(job_partition(self._workspace, "sync"))
        places = {
            f"{run.requested_at.isoformat(timespec='microseconds')}#{run.run_id}": run
            for run in all_runs
            if integration in (None, run.integration)
        }
        found = [place for place in sorted(places, reverse=True) if after is None or place < after]
        return [places[place] for place in found[:limit]], (
            found[limit - 1] if len(found) > limit else None
        )

    def save(self, before: SyncState | None, after: SyncState | None, run: SyncRun | None) -> None:
        puts: list[Put] = []
        if after is not None:
            key = sync_state_key(self._workspace, after.integration)
            puts.append(Put(key, after, over((before.rev if before else 0) + 1)))
        if run is not None:
            puts.append(Put(self._run_key(run.run_id), run, over(run.rev)))
        self._memory.write("run", *puts)

    def _run_key(self, run_id: str) -> Key:
        return job_key(self._workspace, "sync", run_id)


class InMemorySyncQueue:
    """Keeps (run, turn, attempts, delay) of each message."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, int, int, timedelta]] = []
        self.checks: list[str] = []

    def send(
        self, run_id: str, turn: int, *, attempts: int = 0, delay: timedelta = timedelta()
    ) -> None:
        self.messages.append((run_id, turn, attempts, delay))

    def send_check(self, integration: str) -> None:
        self.checks.append(integration)


class InMemoryChecks:
    def __init__(self, memory: Memory, workspace: Workspace) -> None:
        self._memory = memory
        self._workspace = workspace

    def last(self, integration: str) -> MappingCheck:
        found: MappingCheck | None = self._memory.get(check_key(self._workspace, integration))
        if found is None:
            raise NotFound("check")
        return found

    def begin(self, check: MappingCheck) -> None:
        self._memory.write("check", Put(check_key(self._workspace, check.integration), check))

    def end(self, check: MappingCheck) -> None:
        def is_last(stored: MappingCheck | None) -> bool:
            return (
                stored is not None
                and stored.check_id == check.check_id
                and stored.status == "running"
            )

        put = Put(check_key(self._workspace, check.integration), check, is_last)
        self._memory.write("check", put)
