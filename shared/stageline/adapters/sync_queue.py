"""The queue of runs' turns. Messages carry ids and numbers only."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# SQS delays a message by no more; who gets it sooner than it is due sends it again.
_LONGEST_DELAY = timedelta(minutes=15)


class SqsSyncQueue:
    """The port `SyncQueue` of one workspace."""

    def __init__(self, client: "SQSClient", url: str, workspace: Workspace) -> None:
        self._client = client
        self._url = url
        self._workspace = workspace

    def send(
        self, run_id: str, turn: int, *, attempts: int = 0, delay: timedelta = timedelta()
    ) -> None:
        said = {"workspace": self._workspace.id, "run": run_id, "turn": turn, "attempts": attempts}
        seconds = min(max(delay, timedelta()), _LONGEST_DELAY).total_seconds()
        self._client.send_message(
            QueueUrl=self._url, MessageBody=json.dumps(said), DelaySeconds=round(seconds)
        )
