"""The queue of erasures' steps and restore checks. Messages carry ids and numbers only."""

import json
from collections.abc import Sequence
from itertools import batched
from typing import TYPE_CHECKING

from stageline.adapters.work_queue import NotQueued
from stageline.domain.workspace import Workspace
from stageline.erasure_ports import Step

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# SendMessageBatch takes at most 10 messages.
_MOST_IN_A_BATCH = 10


class SqsErasureQueue:
    """The port `ErasureQueue` of one workspace."""

    def __init__(self, client: "SQSClient", url: str, workspace: Workspace) -> None:
        self._client = client
        self._url = url
        self._workspace = workspace

    def send(self, request_id: str, step: Step, parts: Sequence[int]) -> None:
        said = {
            "workspace": self._workspace.id,
            "work": "erasure",
            "request": request_id,
            "step": step,
        }
        for some in batched(parts, _MOST_IN_A_BATCH, strict=False):
            reply = self._client.send_message_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(part), "MessageBody": json.dumps(said | {"part": part})}
                    for part in some
                ],
            )
            if reply.get("Failed"):
                raise NotQueued(f"{len(reply['Failed'])} messages were not taken")


class SqsRestoreQueue:
    """The port `RestoreQueue` of one workspace."""

    def __init__(self, client: "SQSClient", url: str, workspace: Workspace) -> None:
        self._client = client
        self._url = url
        self._workspace = workspace

    def send(self, job_id: str) -> None:
        said = {"workspace": self._workspace.id, "work": "restore", "job": job_id}
        self._client.send_message(QueueUrl=self._url, MessageBody=json.dumps(said))
