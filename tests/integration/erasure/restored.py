"""A backup of people's data in a new table, with the journal that outlived the table before."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from benchmarks.memory.items import Items
from stageline.adapters.dynamodb.fences import DynamoDbFences
from stageline.adapters.dynamodb.keys import FENCE_KEY
from stageline.adapters.dynamodb.works import DynamoDbWorks
from stageline.domain.work import Work
from stageline.domain.workspace import Workspace
from stageline.use_cases.fence import is_fenced
from stageline.use_cases.restoring import Restoring, check_restore, request_restore_check
from tests.integration.erasure.people import World
from tests.integration.erasure.test_repetition import state
from tests.integration.records.stores import WORKSPACE

LATER = timedelta(minutes=10)


@dataclass
class Restored:
    """`messages` is the queue of restore checks."""

    world: World
    table_id: str = "the restored table"
    messages: list[str] = field(default_factory=list)
    messages_sent: int = 0
    known: list[Workspace] = field(default_factory=lambda: [WORKSPACE])
    minutes_a_look: int = 0
    jobs: Iterator[int] = field(default_factory=count)

    @property
    def restoring(self) -> Restoring:
        world, table = self.world, self.world.stores.table
        return Restoring(
            table_id=self.table_id,
            fences=DynamoDbFences(table),
            journal=world.journal,
            works=DynamoDbWorks(table, WORKSPACE),
            queue=lambda: self,
            erasing_in=lambda workspace: world.privacy.erasing,
            workspaces=lambda: self.known,
            now=self._now,
        )

    def send(self, job_id: str) -> None:
        self.messages.append(job_id)
        self.messages_sent += 1

    def check(self) -> Work:
        """Ask for a check, work off the queue, and return the job."""
        job_id = request_restore_check(
            self.restoring, f"job-{next(self.jobs)}", requested_by="officer"
        ).job_id
        while self.messages:
            work = self.work(self.messages.pop())
            assert work.job_id == job_id
        return self.restoring.works.get(job_id)

    def work(self, job_id: str) -> Work:
        return check_restore(self.restoring, job_id, self._now() + LATER)

    def _now(self) -> datetime:
        self.world.later(timedelta(minutes=self.minutes_a_look))
        return self.world.now

    @property
    def is_fenced(self) -> bool:
        return is_fenced(self.table_id, self.restoring.fences, lambda: self.world.journal)


def restored(items: Items, before: World) -> Restored:
    """Return a backup (a copy of the items) in a new table."""
    world = World()
    world.stores.client.items = items.copy()
    world.journal, world.certificates = deepcopy((before.journal, before.certificates))
    return Restored(world)


def stored(one: Restored) -> Any:
    """Return what is stored, apart from jobs, requests, the fence, instants and random ids."""
    return [text for text in state(one.world) if "#J#" not in text and FENCE_KEY["PK"] not in text]
