"""One bucket for each integration, shared by all workers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.keys import crm_pace_key
from stageline.adapters.dynamodb.table import ConditionFailed, Table, over
from stageline.domain.crm_errors import CrmThrottled
from stageline.domain.token_bucket import RateLimit, hold, lower, take
from stageline.domain.workspace import Workspace

_KEPT = timedelta(days=1)
_LONG_AGO = datetime.fromtimestamp(0, UTC)


class DynamoDbPace:
    """The port `Pace`. It remembers the bucket, and reads it when somebody else was there."""

    def __init__(
        self,
        table: Table,
        workspace: Workspace,
        integration: str,
        limit: RateLimit,
        now: Callable[[], datetime],
    ) -> None:
        self._table = table
        self._key = crm_pace_key(workspace, integration)
        self._limit = limit
        self._now = now
        self._full_at = _LONG_AGO
        self._rev = 0

    def take(self, most: timedelta, turns: int = 1) -> timedelta:
        waits: list[timedelta] = []

        def taken(full_at: datetime, now: datetime) -> datetime:
            after, wait = take(full_at, self._limit, now, turns)
            if wait > most:
                raise CrmThrottled("others are asking the CRM already", retry_after=wait)
            waits.append(wait)
            return after

        self._change(taken)
        return waits[-1]

    def lower(self, left: int) -> None:
        self._change(lambda full_at, now: lower(full_at, self._limit, now, left))

    def hold(self, wait: timedelta) -> None:
        self._change(lambda full_at, now: hold(full_at, self._limit, now + wait))

    def _change(self, changed: Callable[[datetime, datetime], datetime]) -> None:
        while True:
            now = self._now()
            full_at = changed(self._full_at, now)
            if full_at == self._full_at:
                return
            try:
                self._table.write(over(self._item(full_at)))
            except ConditionFailed:
                self._read()
            else:
                self._full_at, self._rev = full_at, self._rev + 1
                return

    def _item(self, full_at: datetime) -> Item:
        return self._key | {
            "full_at": full_at.isoformat(),
            "rev": self._rev + 1,
            "expires_at": int((full_at + _KEPT).timestamp()),
        }

    def _read(self) -> None:
        item = self._table.get(self._key)
        self._full_at = datetime.fromisoformat(item["full_at"]) if item else _LONG_AGO
        self._rev = item["rev"] if item else 0
