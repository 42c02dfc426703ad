"""What stands for records that a CRM has merged, in DynamoDB."""

from collections.abc import Iterable, Mapping
from contextlib import suppress

from stageline.adapters.dynamodb.keys import alias_key
from stageline.adapters.dynamodb.table import ConditionFailed, Table
from stageline.domain.alias import Alias
from stageline.domain.workspace import Workspace


class DynamoDbAliases:
    """The port `Aliases`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def find_many(self, record_ids: Iterable[str]) -> Mapping[str, Alias]:
        keys = [alias_key(self._workspace, record_id) for record_id in record_ids]
        return {
            item["id"]: Alias(item["stands"], item["merged"], item["depth"])
            for item in self._table.batch_get(keys)
        }

    def add(self, record_id: str, alias: Alias) -> None:
        item = alias_key(self._workspace, record_id) | {
            "id": record_id,
            "stands": alias.record_id,
            "merged": alias.is_merged,
            "depth": alias.depth,
        }
        with suppress(ConditionFailed):
            self._table.put(item, "attribute_not_exists(PK)")
