"""Random people and random trouble: interleavings, crashes, duplicates, reordering, by a seed.

The real use cases and the real handling of the stream run over stores in memory. After every call
of a store anybody else may go on, and anybody may die. Messages of moves are lost or come twice,
and the index of children is late.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import islice
from random import Random
from typing import Any
from unittest.mock import patch

from evaluate_stage import stream
from evaluate_stage.records import tasks_of
from stageline.domain import chunks
from stageline.domain.errors import StagelineError, Stale
from stageline.domain.jobs import ImportJob, Link
from stageline.domain.stamp import Stamp
from stageline.use_cases import following, moves
from stageline.use_cases.following import Worker
from stageline.use_cases.import_decisions import Import
from stageline.use_cases.import_links import make_links
from stageline.use_cases.loading import settle
from stageline.use_cases.moves import send_again
from stageline.use_cases.pipeline import refresh_ledger
from stageline.use_cases.tick import tick
from tests.fakes.stepping import Stepped, pause
from tests.fakes.world import DAY, World
from tests.unit.pipeline.ending import problems

ACCOUNTS = ("a0", "a1", "a2", "a3", "a4", "a5")
DEALS = ("d0", "d1", "d2", "d3", "d4")
NAMES = ("Ärzte & Co", "Acme", "Acme Holding", "Brandt")

CRASH, DUPLICATE, LATE_CLOCK = 0.02, 0.05, 0.03
LOST, LATE_INDEX = 0.1, 0.05
# How likely a person is to do something before the next step, by seed: at leisure, or all at once.
OPERATION = (0.02, 0.1, 0.3)
# How likely a machine is to fall asleep at a step, and for how many steps of all others: a late
# writer is one that slept between reading and writing.
SLEEP, SLEEP_STEPS = 0.06, (10, 150)
MOST_STEPS = 100_000

JOB = ImportJob(
    job_id="import",
    records="accounts",
    dry_run=False,
    mapping=None,
    requested_by="someone",
    requested_at=datetime(2026, 3, 2, tzinfo=UTC),
    upload_until=datetime(2026, 3, 2, tzinfo=UTC),
)


class Job:
    """Work on its way: a batch of the stream with its records, or a tick or an import without."""

    def __init__(self, function: Callable[[], None], records: Sequence[dict[str, Any]]) -> None:
        self.function = function
        self.records = records
        self.sleeps_until = 0
        self.stepped = Stepped(function)

    def begin_again(self) -> None:
        self.stepped = Stepped(self.function)


class Simulation:
    def __init__(self, seed: int, operations: int = 20, world: World | None = None) -> None:
        self.random = Random(seed)
        self.operations = operations
        self.world = world or World()
        self.haste = self.random.choice(OPERATION)
        self.accounts = ACCOUNTS[: self.random.choice((2, 3, 5, 6))]
        self.deals = DEALS[: self.random.choice((1, 2, 5))]
        self.queue: list[dict[str, Any]] = []
        self.jobs: list[Job] = []
        self.day = DAY
        self.log: list[str] = []
        self.done = self.steps = 0
        self.is_fickle = self.random.random() < 0.5
        # In half of the runs so few deals make a ledger too large that it comes in parts.
        self.most_entries = self.random.choice((1, 3, 1_000, 1_000))
        self.is_restless = self.random.random() < 0.5
        self._set_day(DAY)
        self._begin()
        self.world.stores.accounts.is_late = lambda: self.random.random() < LATE_INDEX  # type: ignore[attr-defined]
        self.world.memory.pause = pause

    def run(self) -> list[str]:
        """Live through it all; return what is wrong in the end."""
        with (
            self.world.behind_bootstrap(),
            patch.object(stream, "sleep", lambda seconds: pause()),
            patch.object(chunks, "MOST_ENTRIES", self.most_entries),
            patch.object(following, "sleep", lambda seconds: pause()),
            # Instants pass by a millisecond a look.
            patch.object(moves, "_NUDGED_AFTER", timedelta(milliseconds=20)),
            patch.object(moves, "_SENT_AGAIN_AFTER", timedelta()),
        ):
            self._go_on()
            # The last tick: whatever the ticks before it missed is caught up with.
            self._start(self._tick)
            self._go_on()
        self.world.memory.refresh()
        found = list(problems(self.world, self.day))
        found += [f"set aside: {name}" for name in self.world.aside.sent]
        with patch.object(chunks, "MOST_ENTRIES", self.most_entries):
            return found or self._written_again()

    def _begin(self) -> None:
        for number, account_id in enumerate(self.accounts[1:]):
            others = self.accounts[1 : number + 1]
            parent_id = self.random.choice(
                (None, *others) if not self.is_restless else others or (None,)
            )
            self.world.add_account(account_id, name=self.random.choice(NAMES), parent_id=parent_id)
        for deal_id in self.deals[:2]:
            self.world.add_deal(deal_id, self.random.choice(self.accounts), waiting=True)

    def _go_on(self) -> None:
        for _ in range(MOST_STEPS):
            self.steps += 1
            self.queue += self.world.memory.taken()
            self._deliver()
            if self.operations and self.random.random() < self.haste:
                self.operations -= 1
                self._operate()
            elif not self._step() and not self.operations:
                return
        raise AssertionError("it does not come to an end")

    def _step(self) -> bool:
        startable = list(islice(self._startable(), 4))
        awake = [job for job in self.jobs if job.sleeps_until <= self.steps]
        choices = len(awake) + len(startable)
        if not choices:
            return bool(self.jobs)
        chosen = self.random.randrange(choices)
        if chosen >= len(awake):
            self._start_batch(list(self._startable()))
            return True
        job = awake[chosen]
        if self.random.random() < SLEEP:
            job.sleeps_until = self.steps + self.random.randint(*SLEEP_STEPS)
            return True
        job.stepped.step(dies=self.random.random() < CRASH)
        if job.stepped.crashed:
            job.begin_again()
        elif job.stepped.finished:
            self.jobs.remove(job)
            if self.random.random() < DUPLICATE:
                self.queue[:0] = job.records
        return True

    def _deliver(self) -> None:
        """Give the messages of moves to workers; some get lost, some come twice."""
        for _, job_id in self.world.work.jobs:
            if self.operations and self.random.random() < LOST:
                continue
            for _ in range(1 + (self.random.random() < DUPLICATE)):
                self._start(partial(self._follow, job_id))
        self.world.work.jobs.clear()

    def _follow(self, job_id: str) -> None:
        # Now and then the time is over soon.
        self.world.follow(job_id, seconds=self.random.choice((0.01, 600, 600)))

    def _startable(self) -> Iterator[dict[str, Any]]:
        """Yield the first waiting record of each item that nobody is working on (rule 1)."""
        if not self.queue:
            return
        taken = {_item(record) for job in self.jobs for record in job.records}
        for record in self.queue:
            if (item := _item(record)) not in taken:
                taken.add(item)
                yield record

    def _start_batch(self, startable: list[dict[str, Any]]) -> None:
        records = self.random.sample(startable, self.random.randint(1, min(3, len(startable))))
        for record in records:
            self.queue.remove(record)
        self._start(lambda: self._work_off(records), records)

    def _start(self, function: Callable[[], None], records: Sequence[dict[str, Any]] = ()) -> None:
        self.jobs.append(Job(function, records))

    def _work_off(self, records: Sequence[dict[str, Any]]) -> None:
        batch = stream.Batch()
        asked = tasks_of(records)
        outcomes = batch.outcomes(asked)
        again = {
            number for task, found in outcomes.items() if found == "again" for number in asked[task]
        }
        self.queue[:0] = [r for r in records if r["dynamodb"]["SequenceNumber"] in again]

    def _tick(self) -> None:
        world = self.world
        failed: list[str] = []
        tick(
            world.stores,
            world.lists,
            world.configuration,
            today=world.today,
            now=world.clock.now(),
            failed=lambda root_id, error: failed.append(root_id),
        )
        send_again(world.moving, world.clock.now())
        if failed and not self.operations:
            self._tick()

    def _settle(self, account_ids: Sequence[str]) -> None:
        with suppress(StagelineError):
            settle(
                self.world.stores, account_ids, today=self.world.today, now=self.world.clock.now()
            )

    def _operate(self) -> None:
        """Do what a person, an import or the calendar does. What is refused was refused rightly."""
        fickle = (self._change_and_change_back,) * 20 if self.is_fickle else ()
        restless = (self._parent, self._parents_at_once, self._file) * 8 if self.is_restless else ()
        operation = self.random.choice(
            (self._account,) * 3
            + (self._parent,) * 4
            + (self._parents_at_once, self._file)
            + (self._deal,) * 5
            + (self._next_day, self._next_day, self._import)
            + fickle
            + restless
        )
        with suppress(StagelineError):
            operation()
            self.done += 1

    def _account(self) -> None:
        random, world = self.random, self.world
        account_id = random.choice(self.accounts)
        match random.randrange(5):
            case 0 | 1:
                parent_id = random.choice((None, None, *self.accounts))
                self._note("add", account_id, parent_id)
                world.add_account(
                    account_id,
                    name=random.choice(NAMES),
                    in_crm=random.random() < 0.7,
                    parent_id=parent_id,
                )
            case 2:
                in_crm = random.random() < 0.5
                self._note("in_crm", account_id, in_crm)
                world.change_account(account_id, in_crm=in_crm)
            case 3:
                name, owner = random.choice(NAMES), random.choice((None, "x@example.com"))
                self._note("name", account_id, name)
                world.change_account(account_id, name=name, owner_email=owner)
            case 4:
                self._note("delete", account_id)
                world.delete_account(account_id)

    def _parent(self) -> None:
        account_id = self.random.choice(self.accounts)
        parent_id = self.random.choice((None, *self.accounts))
        self._note("parent", account_id, parent_id)
        self._start(partial(self._set_parent, account_id, parent_id))

    def _parents_at_once(self) -> None:
        """Two accounts with all below them, perhaps one into the other."""
        one, other = self._with_children(), self._with_children()
        parents = self._elsewhere(one), self.random.choice((one, self._elsewhere(other)))
        self._note("parents at once", one, parents[0], other, parents[1])
        self._start(partial(self._set_parent, one, parents[0]))
        self._start(partial(self._set_parent, other, parents[1]))

    def _with_children(self) -> str:
        """Return an account, one that has children if there are any."""
        accounts = self.world.stores.accounts
        having = [one for one in self.accounts if accounts.children_count(one)]
        return self.random.choice(having or self.accounts)

    def _elsewhere(self, account_id: str) -> str | None:
        """Return an account that is not below this one now, or none."""
        found = self.world.stores.accounts.find_many(self.accounts)
        below = {account_id}
        for _ in self.accounts:
            below |= {one.account_id for one in found.values() if one.parent_id in below}
        return self.random.choice((None, *sorted(found.keys() - below)))

    def _set_parent(self, account_id: str, parent_id: str | None) -> None:
        with suppress(StagelineError):
            self.world.set_parent(account_id, parent_id)

    def _file(self) -> None:
        """Let a file say that an account is to come under another one."""
        child_id = self._with_children()
        parent_id = self._elsewhere(child_id)
        self._note("file", child_id, parent_id)
        child = self.world.stores.accounts.get(child_id)
        if parent_id is None or child.parent_id == parent_id:
            return
        job = replace(JOB, job_id=f"import-{len(self.log)}")
        stamp = Stamp("someone", job.job_id, self.world.clock.now(), in_job=True)
        deciding = Import(job, stamp, self.day, None)
        awaiting = replace(child, awaited_parent_id=parent_id, changed=stamp, rev=child.rev + 1)
        self.world.stores.accounts.save(awaiting)
        self._start(partial(self._link, deciding, Link(child_id, parent_id, 2)))

    def _link(self, deciding: Import, link: Link) -> None:
        """Link and settle as the workers of an import do: until nobody is in between."""
        world = self.world
        while True:
            worker = Worker(
                world.clock.now() + timedelta(minutes=1),
                lambda account_id: refresh_ledger(world.stores, account_id),
            )
            try:
                result, _ = make_links(world.moving, deciding, [link], worker)
                touched = [link.child_id, *result.touched]
                settle(world.stores, touched, today=world.today, now=world.clock.now())
            except Stale:
                pause()
            else:
                return

    def _deal(self) -> None:
        random, world = self.random, self.world
        deal_id, account_id = random.choice(self.deals), random.choice((None, *self.accounts * 4))
        what = random.randrange(8)
        self._note("deal", deal_id, account_id, what)
        match what:
            case 0 | 1 | 2:
                status = random.choice(("open", "open", "won", "lost"))
                known = account_id and world.stores.accounts.find(account_id)
                days = random.choice((0, 0, 30, 200, -40))
                opened_on = self.day - timedelta(days=days)
                world.add_deal(
                    deal_id,
                    account_id,
                    status,
                    opened_on=random.choice((None, opened_on)) if status == "open" else None,
                    closed_on=None if status == "open" else self.day - timedelta(days=abs(days)),
                    waiting=account_id is not None and (not known or known.deleted),
                )
            case 3 | 4:
                world.close_deal(deal_id, random.choice(("won", "lost", "lost")), self.day)
            case 5:
                world.reopen_deal(deal_id)
            case 6:
                world.delete_deal(deal_id)
            case 7:
                world.move_deal(deal_id, account_id)

    def _change_and_change_back(self) -> None:
        """Do something, or undo it: what was read in between is no longer so."""
        deal_id, account_id = self.deals[0], self.accounts[-1]
        deals = self.world.stores.deals
        self._note("change or change back")
        match self.random.randrange(3):
            case 0:
                account = self.world.stores.accounts.get(account_id)
                self.world.change_account(account_id, in_crm=not account.in_crm)
            case 1:
                account = self.world.stores.accounts.get(account_id)
                name = NAMES[NAMES.index(account.profile.name) - 1]
                self.world.change_account(account_id, name=name)
            case _ if deals.get(deal_id).status == "open":
                self.world.close_deal(deal_id, "won", self.day)
            case _:
                self.world.reopen_deal(deal_id)

    def _next_day(self) -> None:
        self.day += timedelta(days=self.random.choice((1, 1, 20, 100, 190)))
        self._note("day", self.day)
        self._set_day(self.day)
        if self.random.random() < 0.8:
            self._start(self._tick)

    def _import(self) -> None:
        some = self.random.sample(self.accounts, 2)
        self._note("settle", *some)
        self._start(lambda: self._settle(some))

    def _set_day(self, day: date) -> None:
        """Set the day; around midnight one machine or other is still in the day before."""

        def today(zone: str) -> date:
            is_late = self.operations and self.random.random() < LATE_CLOCK
            return day - timedelta(days=1) if is_late else day

        self.world.clock.today = today  # type: ignore[method-assign]

    def _note(self, *what: object) -> None:
        self.log.append(" ".join(map(str, what)))

    def _written_again(self) -> list[str]:
        """Run everything once more: nothing may be written."""
        world = self.world
        world.memory.pause = lambda: None
        world.memory.taken()
        before = world.memory.writes
        settle(world.stores, ACCOUNTS, today=self.day, now=world.clock.now())
        self._tick()
        world.memory.taken()
        return [] if world.memory.writes == before else ["the same again writes"]


def _item(record: dict[str, Any]) -> tuple[str, str]:
    keys = record["dynamodb"]["Keys"]
    return keys["PK"]["S"], keys["SK"]["S"]
