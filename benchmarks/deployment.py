"""All that is deployed, in memory: the real handlers and adapters over a table that counts."""

import logging
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, cast
from unittest.mock import patch

from aws_lambda_powertools import Logger

from benchmarks.company import TODAY
from benchmarks.memory.client import MemoryClient
from evaluate_stage import stream, tick
from stageline import bootstrap
from stageline.adapters.dynamodb.table import Table
from stageline.domain.job_states import Records, Step
from stageline.domain.jobs import ImportJob, UploadForm
from stageline.domain.stamp import Stamp
from stageline.domain.workspace import Workspace
from stageline.use_cases import imports
from stageline.use_cases.import_steps import read_import, work_page
from stageline.use_cases.workspaces import create_workspace
from sync_crm.connectors.csv_file import CsvFile
from tests.fakes.outside import KeptAside, KeptEvents, KeptWork

WORKSPACE = Workspace("benchmark")
BATCH = 100
_STREAMED = ("META", "DEAL#", "L#", "A#VALUE#")
_ENVIRONMENT = {
    "TABLE_NAME": "in-memory",
    "ID_KEY_SECRET_NAME": "none",
    "POWERTOOLS_SERVICE_NAME": "benchmark",
}


class Clock:
    """The day is what it was set to; instants go on by a millisecond a look."""

    def __init__(self) -> None:
        self.day = TODAY
        self._looks = 0

    def now(self) -> datetime:
        self._looks += 1
        noon = datetime.combine(self.day, time(12), UTC)
        return noon + timedelta(milliseconds=self._looks)

    def today(self, zone: str) -> date:
        return self.day


class FilesInMemory:
    """The port `Files`."""

    def __init__(self) -> None:
        self._pages: dict[tuple[str, int], bytes] = {}

    def upload_form(self, job_id: str, records: str, most_bytes: int, seconds: int) -> UploadForm:
        return UploadForm("", {}, most_bytes)

    def save_page(self, job_id: str, number: int, lines: Iterable[str]) -> None:
        self._pages[job_id, number] = "\n".join(lines).encode()

    def page(self, job_id: str, number: int) -> Sequence[str]:
        return self._pages[job_id, number].decode().split("\n")

    def delete_page(self, job_id: str, number: int) -> None:
        self._pages.pop((job_id, number), None)


class PagesInMemory:
    """The port `PagesQueue`; it keeps numbers, not messages."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[str, Step, Iterator[int]]] = deque()

    def send(self, job_id: str, step: Step, numbers: Iterable[int]) -> None:
        self.waiting.append((job_id, step, iter(numbers)))


@dataclass(eq=False)
class Deployment:
    client: MemoryClient
    clock: Clock
    pages: PagesInMemory = field(default_factory=PagesInMemory)
    work: KeptWork = field(default_factory=KeptWork)
    _jobs: int = 0
    _streamed: int = 0

    def import_file(
        self, records: Records, path: Path, measured: Callable[[str, float], None] | None = None
    ) -> ImportJob:
        """Import a file to its end; tell `measured` the seconds of each of its steps."""
        told = measured or (lambda step, seconds: None)
        self._jobs += 1
        job, _ = imports.request_import(
            bootstrap.jobs(WORKSPACE),
            bootstrap.files(WORKSPACE),
            f"{self._jobs:032x}",
            records=records,
            mapping=None,
            dry_run=False,
            requested_by="benchmark",
            now=self.clock.now(),
        )
        started = perf_counter()
        with path.open("rb") as file:
            read_import(
                bootstrap.imports(WORKSPACE),
                job.job_id,
                "tag",
                lambda job: CsvFile(file, records, None, "UTC"),
                self.clock.day,
            )
        told("reading", perf_counter() - started)
        while self.pages.waiting:
            job_id, step, numbers = self.pages.waiting.popleft()
            started = perf_counter()
            for number in numbers:
                work_page(bootstrap.imports(WORKSPACE), job_id, step, number, self.clock.day)
            told(step, perf_counter() - started)
        return bootstrap.jobs(WORKSPACE).get(job.job_id)

    def follow_stream(self) -> int:
        """Hand the handler what the table's stream has, until it has no more; return how much."""
        handled = 0
        while records := self._records():
            for start in range(0, len(records), BATCH):
                batch = records[start : start + BATCH]
                answer = stream.handler({"Records": batch}, cast(Any, Context()))
                assert answer == {"batchItemFailures": []}
                handled += len(batch)
        return handled

    def tick(self) -> int:
        """Run the due-date tick; return how many groups moved on."""
        with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):  # its metrics
            answer: dict[str, int] = tick.handler({}, cast(Any, Context()))
        return answer["groups"]

    def forget_stream(self) -> None:
        self.client.stream.clear()

    def _records(self) -> list[dict[str, Any]]:
        """Return the records that pass the filter of the event source, and take them."""
        taken = [record for record in self.client.stream if passes_filter(record)]
        self.client.stream.clear()
        return taken


class Context:
    """What Lambda hands a handler beside the event."""

    function_name = "benchmark"
    function_version = "1"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:benchmark"
    aws_request_id = "00000000-0000-0000-0000-000000000000"


@contextmanager
def deployment(*, keep_stream: bool = False) -> Iterator[Deployment]:
    """A workspace in which nothing is stored yet, behind `bootstrap`. Logs go nowhere."""
    client = MemoryClient(keep_stream=keep_stream)
    table = Table(cast(Any, client), "in-memory")
    clock = Clock()
    deployed = Deployment(client, clock)
    files = FilesInMemory()
    behind: Mapping[str, Any] = {
        "_id_key": lambda: b"a key of benchmarks",
        "privacy_keys": lambda: {1: b"a key of benchmarks"},
        "clock": lambda: clock,
        "events": KeptEvents,
        "files": lambda workspace: files,
        "pages_queue": lambda workspace: deployed.pages,
        "set_aside": KeptAside,
        "table": lambda: table,
        "work_queue": lambda workspace: deployed.work,
    }
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, _ENVIRONMENT))
        stack.enter_context(patch.multiple(bootstrap, **behind))
        stack.enter_context(logging_nowhere(stream.logger, tick.logger))
        _forget()
        stamp = Stamp("operator", "benchmarks", bootstrap.clock().now())
        create_workspace(
            bootstrap.directory(), bootstrap.configuration(WORKSPACE), WORKSPACE, "UTC", stamp
        )
        yield deployed
    _forget()


@contextmanager
def logging_nowhere(*loggers: Logger) -> Iterator[None]:
    """Let functions write their lines, but not onto our output."""
    with open(os.devnull, "w") as nowhere, ExitStack() as stack:
        for logger in loggers:
            handler = logger.registered_handler
            assert isinstance(handler, logging.StreamHandler)
            before = handler.setStream(nowhere)
            if before is not None:
                stack.callback(handler.setStream, before)
        yield


def passes_filter(record: Mapping[str, Any]) -> bool:
    """Tell whether the event source hands this record to the stream's function (template.yaml)."""
    sort: str = record["dynamodb"]["Keys"]["SK"]["S"]
    is_event = sort.startswith("E#") and record["eventName"] == "INSERT"
    return is_event or sort.startswith(_STREAMED)


def _forget() -> None:
    """Let the next caller build everything anew."""
    for built in vars(bootstrap).values():
        if hasattr(built, "cache_clear"):
            built.cache_clear()
