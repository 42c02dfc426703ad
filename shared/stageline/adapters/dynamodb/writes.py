"""What is written to CRMs, in DynamoDB."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import batched, islice

from stageline.adapters.dynamodb.account_items import instant, text
from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.erasure_keys import (
    COMMAND_PREFIX,
    command_key,
    request_partition,
)
from stageline.adapters.dynamodb.job_items import expires_at
from stageline.adapters.dynamodb.keys import write_index, write_key, writes_partition, written_key
from stageline.adapters.dynamodb.table import Table, Write, over
from stageline.domain.errors import NotFound
from stageline.domain.workspace import Workspace
from stageline.domain.write_back import WriteBack, Written

# Commands of erasures stay with their requests: they prove what was done.
_KEPT_DAYS = 90
_AT_ONCE = 100
_END = "\U0010ffff"


class DynamoDbWrites:
    """The port `Writes`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def get(self, write_id: str) -> WriteBack:
        item = self._table.get(write_key(self._workspace, write_id))
        if item is None:
            raise NotFound("write")
        return write_from_item(item)

    def latest(
        self, integration: str, limit: int, after: str | None
    ) -> tuple[Sequence[WriteBack], str | None]:
        items = self._table.query(
            writes_partition(self._workspace, integration),
            index=1,
            between=("\0", after or _END),
            forward=False,
            page_size=limit + 2,
        )
        found = list(islice((item for item in items if item["GSI1SK"] != after), limit + 1))
        shown = found[:limit]
        following = shown[-1]["GSI1SK"] if len(found) > limit else None
        return [write_from_item(item) for item in shown], following

    def written(self, account_id: str, integration: str) -> Written:
        item = self._table.get(written_key(self._workspace, account_id, integration))
        if item is None:
            return Written(account_id=account_id, integration=integration)
        return Written(
            account_id=account_id,
            integration=integration,
            creating=item.get("creating"),
            stage=item.get("stage"),
            rev=item["rev"],
        )

    def of_request(self, request_id: str) -> Iterator[WriteBack]:
        commands = self._table.query(
            request_partition(self._workspace, request_id), prefix=COMMAND_PREFIX, consistent=True
        )
        for some in batched(commands, _AT_ONCE, strict=False):
            keys = [write_key(self._workspace, item["id"]) for item in some]
            yield from map(write_from_item, self._table.batch_get(keys))

    def save(self, write: WriteBack | None, written: Written | None = None) -> None:
        items = []
        if write is not None:
            items.append(write_item(self._workspace, write))
        if written is not None:
            key = written_key(self._workspace, written.account_id, written.integration)
            values = {"creating": written.creating, "stage": written.stage, "rev": written.rev}
            items.append(key | {name: one for name, one in values.items() if one is not None})
        writes = [over(item) for item in items]
        if write is not None and write.request_id is not None and write.rev == 1:
            command = command_key(self._workspace, write.request_id, write.write_id)
            writes.append(Write("Put", command | {"id": write.write_id}))
        self._table.save(writes, "write")


def write_item(workspace: Workspace, write: WriteBack) -> Item:
    requested_at = write.requested_at.isoformat(timespec="microseconds")
    item = (
        write_key(workspace, write.write_id)
        | write_index(workspace, write.integration, write.write_id, requested_at)
        | {
            "id": write.write_id,
            "integration": write.integration,
            "what": write.what,
            "record_id": write.record_id,
            "status": write.status,
            "attempts": write.attempts,
            "vendor_status": write.vendor_status,
            "code": write.code,
            "external_id": write.external_id,
            "request_id": write.request_id,
            "value": write.value,
            "conflict": write.is_conflict or None,
            "requested_by": write.requested_by,
            "requested_at": requested_at,
            "sent_at": text(write.sent_at),
            "moved_at": text(write.moved_at),
            "rev": write.rev,
        }
    )
    if write.request_id is None:
        item["expires_at"] = expires_at(write.requested_at, _KEPT_DAYS)
    return {name: value for name, value in item.items() if value is not None}


def write_from_item(item: Item) -> WriteBack:
    return WriteBack(
        write_id=item["id"],
        integration=item["integration"],
        what=item["what"],
        record_id=item["record_id"],
        status=item["status"],
        attempts=item["attempts"],
        vendor_status=item.get("vendor_status"),
        code=item.get("code"),
        external_id=item.get("external_id"),
        request_id=item.get("request_id"),
        value=item.get("value"),
        is_conflict=item.get("conflict", False),
        requested_by=item["requested_by"],
        requested_at=datetime.fromisoformat(item["requested_at"]),
        sent_at=instant(item.get("sent_at")),
        moved_at=datetime.fromisoformat(item["moved_at"]),
        rev=item["rev"],
    )
