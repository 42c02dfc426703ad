"""Which events were published, in DynamoDB: on the events themselves."""

from collections.abc import Sequence
from itertools import batched

from stageline.adapters.dynamodb.keys import event_key
from stageline.adapters.dynamodb.table import (
    MOST_IN_A_TRANSACTION,
    ConditionFailed,
    Table,
    Write,
)
from stageline.domain.group import StageChanged
from stageline.domain.workspace import Workspace


class DynamoDbOutbox:
    """The port `Outbox`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def mark_sent(self, events: Sequence[StageChanged]) -> None:
        for some in batched(map(self._mark, events), MOST_IN_A_TRANSACTION, strict=False):
            try:
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
        key = event_key(self._workspace, event.account_id, event.scheme, event.seq)
        return Write("Update", key, "attribute_exists(PK)", "REMOVE unsent")
