"""botocore's own client over a table in memory: what it costs to ask, without what is asked.

Requests are made, signed and parsed as for AWS; only sending them is left out.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from time import process_time
from typing import Any, cast

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.session import get_session

from benchmarks.memory.client import MemoryClient
from stageline.adapters.dynamodb.client import make_client

_METHODS = {
    "GetItem": "get_item",
    "BatchGetItem": "batch_get_item",
    "Query": "query",
    "PutItem": "put_item",
    "UpdateItem": "update_item",
    "DeleteItem": "delete_item",
    "TransactWriteItems": "transact_write_items",
}


class Wire:
    """`client` asks `memory`; `seconds_in_table` is the CPU that the table took for its answers.

    `ours`: a client as `bootstrap` makes it, else one as botocore makes it.
    """

    def __init__(self, memory: MemoryClient, *, ours: bool) -> None:
        self.seconds_in_table = 0.0
        self._memory = memory
        session = get_session()
        session.set_credentials("none", "none")
        make: Any = (
            partial(make_client, session) if ours else partial(session.create_client, "dynamodb")
        )
        self.client: Any = make(region_name="eu-west-1")
        self.client.meta.events.register("before-send.dynamodb", cast(Any, self._answer))

    @contextmanager
    def cpu_outside_table(self) -> Iterator[list[float]]:
        """Measure the CPU that the block takes, without the table; in the list when it ends."""
        taken: list[float] = []
        self.seconds_in_table, started = 0.0, process_time()
        yield taken
        taken.append(process_time() - started - self.seconds_in_table)

    def _answer(self, request: AWSPreparedRequest, **_: Any) -> Any:
        started = process_time()
        target = request.headers["X-Amz-Target"]
        name = (target.decode() if isinstance(target, bytes) else target).partition(".")[2]
        asked = json.loads(cast(bytes, request.body))
        body = json.dumps(getattr(self._memory, _METHODS[name])(**asked)).encode()
        headers: Any = {"content-type": "application/x-amz-json-1.0"}
        response: Any = AWSResponse(request.url, 200, headers, None)
        response._content = body
        self.seconds_in_table += process_time() - started
        return response
