"""An integration with a CRM on loopback, in a deployment in memory; runs are worked off in turn.

The connector, the client over its socket, the translation and all stores are the real ones, the
bucket is a folder, queues are lists. The pace is counted and never waited for.
"""

import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast
from unittest.mock import patch
from urllib.parse import urlsplit

from benchmarks.deployment import WORKSPACE, Deployment, deployment
from benchmarks.memory.bucket import Bucket
from benchmarks.memory.items import Pair
from stageline import bootstrap
from stageline.adapters.dynamodb.keys import read_partition
from stageline.adapters.files import S3Files
from stageline.domain.crm_vendors import VENDORS
from stageline.domain.integration import Schedule
from stageline.domain.job_states import Records
from stageline.domain.stamp import Stamp
from stageline.domain.sync import Mode, SyncRun
from stageline.domain.token_bucket import RateLimit
from stageline.use_cases.crm_integrations import Wanted, put_crm_integration, set_credentials
from stageline.use_cases.import_steps import work_page
from stageline.use_cases.sync_runs import work_run
from stageline.use_cases.sync_start import start_run
from sync_crm.opening import Deadline, syncing_of
from tests.crm.hubspot import HubSpot

READ: tuple[Records, ...] = ("accounts", "deals", "contacts")
_VENDOR, _HOST = "hubspot", "api.hubapi.com"
_OF_RUNS = frozenset("CJQ")
_INVOCATION_MILLISECONDS = 300_000
_UNLIMITED = RateLimit(capacity=1_000_000, per_second=1_000_000)
type Ids = Mapping[Records, tuple[int, str]]
"""How many records there are of a kind, and a hash of their ids."""

# The items that hold what a CRM's records say, by the beginning of their sort keys.
_KINDS: Mapping[str, Records] = {"META": "accounts", "DEAL#": "deals", "CONTACT": "contacts"}


def digest_of(ids: Iterable[str]) -> str:
    return sha256("\n".join(sorted(ids)).encode()).hexdigest()


class _Turns:
    """The port `SyncQueue`. Delays are not waited for."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[str, int, int]] = deque()

    def send(
        self, run_id: str, turn: int, *, attempts: int = 0, delay: timedelta = timedelta()
    ) -> None:
        self.waiting.append((run_id, turn, attempts))


class _Secrets:
    """The port `IntegrationSecrets`, for one integration."""

    def __init__(self) -> None:
        self._kept: list[Mapping[str, str]] = []

    def write(self, key: str, values: Mapping[str, str]) -> None:
        self._kept.insert(0, values)

    def versions(self, key: str) -> Iterator[Mapping[str, str]]:
        return iter(self._kept)


class Synced:
    def __init__(self, deployed: Deployment, turns: _Turns) -> None:
        self.deployed = deployed
        self._turns = turns
        self._deadline = Deadline()
        self._runs = 0

    def connect(self) -> None:
        configuration, stamp = bootstrap.configuration(WORKSPACE), self._stamp()
        wanted = Wanted(
            vendor=_VENDOR,
            base_url=None,
            schedule=Schedule(),
            records=READ,
            mapping=None,
            active=True,
            opportunity_pull=True,
            sync=True,
        )
        same: dict[str, Any] = {"today": self.deployed.clock.day, "stamp": stamp}
        put_crm_integration(configuration, _VENDOR, wanted, expected=None, **same)
        secrets, syncs = bootstrap.integration_secrets(WORKSPACE), bootstrap.syncs(WORKSPACE)
        credentials = {"access_token": HubSpot.token}
        set_credentials(configuration, secrets, syncs, _VENDOR, credentials, **same)

    def run(self, mode: Mode, worked: Callable[[str], None] = lambda step: None) -> SyncRun:
        """Start a run and work it off, one message after the other; tell `worked` what each was."""
        integration = bootstrap.configuration(WORKSPACE).read().integration(_VENDOR)
        assert integration is not None
        syncs, now = bootstrap.syncs(WORKSPACE), self.deployed.clock.now()
        self._runs += 1
        run = start_run(syncs, integration, mode, f"{self._runs:032x}", "benchmark", now)
        self._turns.send(run.run_id, run.rev)
        while self._turns.waiting:
            worked(self._turn_taken())
            while self.deployed.pages.waiting:
                for step in self._pages_done():
                    worked(step)
        ended = syncs.run(run.run_id)
        assert ended.status == "completed", (ended.status, ended.attention)
        return ended

    def ids(self) -> Ids:
        """Return what the CRM calls the records that are stored, by their kind."""
        found: dict[Records, list[str]] = {kind: [] for kind in READ}
        items = self.deployed.client.items
        for pair in items.all():
            kind = next((kind for start, kind in _KINDS.items() if pair[1].startswith(start)), None)
            item = items.get(pair) if kind else None
            if kind is not None and item is not None:
                found[kind].append(item["external_id"]["S"])
        return {kind: (len(ids), digest_of(ids)) for kind, ids in found.items()}

    def items_of_records(self) -> Mapping[Pair, object]:
        """Return all items but those of runs, jobs, paces and the configuration."""
        items = self.deployed.client.items
        return {
            pair: items.get(pair)
            for pair in items.all()
            if not pair[0].startswith("~") and read_partition(pair[0])[1] not in _OF_RUNS
        }

    def _turn_taken(self) -> str:
        run_id, turn, attempts = self._turns.waiting.popleft()
        self._deadline.set(_INVOCATION_MILLISECONDS)
        work_run(syncing_of(WORKSPACE, self._deadline), run_id, turn, attempts)
        return "reading"

    def _pages_done(self) -> Iterator[str]:
        job_id, step, numbers = self.deployed.pages.waiting.popleft()
        for number in numbers:
            imports = bootstrap.imports(WORKSPACE)
            job = work_page(imports, job_id, step, number, self.deployed.clock.day)
            yield f"{step} {job.records}"

    def _stamp(self) -> Stamp:
        return Stamp("benchmark", "a-request", self.deployed.clock.now())


@contextmanager
def synced_with(url: str) -> Iterator[Synced]:
    """A workspace with an integration that has read nothing yet."""
    turns, secrets = _Turns(), _Secrets()
    hosts = json.dumps({_HOST: f"127.0.0.1:{urlsplit(url).port}"})
    environment = {"STAGE": "local", "LOCAL_HOSTS": hosts, "BUCKET_NAME": "folder"}
    unlimited = {_VENDOR: replace(VENDORS[_VENDOR], limit=_UNLIMITED)}
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, environment))
        folder = stack.enter_context(TemporaryDirectory(prefix="stageline-bucket-"))
        deployed = stack.enter_context(deployment())
        bucket = cast(Any, Bucket(Path(folder)))
        behind: Mapping[str, Any] = {
            "s3": lambda: bucket,
            "files": lambda workspace: S3Files(bucket, "folder", workspace),
            "integration_secrets": lambda workspace: secrets,
            "sync_queue": lambda workspace: turns,
        }
        stack.enter_context(patch.multiple(bootstrap, **behind))
        stack.enter_context(patch.dict(VENDORS, unlimited))
        found = Synced(deployed, turns)
        found.connect()
        yield found
