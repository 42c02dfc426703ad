"""Where integrations stand, and their runs, in DynamoDB."""

from collections.abc import Sequence
from itertools import islice

from stageline.adapters.dynamodb.keys import job_key, job_partition, sync_state_key
from stageline.adapters.dynamodb.sync_items import (
    SYNC,
    run_from_item,
    run_item,
    state_from_item,
    state_item,
)
from stageline.adapters.dynamodb.table import Table, Write, over
from stageline.domain.errors import NotFound
from stageline.domain.sync import SyncRun, SyncState
from stageline.domain.workspace import Workspace

_END = "\U0010ffff"


class DynamoDbSyncs:
    """The port `Syncs`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def state(self, integration: str) -> SyncState:
        item = self._table.get(sync_state_key(self._workspace, integration))
        return SyncState(integration=integration) if item is None else state_from_item(item)

    def run(self, run_id: str) -> SyncRun:
        item = self._table.get(job_key(self._workspace, SYNC, run_id))
        if item is None:
            raise NotFound("run")
        return run_from_item(item)

    def runs(
        self, integration: str | None, limit: int, after: str | None
    ) -> tuple[Sequence[SyncRun], str | None]:
        items = self._table.query(
            job_partition(self._workspace, SYNC),
            index=1,
            between=("\0", after or _END),
            forward=False,
            page_size=limit + 2,
        )
        wanted = (
            item
            for item in items
            if item["GSI1SK"] != after and integration in (None, item["integration"])
        )
        found = list(islice(wanted, limit + 1))
        shown = found[:limit]
        return [run_from_item(item) for item in shown], (
            shown[-1]["GSI1SK"] if len(found) > limit else None
        )

    def save(self, before: SyncState | None, after: SyncState | None, run: SyncRun | None) -> None:
        writes: list[Write] = []
        if after is not None:
            read = before.rev if before else 0
            item = state_item(self._workspace, after)
            writes.append(
                Write("Put", item, "rev = :read", values={":read": read})
                if read
                else Write("Put", item, "attribute_not_exists(PK)")
            )
        if run is not None:
            writes.append(over(run_item(self._workspace, run)))
        self._table.save(writes, "run")
