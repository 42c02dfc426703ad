"""Counts, what is counted, and jobs in memory."""

from collections.abc import Iterator, Sequence
from datetime import date

from stageline.adapters.dynamodb.count_items import month_text
from stageline.adapters.dynamodb.keys import (
    RUN_PREFIX,
    SHARDS,
    count_job_key,
    count_month_key,
    count_months_prefix,
    count_run_key,
    count_set_key,
    count_state_key,
    counts_partition,
    job_key,
    shard_of,
)
from stageline.count_ports import Subject
from stageline.domain.count_runs import Asked, Run, State
from stageline.domain.counts import Month
from stageline.domain.errors import AlreadyExists, Stale
from stageline.domain.group import Home, Value
from stageline.domain.work import Work
from stageline.domain.workspace import Workspace
from tests.fakes.memory import Memory, Put, over


class InMemoryCounts:
    def __init__(self, memory: Memory, workspace: Workspace) -> None:
        self._memory = memory
        self._workspace = workspace

    def run(self, scheme: str, recorded_on: date) -> Run | None:
        key = count_run_key(self._workspace, scheme, recorded_on.isoformat())
        run: Run | None = self._memory.get(key)
        return run

    def newest(self, scheme: str) -> Run | None:
        runs: list[Run] = list(self._memory.query(self._partition(scheme), RUN_PREFIX))
        return runs[-1] if runs else None

    def add_months(self, scheme: str, set_id: str, months: Sequence[Month]) -> None:
        for month in months:
            key = count_month_key(self._workspace, scheme, set_id, month_text(month.first))
            try:
                self._memory.write("counts", Put(key, month, lambda stored: stored is None))
            except Stale as error:
                raise AlreadyExists("these counts are stored already") from error

    def save_run(
        self, scheme: str, run: Run, before: Run | None, job: Work, *, added: bool
    ) -> None:
        day = run.recorded_on.isoformat()
        fence = job_key(self._workspace, job.kind, job.job_id)
        puts = [
            Put(count_run_key(self._workspace, scheme, day), run, over(run.rev)),
            Put(fence, job, lambda stored: stored is not None and stored.rev == job.rev),
        ]
        if before is None or before.set_id != run.set_id:
            puts.append(self._use(scheme, run.set_id, 1, is_there=not added))
            if before is not None:
                puts.append(self._use(scheme, before.set_id, -1, is_there=True))
        self._memory.write("counts", *puts)

    def forget(self, scheme: str, set_id: str) -> None:
        key = count_set_key(self._workspace, scheme, set_id)
        try:
            self._memory.write("counts", Put(key, None, lambda uses: not uses))
        except Stale:
            return
        for month in list(self._memory.query(self._partition(scheme), count_months_prefix(set_id))):
            key = count_month_key(self._workspace, scheme, set_id, month_text(month.first))
            self._memory.write("counts", Put(key, None))

    def months(self, scheme: str, set_id: str, first: int, last: int) -> Sequence[Month]:
        prefix = count_months_prefix(set_id)
        found: list[Month] = list(self._memory.query(self._partition(scheme), prefix))
        until_first = [month for month in found if month_text(month.first) <= month_text(first)]
        if not until_first:
            raise Stale("counts")
        return [
            until_first[-1],
            *(m for m in found if month_text(first) < month_text(m.first) <= month_text(last)),
        ]

    def state(self, scheme: str) -> State:
        return self._memory.get(count_state_key(self._workspace, scheme)) or State()

    def save_state(self, scheme: str, state: State) -> None:
        put = Put(count_state_key(self._workspace, scheme), state, over(state.rev))
        self._memory.write("counts", put)

    def asked(self, scheme: str, recorded_on: date) -> Asked | None:
        key = count_job_key(self._workspace, scheme, recorded_on.isoformat())
        asked: Asked | None = self._memory.get(key)
        return asked

    def save_asked(self, scheme: str, recorded_on: date, asked: Asked) -> None:
        key = count_job_key(self._workspace, scheme, recorded_on.isoformat())
        self._memory.write("job", Put(key, asked, over(asked.rev)))

    def _use(self, scheme: str, set_id: str, by: int, *, is_there: bool) -> Put:
        key = count_set_key(self._workspace, scheme, set_id)
        uses = self._memory.peek(key)
        return Put(key, (uses or 0) + by, lambda stored: (stored is not None) == is_there)

    def _partition(self, scheme: str) -> str:
        return counts_partition(self._workspace, scheme)


class InMemorySubjects:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def homes(self) -> Iterator[Home]:
        homes = [item for item in self._memory.items.values() if isinstance(item, Home)]
        for home in sorted(homes, key=lambda home: (home.root_id or "-", home.account_id)):
            self._memory.pause()
            yield home

    def groups(self, scheme: str) -> Iterator[tuple[Subject, Iterator[Home]]]:
        values = [item for item in self._memory.items.values() if isinstance(item, Value)]
        for shard in SHARDS:
            for value in sorted(values, key=lambda value: value.root_id):
                if value.scheme == scheme and shard_of(value.root_id) == shard:
                    self._memory.pause()
                    here = (home for home in self.homes() if home.root_id == value.root_id)
                    yield Subject(value.root_id, value.timeline, value.recorded_at), here
