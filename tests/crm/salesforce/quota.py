"""The org's daily requests: a window of 24 hours that rolls."""

from collections import deque
from datetime import datetime, timedelta

from tests.crm.clock import Clock
from tests.crm.salesforce.errors import Refusal

DAY = timedelta(days=1)


class Quota:
    def __init__(self, clock: Clock, most: int) -> None:
        self.most = most
        self._clock = clock
        self._spent: deque[tuple[datetime, int]] = deque()

    @property
    def used(self) -> int:
        while self._spent and self._clock.now() - self._spent[0][0] >= DAY:
            self._spent.popleft()
        return sum(times for _, times in self._spent)

    def spend(self, times: int | None = None) -> None:
        """By somebody else; all that is left, if nothing is said."""
        left = self.most - self.used
        self._spent.append((self._clock.now(), left if times is None else times))

    def take(self) -> None:
        if self.used >= self.most:
            raise Refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        now = self._clock.now()
        if self._spent and self._spent[-1][0] == now:
            self._spent[-1] = (now, self._spent[-1][1] + 1)
        else:
            self._spent.append((now, 1))
