"""Which events were published, in DynamoDB: on the events themselves."""

from collections.abc import Sequence
from itertools import batched

from stageline.adapters.dynamodb.keys import Key, event_key
from stageline.adapters.dynamodb.table import (
    MOST_IN_A_TRANSACTION,
    ConditionFailed,
    Table,
    Write,
)
from stageline.domain.group import StageChanged
from stageline.domain.workspace import Workspace

# A transaction costs twice as much as so many requests one after the other take time.
_FEW = 25


class DynamoDbOutbox:
    """The port `Outbox`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def mark_sent(self, events: Sequence[StageChanged]) -> None:
        # An event that comes twice was marked before: found out by reading, a write costs more.
        found = self._table.batch_get(map(self._key, events))
        unsent = {(item["PK"], item["SK"]) for item in found if "unsent" in item}
        marks = [
            one for one in map(self._mark, events) if (one.item["PK"], one.item["SK"]) in unsent
        ]
        at_once = MOST_IN_A_TRANSACTION if len(marks) > _FEW else 1
        for some in batched(marks, at_once, strict=False):
            try:
                if len(some) == 1:
                    self._table.write(*some)
                else:
                    self._table.transact(some)
            except ConditionFailed:
                for one in some:
                    self._alone(one)

    def _alone(self, mark: Write) -> None:
        try:
            self._table.write(mark)
        except ConditionFailed:
            return

    def _mark(self, event: StageChanged) -> Write:
        return Write("Update", self._key(event), "attribute_exists(PK)", "REMOVE unsent")

    def _key(self, event: StageChanged) -> Key:
        return event_key(self._workspace, event.account_id, event.scheme, event.seq)
