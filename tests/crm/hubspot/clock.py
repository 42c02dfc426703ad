"""The fake's time, in milliseconds since 1970, and HubSpot's way to write it."""

import time
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def milliseconds(instant: datetime) -> int:
    return (instant - EPOCH) // MILLISECOND


def iso(at: int) -> str:
    instant = EPOCH + timedelta(milliseconds=at)
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"


class Clock:
    def __init__(self, start: datetime, real: bool) -> None:
        self._start = milliseconds(start)
        self._real = real
        self._advanced = 0

    def advance(self, passed: timedelta) -> None:
        self._advanced += passed // MILLISECOND

    def tick(self, passed: timedelta) -> None:
        """Time that a request takes; on real time it has passed by itself."""
        if not self._real:
            self.advance(passed)

    def now(self) -> int:
        return (time.time_ns() // 1_000_000 if self._real else self._start) + self._advanced

    def instant(self) -> datetime:
        return EPOCH + timedelta(milliseconds=self.now())
