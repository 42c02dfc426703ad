"""The audit in memory, and writes whose stream it is made from."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

from benchmarks.memory.client import MemoryClient
from evaluate_stage import audit
from stageline import bootstrap
from stageline.adapters.dynamodb.table import Table
from stageline.domain.audit import AuditEntry, Span
from stageline.domain.workspace import Workspace
from tests.fakes.outside import KeptAside

CONTEXT: Any = SimpleNamespace(
    function_name="a-function",
    memory_limit_in_mb=128,
    invoked_function_arn="arn:aws:lambda:eu-central-1:123456789012:function:a-function",
    aws_request_id="a-request",
)
SEEN_AT = datetime(2026, 3, 2, 13, tzinfo=UTC)


def handle(records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Do what AuditFunction does about these records of the stream."""
    return audit.handler({"Records": records}, CONTEXT)


class KeptAudit:
    """The port `AuditLog`."""

    def __init__(self) -> None:
        self.kept: dict[str, AuditEntry] = {}

    def add(self, entry: AuditEntry) -> None:
        self.kept.setdefault(f"{entry.at.isoformat()}#{entry.event_id}", entry)

    def newest(
        self, span: Span, *, after: str | None, page: int
    ) -> Iterator[tuple[str, AuditEntry]]:
        for key, entry in sorted(self.kept.items(), reverse=True):
            if after is not None and key >= after:
                continue
            if span.record in (None, (entry.kind, entry.record_id)):
                yield key, entry


class AuditWorld:
    """A table whose writes can be told, and what AuditFunction finds behind `bootstrap`."""

    def __init__(self) -> None:
        self.client = MemoryClient(keep_stream=True)
        self.table = Table(cast(Any, self.client), "in-memory")
        self.aside = KeptAside()
        self.logs: dict[Workspace, KeptAudit] = {}
        self._told = 0

    def log(self, workspace: Workspace) -> KeptAudit:
        return self.logs.setdefault(workspace, KeptAudit())

    def told(self) -> Sequence[dict[str, Any]]:
        """Return the stream's records since the last look."""
        records = self.client.stream[self._told :]
        self._told = len(self.client.stream)
        seen = {"ApproximateCreationDateTime": SEEN_AT.timestamp()}
        return [record | {"dynamodb": record["dynamodb"] | seen} for record in records]

    @contextmanager
    def behind_bootstrap(self) -> Iterator[None]:
        with patch.multiple(bootstrap, audit_log=self.log, set_aside=lambda: self.aside):
            yield
