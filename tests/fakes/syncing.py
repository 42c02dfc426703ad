"""A workspace in memory that reads a CRM in memory, by workers that interleave and crash.

The real use cases run. After every call of a store another worker may go on, and anybody may die.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from unittest.mock import patch

from stageline.crm_ports import CrmSource
from stageline.domain.errors import Stale
from stageline.domain.ids import Identities
from stageline.domain.integration import Connection, Integration
from stageline.domain.job_states import Records as Kind
from stageline.domain.stamp import Stamp
from stageline.domain.sync import Mode, Refused, SyncRun
from stageline.use_cases import following, import_order, import_steps
from stageline.use_cases.import_pages import Records
from stageline.use_cases.import_steps import Imports, work_page
from stageline.use_cases.sync_reading import Reader
from stageline.use_cases.sync_runs import Syncing, work_run
from tests.fakes.aliases import InMemoryAliases
from tests.fakes.jobs import InMemoryFiles, InMemoryJobs, KeptPages
from tests.fakes.memory import Memory
from tests.fakes.privacy import NOBODY_ERASED
from tests.fakes.refused import InMemoryRefusedRecords
from tests.fakes.stepping import Stepped, pause
from tests.fakes.syncs import InMemorySyncQueue, InMemorySyncs
from tests.fakes.unused import UNUSED
from tests.fakes.world import DAY, WORKSPACE, World

CRASH, DUPLICATE = 0.01, 0.1
MOST_STEPS = 200_000
MOST_AT_ONCE = 4
CRM = "crm"


class InMemorySeenIds:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.kept: dict[tuple[str, str, str], tuple[str, ...]] = {}

    def add(self, records: Kind, epoch: str, name: str, ids: Sequence[str]) -> None:
        self._memory.pause()
        if ids:
            self.kept[records, epoch, name] = tuple(ids)

    def epochs(self, records: Kind) -> Sequence[str]:
        self._memory.pause()
        return sorted({epoch for kind, epoch, _ in self.kept if kind == records})

    def ids(self, records: Kind, epoch: str) -> Iterator[str]:
        for place in sorted(self.kept):
            if place[:2] == (records, epoch):
                yield from self.kept[place]

    def forget(self, records: Kind, epoch: str) -> None:
        self._memory.pause()
        for place in [place for place in self.kept if place[:2] == (records, epoch)]:
            del self.kept[place]


class NothingRefused:
    def ids(self, records: Kind) -> Iterator[str]:
        return iter(())

    def find_many(self, records: Kind, record_ids: Sequence[str]) -> Mapping[str, Refused]:
        return {}


class _Queue(InMemorySyncQueue):
    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self._memory = memory
        self.delays: list[timedelta] = []

    def send(
        self, run_id: str, turn: int, *, attempts: int = 0, delay: timedelta = timedelta()
    ) -> None:
        self._memory.pause()
        super().send(run_id, turn, attempts=attempts, delay=delay)
        self.delays.append(delay)


class Synced:
    """A workspace with one CRM. `trouble` False: one thing after the other."""

    def __init__(
        self,
        source: CrmSource,
        *,
        seed: int = 0,
        trouble: bool = False,
        records: tuple[Kind, ...] = ("accounts", "deals"),
    ) -> None:
        self.random = Random(seed)
        self.trouble = trouble
        self.world = World()
        self.now = self.world.clock.now()
        memory = self.world.memory
        self.seen = InMemorySeenIds(memory)
        self.refused: Any = NothingRefused()
        self.pages = KeptPages(memory)
        self.turns = _Queue(memory)
        self.syncs = InMemorySyncs(memory, WORKSPACE)
        self.removed: list[str] = []
        stores = self.world.stores
        store = Records(
            stores.accounts,
            stores.deals,
            UNUSED,
            UNUSED,
            Identities(WORKSPACE, b"key"),
            NOBODY_ERASED,
            self.world.customs,
            InMemoryAliases(memory, WORKSPACE),
            lambda key: InMemoryRefusedRecords(memory, WORKSPACE, key),
            integration=CRM,
        )
        self.store = store
        self.imports = Imports(
            jobs=InMemoryJobs(memory, WORKSPACE),
            files=InMemoryFiles(memory),
            queue=self.pages,
            configuration=self.world.configuration,
            records=store,
            moving=self.world.moving,
            pipeline=lambda: stores,
            now=lambda: self.now,
            runs=lambda: self.turns,
        )
        self.syncing = Syncing(
            syncs=self.syncs,
            queue=self.turns,
            imports=self.imports,
            reader=lambda _: Reader(
                source=source,
                jobs=self.imports.jobs,
                files=self.imports.files,
                seen=self.seen,
                refused=self.refused,
                store=store,
                now=lambda: self.now,
            ),
            remove=lambda key, run_id: self.removed.append(key),
            today=lambda: self.today,
            now=lambda: self.now,
        )
        self.today: date = DAY
        self._connect(records)
        memory.pause = pause
        self._runs = 0

    def _connect(self, records: tuple[Kind, ...]) -> None:
        self.integration = integration = Integration(
            key=CRM,
            active=True,
            opportunity_pull=True,
            connection=Connection(
                vendor="hubspot", base_url="https://api.hubapi.com", records=records
            ),
            created_at=self.now,
            changed=Stamp("somebody", "request", self.now),
        )
        configuration = self.world.configuration
        before = configuration.read().overlay
        after = before.following((integration,), today=DAY, now=self.now)
        configuration.save_integration(integration, after, before)

    def run(self, mode: Mode = "changes", *, at: datetime | None = None) -> SyncRun:
        """Start a run and work it off to its end."""
        from dataclasses import replace

        self.now = at or self.now + timedelta(hours=1)
        self._runs += 1
        run_id = f"{self._runs:032x}"
        run = SyncRun(
            run_id=run_id,
            integration=CRM,
            mode=mode,
            requested_by="somebody",
            requested_at=self.now,
            left=self.integration.pulled,
            moved_at=self.now,
        )
        state = self.syncs.state(CRM)
        begun = replace(state, running=run_id, last_started_at=self.now, rev=state.rev + 1)
        self.syncs.save(state, begun, run)
        self.turns.send(run_id, 1)
        with (
            patch.object(import_order, "_LINKS_IN_A_PAGE", 2),
            patch.object(import_steps, "sleep", lambda seconds: pause()),
            patch.object(following, "sleep", lambda seconds: pause()),
        ):
            self._work_off()
        return self.syncs.run(run_id)

    def _work_off(self) -> None:
        waiting: list[Callable[[], None]] = []
        running: list[tuple[Callable[[], None], Stepped]] = []
        for _ in range(MOST_STEPS):
            waiting += [self._page_worker(message) for message in self.pages.messages]
            waiting += [self._turn_worker(message) for message in self.turns.messages]
            self.pages.messages.clear()
            self.turns.messages.clear()
            if not waiting and not running:
                return
            at_once = MOST_AT_ONCE if self.trouble else 1
            if waiting and len(running) < at_once and (not running or self.random.random() < 0.1):
                place = self.random.randrange(len(waiting)) if self.trouble else 0
                function = waiting.pop(place)
                running.append((function, Stepped(function)))
            else:
                self._step(running, waiting)
        raise AssertionError("it does not come to an end")

    def _step(
        self, running: list[tuple[Callable[[], None], Stepped]], waiting: list[Callable[[], None]]
    ) -> None:
        chosen = self.random.choice(running)
        function, stepped = chosen
        with suppress(Stale):
            stepped.step(dies=self.trouble and self.random.random() < CRASH)
        if stepped.finished:
            running.remove(chosen)
            twice = self.trouble and self.random.random() < DUPLICATE
            if stepped.crashed or stepped.error is not None or twice:
                waiting.append(function)

    def _page_worker(self, message: tuple[str, Any, int]) -> Callable[[], None]:
        return lambda: _void(work_page(self.imports, *message, self.today))

    def _turn_worker(self, message: tuple[str, int, int, timedelta]) -> Callable[[], None]:
        return lambda: _void(work_run(self.syncing, *message[:3]))


def _void(_: object) -> None:
    pass
