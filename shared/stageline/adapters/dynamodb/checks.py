"""Checks of mappings in DynamoDB: the last of each integration, for a day."""

from datetime import datetime

from stageline.adapters.dynamodb.account_items import instant, text
from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.job_items import expires_at
from stageline.adapters.dynamodb.keys import check_key
from stageline.adapters.dynamodb.sync_items import attention_from, attention_value
from stageline.adapters.dynamodb.table import Table, Write
from stageline.domain.errors import NotFound
from stageline.domain.sync_check import MappingCheck
from stageline.domain.workspace import Workspace

_KEPT_DAYS = 1


class DynamoDbChecks:
    """The port `Checks`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def last(self, integration: str) -> MappingCheck:
        item = self._table.get(check_key(self._workspace, integration))
        if item is None:
            raise NotFound("check")
        return _from_item(item)

    def begin(self, check: MappingCheck) -> None:
        self._table.put(self._item(check))

    def end(self, check: MappingCheck) -> None:
        ours = {":id": check.check_id, ":running": "running"}
        condition = "id = :id AND #status = :running"
        names = {"#status": "status"}
        write = Write("Put", self._item(check), condition, values=ours, names=names)
        self._table.save([write], "check")

    def _item(self, check: MappingCheck) -> Item:
        values = {
            "id": check.check_id,
            "integration": check.integration,
            "mapping": check.mapping,
            "requested_by": check.requested_by,
            "requested_at": text(check.requested_at),
            "status": check.status,
            "result": check.result,
            "attention": attention_value(check.attention),
            "finished_at": text(check.finished_at),
            "expires_at": expires_at(check.requested_at, _KEPT_DAYS),
        }
        known = {name: value for name, value in values.items() if value is not None}
        return check_key(self._workspace, check.integration) | known


def _from_item(item: Item) -> MappingCheck:
    return MappingCheck(
        check_id=item["id"],
        integration=item["integration"],
        mapping=item.get("mapping"),
        requested_by=item["requested_by"],
        requested_at=datetime.fromisoformat(item["requested_at"]),
        status=item["status"],
        result=item.get("result"),
        attention=attention_from(item.get("attention")),
        finished_at=instant(item.get("finished_at")),
    )
