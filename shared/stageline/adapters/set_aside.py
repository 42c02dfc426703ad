"""What could not be processed, in a queue with an alarm: which record it was, and nothing of it."""

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsSetAside:
    """The port `SetAside`."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, workspace: str | None, item: str, item_id: str) -> None:
        message = {"workspace": workspace, "item": item, "id": item_id}
        self._client.send_message(QueueUrl=self._queue_url, MessageBody=json.dumps(message))
