"""The queue of runs' turns and of writes. Messages carry ids and numbers only."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# SQS delays a message by no more.
_LONGEST_DELAY = timedelta(minutes=15)


class SqsSyncQueue:
    """The ports `SyncQueue` and `WriteQueue` of one workspace."""

    def __init__(self, client: "SQSClient", url: str, workspace: Workspace) -> None:
        self._client = client
        self._url = url
        self._workspace = workspace

    def send(
        self, run_id: str, turn: int, *, attempts: int = 0, delay: timedelta = timedelta()
    ) -> None:
        self._send({"run": run_id, "turn": turn, "attempts": attempts}, delay)

    def send_check(self, integration: str) -> None:
        self._send({"check": integration}, timedelta())

    def send_write(self, write_id: str, *, delay: timedelta = timedelta()) -> None:
        self._send({"write": write_id}, delay)

    def _send(self, said: Mapping[str, Any], delay: timedelta) -> None:
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=json.dumps({"workspace": self._workspace.id, **said}),
            DelaySeconds=round(min(max(delay, timedelta()), _LONGEST_DELAY).total_seconds()),
        )
