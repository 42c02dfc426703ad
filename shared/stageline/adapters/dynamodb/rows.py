"""List rows with their search words and events in DynamoDB, as step ③ writes them."""

from collections.abc import Iterable, Mapping, Sequence

from stageline.adapters.dynamodb.keys import row_key
from stageline.adapters.dynamodb.row_items import event_item, row_from_item, row_item, word_items
from stageline.adapters.dynamodb.table import ConditionFailed, Table, Write
from stageline.domain.errors import Stale
from stageline.domain.event_drift import EVENTS_KEPT
from stageline.domain.group import Row, StageChanged
from stageline.domain.workspace import Workspace
from stageline.ports import RowChange


class DynamoDbRows:
    """The port `Rows`, without its lists."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def row(self, account_id: str, scheme: str) -> Row | None:
        item = self._table.get(row_key(self._workspace, account_id, scheme))
        return row_from_item(item) if item else None

    def rows(self, account_ids: Iterable[str], scheme: str) -> Mapping[str, Row]:
        keys = (row_key(self._workspace, account_id, scheme) for account_id in account_ids)
        found = map(row_from_item, self._table.batch_get(keys))
        return {row.account_id: row for row in found}

    def save(self, row: Row, before: Row | None, event: StageChanged | None) -> None:
        writes = self._writes(row, before, event)
        try:
            if len(writes) == 1:
                self._table.write(writes[0])
            else:
                self._table.transact(writes)
        except ConditionFailed as error:
            raise Stale("row") from error

    def save_many(self, changes: Sequence[RowChange]) -> Sequence[int]:
        return self._table.transact_many([self._writes(*change) for change in changes])

    def _writes(self, row: Row, before: Row | None, event: StageChanged | None) -> list[Write]:
        writes = [self._over(row, before), *self._changed_words(row, before)]
        if event is not None:
            writes.append(
                Write("Put", event_item(self._workspace, event, EVENTS_KEPT, unsent=True))
            )
        return writes

    def _over(self, row: Row, before: Row | None) -> Write:
        item = row_item(self._workspace, row)
        if before is None:
            return Write("Put", item, "attribute_not_exists(PK)")
        # No two states of a row share these three: see `domain.row.supersedes`.
        return Write(
            "Put",
            item,
            "home_rev = :home AND value_rev = :value AND account_rev = :account",
            values={
                ":home": before.home_rev,
                ":value": before.value_rev,
                ":account": before.account_rev,
            },
        )

    def _changed_words(self, row: Row, before: Row | None) -> list[Write]:
        after = word_items(self._workspace, row)
        gone = word_items(self._workspace, before) if before else {}
        return [
            *(Write("Delete", item) for key, item in gone.items() if key not in after),
            *(Write("Put", item) for key, item in after.items() if key not in gone),
        ]
