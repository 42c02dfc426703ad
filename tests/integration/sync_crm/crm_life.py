"""What happens in CRMs at random, and what they have then."""

from abc import ABC, abstractmethod
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any

from tests.integration.sync_crm.crm_copy import Copy
from tests.integration.sync_crm.crm_machine import Fake


class Life(ABC):
    """Things that happen; `told`: the CRM says by itself that they did. Clocks stand mostly."""

    fake: Fake
    told: tuple[str, ...]
    untold: tuple[str, ...]

    def __init__(self, random: Random) -> None:
        self.random = random
        self.numbers = count(1)

    def go_on(self, times: int, *, silently: bool = False) -> None:
        names = self.told + self.untold if silently else self.told
        for _ in range(times):
            if self.random.random() < 0.1:
                self.fake.advance(timedelta(seconds=1))
            getattr(self, self.random.choice(names))()

    @abstractmethod
    def has(self) -> Copy:
        """Return what the CRM has, as it is to be here."""

    def some(self, found: Any) -> str | None:
        ids = sorted(found)
        return self.random.choice(ids) if ids else None
