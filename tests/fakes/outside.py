"""A clock that stands until it is set, and receivers that keep what they are sent."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from stageline.domain.calendar import day_in_zone
from stageline.domain.group import StageChanged
from stageline.domain.work import Kind
from stageline.domain.workspace import Workspace


class FakeClock:
    """Instants pass by a millisecond a look; `set_day` sets the day alone, as the stack's clock."""

    def __init__(self, now: datetime = datetime(2026, 3, 2, 12, tzinfo=UTC)) -> None:
        self._now = now
        self._day: date | None = None

    def now(self) -> datetime:
        self._now += timedelta(milliseconds=1)
        return self._now

    def today(self, zone: str) -> date:
        return self._day or day_in_zone(self._now, zone)

    def pass_by(self, time: timedelta) -> None:
        self._now += time

    def set_day(self, day: date | None) -> None:
        self._day = day


class KeptEvents:
    """Takes every event, or refuses the next `refuse` of them."""

    def __init__(self) -> None:
        self.published: list[tuple[Workspace, StageChanged]] = []
        self.refuse = 0

    def publish(self, events: Sequence[tuple[Workspace, StageChanged]]) -> Sequence[int]:
        refused = range(min(self.refuse, len(events)))
        self.refuse -= len(refused)
        self.published += events[len(refused) :]
        return refused


class KeptAside:
    def __init__(self) -> None:
        self.sent: list[tuple[str | None, str, str]] = []

    def send(self, workspace: str | None, item: str, item_id: str) -> None:
        self.sent.append((workspace, item, item_id))


class KeptWork:
    """A queue of work that keeps what it was asked for."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Kind, str]] = []
        self.rows: list[str] = []

    def send_job(self, kind: Kind, job_id: str) -> None:
        self.jobs.append((kind, job_id))

    def send_rows(self, account_ids: Sequence[str]) -> None:
        self.rows += account_ids
