"""A machine for verifications that works nothing off by itself."""

from collections.abc import Sequence
from typing import Literal

from stageline.domain.work import Work


class KeptExecutions:
    """Keeps what was started; `is_dead`: the last one has ended without ending its job."""

    def __init__(self) -> None:
        self.started: list[tuple[str, tuple[int, ...]]] = []
        self.is_dead = False

    def start(self, work: Work, parts: Sequence[int]) -> None:
        if not self._knows(work):
            self.started.append((_name(work), tuple(parts)))
            self.is_dead = False

    def state(self, work: Work) -> Literal["running", "ended", "not started"]:
        if not self._knows(work):
            return "not started"
        return "ended" if self.is_dead else "running"

    def _knows(self, work: Work) -> bool:
        return _name(work) in [name for name, _ in self.started]


def _name(work: Work) -> str:
    return f"{work.job_id}-{work.progress['attempt']}"
