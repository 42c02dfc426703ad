"""Random rows of files and CRMs, imported by workers that interleave, crash and get messages twice.

The real use cases run over stores in memory. After every call of a store another worker may go on,
and anybody may die. The stream is cut off: a finished import has settled the stages by itself.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from itertools import batched
from random import Random
from typing import Any
from unittest.mock import patch

from stageline.domain.account import Account
from stageline.domain.deal import Deal
from stageline.domain.errors import Stale
from stageline.domain.ids import Identities
from stageline.domain.job_states import RECORDS
from stageline.domain.jobs import ImportJob, Problem, Warned
from stageline.domain.records import AccountRecord, DealRecord, Record
from stageline.use_cases import following, import_order, import_steps
from stageline.use_cases.import_pages import Records
from stageline.use_cases.import_rows import note_merges
from stageline.use_cases.import_steps import Imports, go_on, read_import, work_page
from stageline.use_cases.imports import UPLOAD_WITHIN, request_import
from stageline.use_cases.moves import send_again
from tests.fakes.aliases import InMemoryAliases
from tests.fakes.jobs import InMemoryFiles, InMemoryJobs, KeptPages
from tests.fakes.privacy import NOBODY_ERASED
from tests.fakes.refused import InMemoryRefusedRecords
from tests.fakes.stepping import Stepped, pause
from tests.fakes.syncs import InMemorySyncQueue
from tests.fakes.unused import UNUSED
from tests.fakes.world import DAY, WORKSPACE, World

CRM = "crm"
CRASH, DUPLICATE = 0.01, 0.1
MOST_STEPS = 100_000
MOST_AT_ONCE = 4

ACCOUNTS = tuple(f"a{number}" for number in range(9))
NEW_ACCOUNTS = tuple(f"n{number}" for number in range(6))
DEALS = tuple(f"d{number}" for number in range(9))


class Rows:
    """The port `Export` over rows that are known beforehand."""

    def __init__(self, rows: Sequence[Record | Sequence[Problem]]) -> None:
        self._rows = rows

    def rows(self) -> Iterator[Record | Sequence[Problem]]:
        return iter(self._rows)

    def warnings(self) -> Sequence[Warned]:
        return ()


class Importer:
    """A workspace into which files are imported. `trouble` False: one thing after the other."""

    def __init__(self, seed: int, *, trouble: bool) -> None:
        self.random = Random(seed)
        self.trouble = trouble
        self.world = World()
        memory = self.world.memory
        self.files = InMemoryFiles(memory)
        self.queue = KeptPages(memory)
        self.jobs = InMemoryJobs(memory, WORKSPACE)
        stores = self.world.stores
        self.imports = Imports(
            jobs=self.jobs,
            files=self.files,
            queue=self.queue,
            configuration=self.world.configuration,
            records=Records(
                stores.accounts,
                stores.deals,
                UNUSED,
                UNUSED,
                Identities(WORKSPACE, b"key"),
                NOBODY_ERASED,
                self.world.customs,
                InMemoryAliases(memory, WORKSPACE),
                lambda key: InMemoryRefusedRecords(memory, WORKSPACE, key),
            ),
            moving=self.world.moving,
            pipeline=lambda: stores,
            now=self.world.clock.now,
            runs=lambda: InMemorySyncQueue(),
        )
        self._asked = 0
        memory.pause = pause

    def ask(self, rows: Sequence[Any], *, dry_run: bool = False) -> tuple[ImportJob, Rows]:
        self._asked += 1
        job, _ = request_import(
            self.jobs,
            self.files,
            f"{self._asked:032x}",
            records="accounts" if rows and isinstance(rows[0], AccountRecord) else "deals",
            mapping=None,
            dry_run=dry_run,
            requested_by="somebody",
            now=self.world.clock.now(),
        )
        return job, Rows(rows)

    def ask_crm(
        self, rows: Sequence[Any], records: str = "accounts", integration: str = CRM
    ) -> tuple[ImportJob, Rows]:
        """Ask for what a run has read of a CRM to be stored."""
        self._asked += 1
        job = ImportJob(
            job_id=f"{self._asked:032x}",
            records=RECORDS[RECORDS.index(records)],
            dry_run=False,
            mapping=None,
            requested_by="somebody",
            requested_at=self.world.clock.now(),
            upload_until=self.world.clock.now() + UPLOAD_WITHIN,
            integration=integration,
            run_id="run",
        )
        self.jobs.add(job)
        return job, Rows(rows)

    def _read_crm(self, job: ImportJob, rows: Rows, today: date) -> None:
        """Do what a run does about a part once all of it was read."""
        with suppress(Stale):
            begun = self.jobs.begin(job.job_id, "run", today, self.world.clock.now())
            found = [row for row in rows.rows() if not isinstance(row, Sequence)]
            pages = 0
            for pages, page in enumerate(batched(found, 3, strict=False), 1):
                note_merges(self.imports.records_of(job), job.records, page)
                self.files.save_page(job.job_id, pages, [row.to_json() for row in page])
            is_first = self.jobs.claim_first(begun)
            counts = {"read": len(found)}
            self.jobs.end_reading(job.job_id, counts, (), 0, pages, is_first=is_first)
        go_on(self.imports, job.job_id)

    def run(
        self,
        *asked: tuple[ImportJob, Rows],
        today: date = DAY,
        beside: Sequence[Callable[[], None]] = (),
    ) -> list[ImportJob]:
        """Import these at once, to their ends, and do meanwhile what is `beside`."""

        def read(job: ImportJob, rows: Rows) -> Callable[[], None]:
            if job.run_id is not None:
                return lambda: self._read_crm(job, rows, today)
            return lambda: void(read_import(self.imports, job.job_id, "tag", lambda _: rows, today))

        with (
            patch.object(import_steps, "PAGE_ROWS", 3),
            patch.object(import_order, "_LINKS_IN_A_PAGE", 2),
            patch.object(import_steps, "sleep", lambda seconds: pause()),
            patch.object(following, "sleep", lambda seconds: pause()),
        ):
            self._work_off([*(read(job, rows) for job, rows in asked), *beside], today)
        return [self.jobs.get(job.job_id) for job, _ in asked]

    def tick(self) -> None:
        """Do what the tick does about moves that were begun and not gone through."""
        send_again(self.world.moving, self.world.clock.now() + timedelta(minutes=6))
        self.world.work_off()

    def _work_off(self, waiting: list[Callable[[], None]], today: date) -> None:
        running: list[tuple[Callable[[], None], Stepped]] = []
        for _ in range(MOST_STEPS):
            waiting += [self._worker(message, today) for message in self.queue.messages]
            self.queue.messages.clear()
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
            # Delivered again after a crash or a failure; or without a reason.
            if stepped.crashed or stepped.error is not None or twice:
                waiting.append(function)

    def _worker(self, message: tuple[str, Any, int], today: date) -> Callable[[], None]:
        return lambda: void(work_page(self.imports, *message, today))

    def records(self) -> dict[str, Any]:
        """Return what is stored, by external ids and without revisions or instants."""
        stored = self.world.memory.items.values()
        accounts = {item.account_id: item for item in stored if isinstance(item, Account)}
        names = {id_: account.external_id for id_, account in accounts.items()}
        awaited = {
            replace(self.imports.records, integration=one).account_id(name): name
            for one in ("file", CRM)
            for name in (*ACCOUNTS, *NEW_ACCOUNTS, "nobody")
        }
        found: dict[str, Any] = {}
        for account in accounts.values():
            found[str(account.external_id)] = (
                account.profile,
                names.get(account.parent_id or ""),
                awaited.get(account.awaited_parent_id or ""),
                names.get(account.root_id or ""),
                [(seen.in_crm, seen.seen_on) for seen in account.presence],
                account.source and account.source.is_gone,
                names.get(account.merged_into or ""),
            )
        for deal in stored:
            if isinstance(deal, Deal):
                found[str(deal.external_id)] = (
                    deal.terms,
                    names.get(deal.account_id or "") or awaited.get(deal.account_id or ""),
                    deal.observations,
                    deal.waiting,
                )
        return found


def void(_: object) -> None:
    pass


def random_accounts(random: Random) -> list[AccountRecord]:
    """Return rows with groups, circles, parents that appear nowhere, in any order."""
    names = random.sample(ACCOUNTS, random.randint(1, len(ACCOUNTS)))
    return [
        AccountRecord(
            line=line,
            external_id=name,
            name=f"Account {name} {random.randrange(2)}",
            parent_external_id=random.choice((None, None, *ACCOUNTS, "nobody")),
            in_crm=random.choice((None, True, False)),
        )
        for line, name in enumerate(names, 2)
    ]


def random_deals(random: Random) -> list[DealRecord]:
    names = random.sample(DEALS, random.randint(1, len(DEALS)))
    rows = []
    for line, name in enumerate(names, 2):
        status: Any = random.choice(("open", "won", "lost"))
        rows.append(
            DealRecord(
                line=line,
                external_id=name,
                name=f"Deal {name}",
                status=status,
                account_external_id=random.choice((None, *ACCOUNTS, *ACCOUNTS)),
                closed_on=None if status == "open" else date(2026, 1, 5),
            )
        )
    return rows
