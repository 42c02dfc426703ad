"""The queue of pages to be worked on. Messages carry ids and numbers only."""

import json
from collections.abc import Iterable
from itertools import batched
from typing import TYPE_CHECKING

from stageline.domain.job_states import Step
from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# SendMessageBatch takes at most 10.
_MOST_IN_A_BATCH = 10


class NotQueued(Exception):
    """The queue did not take every message; sending all of them again does no harm."""


class SqsPagesQueue:
    """The port `PagesQueue` of one workspace."""

    def __init__(self, client: "SQSClient", url: str, workspace: Workspace) -> None:
        self._client = client
        self._url = url
        self._workspace = workspace

    def send(self, job_id: str, step: Step, numbers: Iterable[int]) -> None:
        for batch in batched(numbers, _MOST_IN_A_BATCH, strict=False):
            reply = self._client.send_message_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(number), "MessageBody": self._message(job_id, step, number)}
                    for number in batch
                ],
            )
            if reply.get("Failed"):
                raise NotQueued(f"{len(reply['Failed'])} messages were not taken")

    def _message(self, job_id: str, step: Step, number: int) -> str:
        return json.dumps(
            {"workspace": self._workspace.id, "job": job_id, "step": step, "page": number}
        )
