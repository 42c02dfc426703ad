"""The one item that says which table the journal was applied to; a backup has it, too."""

from contextlib import suppress

from stageline.adapters.dynamodb.keys import FENCE_KEY
from stageline.adapters.dynamodb.table import ConditionFailed, Table, Write
from stageline.domain.errors import Stale

_NAMES = {"#table": "table"}


class DynamoDbFences:
    """The port `Fences`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def applied_to(self) -> str | None:
        item = self._table.get(FENCE_KEY)
        return item.get("table") if item else None

    def open(self, table_id: str, instead_of: str | None) -> None:
        condition = "#table = :this OR attribute_not_exists(#table)"
        values = {":this": table_id}
        if instead_of is not None:
            condition = "#table = :this OR #table = :before"
            values[":before"] = instead_of
        item = FENCE_KEY | {"table": table_id}
        try:
            self._table.put(item, condition, values, _NAMES)
        except ConditionFailed as error:
            raise Stale("fence") from error

    def seed(self, fresh: str) -> str:
        new = {":seed": fresh}
        with suppress(ConditionFailed):
            condition = "attribute_not_exists(seed)"
            self._table.write(Write("Update", FENCE_KEY, condition, "SET seed = :seed", new))
            return fresh
        item = self._table.get(FENCE_KEY)
        if item is None or "seed" not in item:
            raise Stale("fence")
        return str(item["seed"])
