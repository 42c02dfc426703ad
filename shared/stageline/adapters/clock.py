"""What time it is: really, or (on the local stack) as somebody set it."""

from datetime import UTC, date, datetime

from stageline.adapters.dynamodb.keys import CLOCK_KEY
from stageline.adapters.dynamodb.table import Table
from stageline.domain.calendar import day_in_zone


class SystemClock:
    """Clock port: the machine's."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self, zone: str) -> date:
        return day_in_zone(self.now(), zone)


class SettableClock(SystemClock):
    """Clock port of the local stack: `today` may be set for everybody by one item of the table.

    Instants stay real, so that what was recorded stays in order when the day is set back.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def today(self, zone: str) -> date:
        item = self._table.get(CLOCK_KEY)
        return date.fromisoformat(item["today"]) if item else super().today(zone)
