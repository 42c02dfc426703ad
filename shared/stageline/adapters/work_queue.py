"""The queue of what takes longer than a request or a batch. Messages carry ids and numbers only."""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any

from stageline.domain.work import Kind
from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# SendMessageBatch takes at most 10 messages.
_MOST_IN_A_BATCH = 10
# Few enough that a worker is through with them in seconds.
_ROWS_IN_A_MESSAGE = 50


class NotQueued(Exception):
    """The queue did not take every message; sending all of them again does no harm."""


class SqsWorkQueue:
    """The port `WorkQueue` of one workspace."""

    def __init__(self, client: "SQSClient", url: str, workspace: Workspace) -> None:
        self._client = client
        self._url = url
        self._workspace = workspace

    def send_job(self, kind: Kind, job_id: str) -> None:
        self._send([{"work": kind, "job": job_id}])

    def send_rows(self, account_ids: Sequence[str]) -> None:
        pages = batched(account_ids, _ROWS_IN_A_MESSAGE, strict=False)
        self._send({"work": "rows", "accounts": page} for page in pages)

    def _send(self, messages: Iterable[Mapping[str, Any]]) -> None:
        for batch in batched(messages, _MOST_IN_A_BATCH, strict=False):
            reply = self._client.send_message_batch(
                QueueUrl=self._url,
                Entries=[
                    {
                        "Id": str(number),
                        "MessageBody": json.dumps({"workspace": self._workspace.id, **message}),
                    }
                    for number, message in enumerate(batch)
                ],
            )
            if reply.get("Failed"):
                raise NotQueued(f"{len(reply['Failed'])} messages were not taken")
