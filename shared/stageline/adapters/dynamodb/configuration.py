"""A workspace's configuration in DynamoDB: one small partition, read whole."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import partial

from stageline.adapters.dynamodb.account_items import stamped
from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.group_items import instant_in_key
from stageline.adapters.dynamodb.integration_items import (
    integration_from_item,
    integration_values,
)
from stageline.adapters.dynamodb.keys import (
    INTEGRATION_PREFIX,
    LAST_IMPORT_PREFIX,
    SYNC_PREFIX,
    configuration_partition,
    integration_key,
    last_import_key,
    overlay_key,
    settings_key,
    sync_state_key,
    tick_key,
)
from stageline.adapters.dynamodb.sync_items import state_from_item
from stageline.adapters.dynamodb.table import ConditionFailed, Table, Write, over, update_of
from stageline.domain.dated_log import LogEntry
from stageline.domain.integration import (
    DEFAULT_ZONE,
    Configured,
    Integration,
    LastImport,
    OverlayLog,
)
from stageline.domain.job_states import RECORDS
from stageline.domain.stamp import Stamp
from stageline.domain.sync import SyncState
from stageline.domain.workspace import Workspace

# A deleted integration leaves an item.
_NOT_THERE, _YES = "attribute_not_exists(PK) OR deleted = :yes", {":yes": True}


class DynamoDbConfiguration:
    """The port `Configuration`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def read(self) -> Configured:
        partition = configuration_partition(self._workspace)
        items = {item["SK"]: item for item in self._table.query(partition, consistent=True)}
        tick = items.get(tick_key(self._workspace)["SK"])
        return Configured(
            zone=items.get(settings_key(self._workspace)["SK"], {}).get("zone", DEFAULT_ZONE),
            integrations=tuple(
                integration_from_item(item)
                for sort, item in items.items()
                if sort.startswith(INTEGRATION_PREFIX) and "deleted" not in item
            ),
            overlay=_overlay_from(items.get(overlay_key(self._workspace)["SK"])),
            last_tick=datetime.fromisoformat(tick["completed_at"]) if tick else None,
            ticked_through=date.fromisoformat(tick["through"]) if tick else None,
            last_imports=tuple(
                _last_import_from(item)
                for sort, item in items.items()
                if sort.startswith(LAST_IMPORT_PREFIX)
            ),
            syncs=tuple(
                state_from_item(item)
                for sort, item in items.items()
                if sort.startswith(SYNC_PREFIX)
            ),
        )

    def zone(self) -> str:
        item = self._table.get(settings_key(self._workspace))
        return str(item.get("zone", DEFAULT_ZONE)) if item else DEFAULT_ZONE

    def integrations(self) -> Sequence[Integration]:
        return self.read().integrations

    def last_tick(self) -> datetime | None:
        item = self._table.get(tick_key(self._workspace))
        return datetime.fromisoformat(item["completed_at"]) if item else None

    def save_zone(self, zone: str, stamp: Stamp) -> None:
        # The item also holds what `DynamoDbRights` keeps.
        key, values = settings_key(self._workspace), {"zone": zone, **stamped(stamp)}
        self._table.write(update_of(key, values))

    def save_integration(
        self, integration: Integration, overlay: OverlayLog, before: OverlayLog
    ) -> None:
        key = integration_key(self._workspace, integration.key)
        write = over(key | integration_values(integration))
        if integration.rev == 1:
            write = Write("Put", write.item, _NOT_THERE, values=_YES)
        overlaid = self._overlay_write(overlay, before, integration.changed)
        self._table.save([write, overlaid], "integration")

    def delete_integration(
        self,
        integration: Integration,
        overlay: OverlayLog,
        before: OverlayLog,
        state: SyncState,
        stamp: Stamp,
    ) -> None:
        # What is left says who deleted it: a deletion could not.
        left: Item = {"deleted": True, "rev": integration.rev + 1, **stamped(stamp)}
        key = partial(last_import_key, self._workspace, integration.key)
        where, read = sync_state_key(self._workspace, integration.key), {":read": state.rev}
        gone = (
            Write("Delete", where, "rev = :read", values=read)
            if state.rev
            else Write("ConditionCheck", where, "attribute_not_exists(PK)")
        )
        writes = [
            over(integration_key(self._workspace, integration.key) | left),
            self._overlay_write(overlay, before, stamp),
            gone,
            *(Write("Delete", key(records)) for records in RECORDS),
        ]
        self._table.save(writes, "integration")

    def save_tick(self, completed_at: datetime, through: date) -> None:
        self._table.put(
            tick_key(self._workspace)
            | {"completed_at": completed_at.isoformat(), "through": through.isoformat()}
        )

    def save_last_import(self, last: LastImport) -> None:
        item = last_import_key(self._workspace, last.integration, last.records) | {
            "integration": last.integration,
            "records": last.records,
            "job_id": last.job_id,
            "status": last.status,
            "completed_at": instant_in_key(last.completed_at),
        }
        # Two imports may end in any order.
        with suppress(ConditionFailed):
            self._table.put(
                item,
                "attribute_not_exists(PK) OR completed_at < :at",
                {":at": item["completed_at"]},
            )

    def _overlay_write(self, overlay: OverlayLog, before: OverlayLog, stamp: Stamp) -> Write:
        if overlay.rev != before.rev:
            return over(self._overlay_item(overlay) | stamped(stamp))
        read = {":read": before.rev}
        return Write("ConditionCheck", overlay_key(self._workspace), "rev = :read", values=read)

    def _overlay_item(self, overlay: OverlayLog) -> Item:
        entries = [
            [e.value, e.from_day and e.from_day.isoformat(), e.recorded_at.isoformat()]
            for e in overlay.entries
        ]
        return overlay_key(self._workspace) | {"entries": entries, "rev": overlay.rev}


def _last_import_from(item: Item) -> LastImport:
    return LastImport(
        integration=item["integration"],
        records=item["records"],
        job_id=item["job_id"],
        status=item["status"],
        completed_at=datetime.fromisoformat(item["completed_at"]),
    )


def _overlay_from(item: Item | None) -> OverlayLog:
    if item is None:
        return OverlayLog()
    entries = tuple(
        LogEntry(
            reason,
            None if from_day is None else date.fromisoformat(from_day),
            datetime.fromisoformat(recorded_at),
        )
        for reason, from_day, recorded_at in item["entries"]
    )
    return OverlayLog(entries, item["rev"])
