"""A deployment in moto with one workspace, into which files are imported as on AWS."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import boto3
from moto import mock_aws

from stageline import bootstrap
from stageline.adapters.dynamodb.codec import from_item
from stageline.domain.jobs import ImportJob, Problem
from stageline.domain.stamp import Stamp
from stageline.domain.workspace import Workspace
from stageline.use_cases import imports
from stageline.use_cases.workspaces import create_workspace
from sync_crm import read_file, work_page
from tests.fakes.outside import FakeClock
from tests.table import table_properties

EVENTS = Path(__file__).parents[3] / "events/sync_crm"
TABLE = "stageline-test"
BUCKET = "stageline-test-uploads"
_WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems")


class Crash(Exception):
    """The function was cut off."""


class Context:
    function_name = "import"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:import"
    aws_request_id = "lambda-request"


CONTEXT: Any = Context()


@dataclass
class Machine:
    """`seed` shuffles the queue; `duplicates` delivers each message twice; `crash_at` cuts the
    function off before its n-th write (counted over everything), once.
    """

    workspace: Workspace
    clock: FakeClock
    seed: int = 0
    duplicates: bool = False
    crash_at: int | None = None
    writes: int = 0  # all of them
    record_writes: int = 0  # those that are not about jobs, nor about which came last
    sent: Callable[[Any], None] = lambda message: None
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def run(
        self,
        records: str,
        content: str | bytes,
        mapping: Any = None,
        *,
        dry_run: bool = False,
        job: ImportJob | None = None,
    ) -> ImportJob:
        """Import a file to its end, and return the job."""
        job = job or self.ask(records, mapping, dry_run=dry_run)
        self.upload(job, content)
        self.pump()
        return bootstrap.jobs(self.workspace).get(job.job_id)

    def ask(self, records: str, mapping: Any = None, *, dry_run: bool = False) -> ImportJob:
        job, _ = imports.request_import(
            bootstrap.jobs(self.workspace),
            bootstrap.files(self.workspace),
            f"{next(self._numbers):032x}",
            records=records,
            mapping=mapping,
            dry_run=dry_run,
            requested_by="somebody",
            now=self.clock.now(),
        )
        return job

    def upload(self, job: ImportJob, content: str | bytes) -> None:
        key = f"uploads/{self.workspace.id}/{job.job_id}/{job.records}.csv"
        body = content.encode() if isinstance(content, str) else content
        tag = bootstrap.s3().put_object(Bucket=BUCKET, Key=key, Body=body)["ETag"]
        event = json.loads((EVENTS / "file_uploaded.json").read_text("utf-8"))
        stored = event["Records"][0]["s3"]["object"]
        stored |= {"key": key, "eTag": tag.strip('"')}
        for _ in range(1 + self.duplicates):
            self._deliver(partial(read_file.handler, event, CONTEXT))

    def pump(self) -> None:
        """Deliver every message until none is left."""
        random = Random(self.seed)
        waiting: list[dict[str, Any]] = []
        while waiting := waiting + self._received():
            message = waiting.pop(random.randrange(len(waiting)))
            self.sent(message)
            event = json.loads((EVENTS / "page.json").read_text("utf-8"))
            event["Records"][0]["body"] = message["Body"]
            for _ in range(1 + self.duplicates):
                self._deliver(partial(work_page.handler, event, CONTEXT))

    def problems(self, job: ImportJob) -> list[Problem]:
        jobs = bootstrap.jobs(self.workspace)
        found: list[Problem] = []
        place = None
        while True:
            some, place = imports.list_problems(jobs, job.job_id, 3, place)
            found += some
            if place is None:
                return found

    def stored(self, *names: str) -> dict[tuple[str, str], dict[str, Any]]:
        """Return every item besides jobs and which came last; of each all attributes, or some."""
        found = {}
        own = f"{self.workspace.id}#"
        client = bootstrap.table().client
        for page in client.get_paginator("scan").paginate(TableName=TABLE):
            for item in map(from_item, page["Items"]):
                is_told = "#J#" in item["PK"] or item["SK"].startswith("IMPORTED#")
                if item["PK"].startswith(own) and not is_told:
                    kept = {n: v for n, v in item.items() if not names or n in names}
                    found[item["PK"].removeprefix(own), item["SK"]] = kept
        return found

    def items(self, sort_key: str) -> list[dict[str, Any]]:
        """Return the items of one kind, by sort key."""
        stored = self.stored()
        return [item for (_, sk), item in sorted(stored.items()) if sk.startswith(sort_key)]

    def stages(self) -> dict[str, str]:
        """Return the stage of each account by its name, as the lists show it."""
        return {row["name"]: row["stage"] for row in self.items("ROW#")}

    def watch(self, params: Any, model: Any, **_: Any) -> None:
        """Count the writes, and cut off before one of them."""
        if model.name not in _WRITES:
            return
        self.writes += 1
        if self.writes == self.crash_at:
            raise Crash
        told = json.dumps(params, default=str)
        self.record_writes += "#J#" not in told and "IMPORTED#" not in told

    def _deliver(self, call: Callable[[], Any]) -> None:
        """Deliver once, and again after a crash, as Lambda does."""
        for _ in range(3):
            try:
                call()
                return
            except Exception:
                if self.crash_at is None or self.writes < self.crash_at:
                    raise
                self.crash_at = None
        raise AssertionError("delivered three times")

    def _received(self) -> list[dict[str, Any]]:
        queue = sqs()
        url = bootstrap.settings().pages_queue_url
        found: list[dict[str, Any]] = []
        while messages := queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found += messages
        return found


@contextmanager
def deployed() -> Iterator[None]:
    """The table, the bucket and the queue, in moto."""
    environment = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "TABLE_NAME": TABLE,
        "TABLE_ID": "the only table",
        "BUCKET_NAME": BUCKET,
        "JOURNAL_BUCKET_NAME": "stageline-test-journal",
        "ID_KEY_SECRET_NAME": "stageline-test-id-key",
        "PRIVACY_KEY_SECRET_NAME": "stageline-test-privacy-key",
        "POWERTOOLS_SERVICE_NAME": "import",
    }
    with patch.dict("os.environ", environment), mock_aws():
        boto3.client("dynamodb").create_table(**table_properties(TABLE))
        for bucket in (BUCKET, "stageline-test-journal"):
            boto3.client("s3").create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
            )
        boto3.client("secretsmanager").create_secret(
            Name="stageline-test-id-key", SecretString="a key of tests"
        )
        boto3.client("secretsmanager").create_secret(
            Name="stageline-test-privacy-key",
            SecretString='{"1": "a key of tests that is long enough, surely"}',
        )
        url = boto3.client("sqs").create_queue(QueueName="stageline-test-pages")["QueueUrl"]
        turns = boto3.client("sqs").create_queue(QueueName="stageline-test-sync")["QueueUrl"]
        with patch.dict("os.environ", {"PAGES_QUEUE_URL": url, "SYNC_QUEUE_URL": turns}):
            _forget()
            sqs.cache_clear()
            yield
            _forget()


@contextmanager
def running(**how: Any) -> Iterator[Machine]:
    """A machine with a workspace of its own, in which nothing is stored yet."""
    clock = FakeClock()
    _forget_workspaces()
    with patch.object(bootstrap, "clock", lambda: clock):
        workspace = Workspace(f"imports-{next(_numbers)}")
        configuration = bootstrap.configuration(workspace)
        stamp = Stamp("operator", "tests", clock.now())
        create_workspace(bootstrap.directory(), configuration, workspace, "Europe/Vienna", stamp)
        machine = Machine(workspace, clock, **how)
        assert not bootstrap.fence().is_closed()
        events = bootstrap.table().client.meta.events
        events.register("before-parameter-build.dynamodb", machine.watch, unique_id="machine")
        yield machine
        events.unregister("before-parameter-build.dynamodb", unique_id="machine")


_numbers = count(1)


@cache
def sqs() -> Any:
    return boto3.client("sqs")


def _forget() -> None:
    for built in vars(bootstrap).values():
        if hasattr(built, "cache_clear"):
            built.cache_clear()


def _forget_workspaces() -> None:
    bootstrap.imports.cache_clear()
