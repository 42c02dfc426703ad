"""Records of a CRM that are not stored, and why, in DynamoDB."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.keys import refused_key, refused_partition, refused_prefix
from stageline.adapters.dynamodb.table import Table, Write
from stageline.domain.job_states import Records
from stageline.domain.sync import Refused
from stageline.domain.workspace import Workspace


class DynamoDbRefusedRecords:
    """The port `RefusedRecords`."""

    def __init__(self, table: Table, workspace: Workspace, integration: str) -> None:
        self._table = table
        self._workspace = workspace
        self._integration = integration

    def ids(self, records: Records) -> Iterator[str]:
        partition = refused_partition(self._workspace, self._integration)
        prefix = refused_prefix(records)
        items = self._table.query(partition, prefix=prefix, consistent=True, only=("id",))
        return (item["id"] for item in items)

    def find_many(self, records: Records, record_ids: Sequence[str]) -> Mapping[str, Refused]:
        keys = [refused_key(self._workspace, self._integration, records, one) for one in record_ids]
        found = map(_refused_from, self._table.batch_get(keys))
        return {one.record_id: one for one in found}

    def latest(self, limit: int, after: str | None) -> Iterator[tuple[str, Refused]]:
        items = self._table.query(
            refused_partition(self._workspace, self._integration),
            between=(f"{after}\0" if after else "\0", "\U0010ffff"),
            page_size=limit + 1,
        )
        return ((item["SK"], _refused_from(item)) for item in items)

    def save(self, refused: Sequence[Refused]) -> None:
        for one in refused:
            self._table.put(self._item(one))

    def clear(self, records: Records, record_ids: Sequence[str]) -> None:
        for one in record_ids:
            key = refused_key(self._workspace, self._integration, records, one)
            self._table.write(Write("Delete", key))

    def forget_all(self) -> None:
        partition = refused_partition(self._workspace, self._integration)
        for item in self._table.query(partition, consistent=True, only=("PK", "SK")):
            self._table.write(Write("Delete", item))

    def _item(self, one: Refused) -> Item:
        key = refused_key(self._workspace, self._integration, one.records, one.record_id)
        item: Item = key | {
            "id": one.record_id,
            "records": one.records,
            "external_id": one.external_id,
            "field": one.field,
            "code": one.code,
            "message": one.message,
            "seen_at": one.seen_at.isoformat(),
        }
        return {name: value for name, value in item.items() if value is not None}


def _refused_from(item: Item) -> Refused:
    return Refused(
        record_id=item["id"],
        records=item["records"],
        external_id=item.get("external_id"),
        field=item["field"],
        code=item["code"],
        message=item["message"],
        seen_at=datetime.fromisoformat(item["seen_at"]),
    )
