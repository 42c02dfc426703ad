"""A deployment in moto that reads a fake CRM over loopback, message by message, by real handlers.

A worker may die before any of its writes, or before its message is acknowledged; messages may come
twice and in any order. Time passes only where somebody would wait.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from random import Random
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch
from urllib.parse import urlsplit

import tenacity.nap

from benchmarks.memory.client import MemoryClient
from stageline import bootstrap
from stageline.adapters import crm_http
from stageline.adapters.dynamodb.codec import from_item
from stageline.adapters.dynamodb.table import Table
from stageline.domain.calendar import day_in_zone
from stageline.domain.crm_vendors import VENDORS
from stageline.domain.integration import Integration, Schedule
from stageline.domain.job_states import RECORDS, Records
from stageline.domain.stamp import Stamp
from stageline.domain.sync import Mode, Progress, SyncRun, SyncState
from stageline.domain.workspace import Workspace
from stageline.use_cases import following, import_steps
from stageline.use_cases.crm_integrations import Wanted, put_crm_integration, set_credentials
from stageline.use_cases.imports import list_problems
from stageline.use_cases.sync_start import start_run
from stageline.use_cases.workspaces import create_workspace
from sync_crm import opening, tick, work_page, work_run
from tests.integration.sync_crm.machine import BUCKET, EVENTS, TABLE, Context

CRM = "crm"
ZONE = "Europe/Vienna"
EVENT = json.loads((EVENTS / "page.json").read_text("utf-8"))
_EFFECTS = {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"} | {
    *("PutObject", "DeleteObjects", "SendMessage", "SendMessageBatch")
}
# What is written whether or not a record has changed.
_NO_RECORD = ("#J#", "IMPORTED#", "SYNC#", "#Q#")
_numbers = count(1)


class TimedContext(Context):
    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 300_000


CONTEXT: Any = TimedContext()


class Killed(BaseException):
    """The worker was cut off; nothing catches that."""


class Clock:
    """The CRM's time, and what was waited for; a millisecond passes with each look."""

    def __init__(self, theirs: Callable[[], datetime]) -> None:
        self._theirs = theirs
        self._ahead = timedelta()

    def now(self) -> datetime:
        self._ahead += timedelta(milliseconds=1)
        return self._theirs() + self._ahead

    def today(self, zone: str) -> date:
        return day_in_zone(self._theirs() + self._ahead, zone)


@dataclass(frozen=True, slots=True)
class Fake:
    """A fake CRM, by what all of them have."""

    vendor: str
    host: str
    url: str
    credentials: Mapping[str, str]
    now: Callable[[], datetime]
    advance: Callable[[timedelta], None]
    crm: Any


@dataclass
class CrmMachine:
    """`kill_every`: which of the messages kills its worker; `twice`: how many come again."""

    fake: Fake
    clock: Clock
    workspace: Workspace
    random: Random = field(default_factory=lambda: Random(0))
    kill_every: int | None = None
    twice: float = 0.0
    delivered: int = 0
    killed: int = 0
    record_writes: int = 0
    waiting: list[tuple[Any, str]] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)  # of all messages
    first_body: int = 0
    delays: list[int] = field(default_factory=list)  # that turns were to wait, in seconds
    before_message: Callable[["CrmMachine"], None] = lambda machine: None
    _effects_left: int | None = None
    _runs: int = 0

    def connect(
        self,
        records: tuple[Records, ...] = RECORDS,
        mapping: Mapping[str, Any] | None = None,
        schedule: Schedule | None = None,
        credentials: Mapping[str, str] | None = None,
    ) -> Integration:
        configuration = bootstrap.configuration(self.workspace)
        vendor = VENDORS[self.fake.vendor]
        wanted = Wanted(
            vendor=self.fake.vendor,
            base_url=None if vendor.url else f"https://{self.fake.host}",
            schedule=schedule or Schedule(),
            records=records,
            mapping=mapping,
            active=True,
            opportunity_pull=True,
            sync=True,
        )
        found = put_crm_integration(
            configuration, CRM, wanted, expected=None, today=self.today(), stamp=self._stamp()
        )
        if found.connection is not None and found.connection.sign_in is None:
            self.give(credentials or self.fake.credentials)
        return self.integration()

    def give(self, credentials: Mapping[str, str]) -> None:
        set_credentials(
            bootstrap.configuration(self.workspace),
            bootstrap.integration_secrets(self.workspace),
            bootstrap.syncs(self.workspace),
            CRM,
            credentials,
            today=self.today(),
            stamp=self._stamp(),
        )

    def integration(self) -> Integration:
        found = bootstrap.configuration(self.workspace).read().integration(CRM)
        assert found is not None
        return found

    def today(self) -> date:
        return self.clock.today(ZONE)

    def state(self) -> SyncState:
        return bootstrap.syncs(self.workspace).state(CRM)

    def of(self, records: Records) -> Progress:
        return self.state().of(records)

    def start(self, mode: Mode = "changes") -> SyncRun:
        self.fake.advance(timedelta(minutes=1))
        self._runs += 1
        run = start_run(
            bootstrap.syncs(self.workspace),
            self.integration(),
            mode,
            f"{self._runs:032x}",
            "somebody",
            self.clock.now(),
        )
        bootstrap.sync_queue(self.workspace).send(run.run_id, run.rev)
        return run

    def run(self, mode: Mode = "changes") -> SyncRun:
        """Start a run, work it off, and return what came of it."""
        return self.finish(self.start(mode))

    def finish(self, run: SyncRun) -> SyncRun:
        self.pump()
        return bootstrap.syncs(self.workspace).run(run.run_id)

    def problems(self, run: SyncRun) -> list[tuple[str, str]]:
        """Return what kind of records had which problem, by its code."""
        jobs = bootstrap.jobs(self.workspace)
        found: list[tuple[str, str]] = []
        for part in run.parts:
            place = None
            while part.job_id:
                some, place = list_problems(jobs, part.job_id, 100, place)
                found += [(part.records, one.code) for one in some]
                if place is None:
                    break
        return found

    def tick(self) -> Any:
        return tick.handler({}, CONTEXT)

    def pump(self, most: int | None = None) -> None:
        """Deliver messages until none is left, or only so many."""
        while self.waiting and most != 0:
            message = self.waiting.pop(self.random.randrange(len(self.waiting)))
            self.before_message(self)
            if not self._deliver(*message) or self.random.random() < self.twice:
                self.waiting.append(message)
            most = None if most is None else most - 1

    def lose_turns(self) -> None:
        """Lose the messages of runs; those of what they have read stay."""
        self.waiting = [one for one in self.waiting if one[0] is not work_run]

    def items(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        pages = bootstrap.table().client.get_paginator("scan").paginate(TableName=TABLE)
        own = f"{self.workspace.id}#"
        for page in pages:
            found += [one for one in map(from_item, page["Items"]) if one["PK"].startswith(own)]
        return found

    def objects(self) -> dict[str, bytes]:
        """Return all that lies in the bucket, by key."""
        client = bootstrap.s3()
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        keys = [one["Key"] for page in pages for one in page.get("Contents", ())]
        return {
            key: client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
            for key in keys
            if f"/{self.workspace.id}/" in key
        }

    def _deliver(self, function: Any, body: str) -> bool:
        """Tell whether the message was acknowledged."""
        self.delivered += 1
        dies = self.kill_every is not None and self.delivered % self.kill_every == 0
        # A worker that has no more effects to die before dies when it has done everything.
        self._effects_left = self.random.randrange(12) if dies else None
        event = {"Records": [{**EVENT["Records"][0], "body": body}]}
        try:
            function.handler(event, CONTEXT)
        except Killed:
            self.killed += 1
            opening._opened.cache_clear()
            return False
        finally:
            self._effects_left = None
        self.killed += dies
        return not dies

    def before_effect(self, params: Any, model: Any, **_: Any) -> None:
        """Count, cut off, and take what is sent: called before each request to AWS."""
        if model.name == "SendMessage" and (delay := params.pop("DelaySeconds", 0)):
            self.delays.append(delay)
            self.fake.advance(timedelta(seconds=delay))
        if model.name not in _EFFECTS:
            return
        if self._effects_left is not None:
            if self._effects_left == 0:
                raise Killed
            self._effects_left -= 1
        if model.name.startswith("SendMessage"):
            is_page = params["QueueUrl"] == bootstrap.settings().pages_queue_url
            for one in params.get("Entries", [params]):
                self.bodies.append(one["MessageBody"])
                self.waiting.append((work_page if is_page else work_run, one["MessageBody"]))
        if model.name in ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"):
            told = json.dumps(params, default=str)
            self.record_writes += not any(word in told for word in _NO_RECORD)

    def _stamp(self) -> Stamp:
        return Stamp("somebody", "request", self.clock.now())


@contextmanager
def reading(fake: Fake, *, in_memory: bool = True, **how: Any) -> Iterator[CrmMachine]:
    """A machine with a workspace of its own, connected to nothing yet; in `deployed()`."""
    clock = Clock(fake.now)
    workspace = Workspace(f"crm-{next(_numbers)}")
    machine = CrmMachine(fake, clock, workspace, **how)
    environment = {
        "STAGE": "local",
        "LOCAL_HOSTS": json.dumps({fake.host: urlsplit(fake.url).netloc}),
        "INTEGRATION_SECRETS_PREFIX": "stageline-test/integrations/",
    }

    def wait(seconds: float) -> None:
        fake.advance(timedelta(seconds=seconds))

    clients: list[crm_http.CrmHttp] = []

    def client(*arguments: Any, **named: Any) -> crm_http.CrmHttp:
        clients.append(crm_http.CrmHttp(*arguments, **named))
        return clients[-1]

    table = Table(cast(Any, MemoryClient()), TABLE)
    patches = [
        patch.dict("os.environ", environment),
        patch.object(bootstrap, "clock", lambda: clock),
        patch.object(opening, "CrmHttp", client),
        patch.object(crm_http, "sleep", wait),
        patch.object(tenacity.nap, "time", SimpleNamespace(sleep=wait)),
        patch.object(import_steps, "sleep", lambda seconds: None),
        patch.object(following, "sleep", lambda seconds: None),
    ]
    if in_memory:
        patches.append(patch.object(bootstrap, "table", lambda: table))
    with _all(patches):
        _forget()
        configuration = bootstrap.configuration(workspace)
        stamp = Stamp("operator", "tests", clock.now())
        create_workspace(bootstrap.directory(), configuration, workspace, ZONE, stamp)
        assert not bootstrap.fence().is_closed()
        watched: list[tuple[str, Any]] = [
            ("dynamodb", bootstrap.table().client),
            ("s3", bootstrap.s3()),
            ("sqs", cast(Any, bootstrap.sync_queue(workspace))._client),
            ("sqs", cast(Any, bootstrap.pages_queue(workspace))._client),
        ]
        for name, aws in watched:
            aws.meta.events.register(
                f"before-parameter-build.{name}", machine.before_effect, unique_id="machine"
            )
        try:
            yield machine
        finally:
            for one in clients:
                one.close()
            _forget()


def _forget() -> None:
    opening._opened.cache_clear()
    for built in vars(bootstrap).values():
        if hasattr(built, "cache_clear"):
            built.cache_clear()


@contextmanager
def _all(patches: Iterable[Any]) -> Iterator[None]:
    with ExitStack() as stack:
        for one in patches:
            stack.enter_context(one)
        yield
