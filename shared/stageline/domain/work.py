"""Jobs that are no imports: what was asked for, how far it is, and what came of it.

A job is worked on by messages of a queue or by a state machine; it may be cut off anywhere and goes
on with the next message. Ids, days and numbers only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Self, get_args

from stageline.domain.personal import Plain

type Kind = Literal["move", "link", "counts", "verification", "restore_check"]
type WorkStatus = Literal["running", "completed", "failed"]

KINDS: tuple[Kind, ...] = get_args(Kind.__value__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A job. `asked` is what it is to do, `progress` counts, `result` what came of it.

    All three are JSON-able. `rev` counts its writes and is the fence of each.
    """

    job_id: Plain
    kind: Kind
    asked: Mapping[Plain, Any]
    requested_by: Plain
    requested_at: datetime
    status: WorkStatus = "running"
    progress: Mapping[Plain, int] = field(default_factory=dict)
    result: Mapping[Plain, Any] = field(default_factory=dict)
    finished_at: datetime | None = None
    rev: int = 1

    @property
    def is_finished(self) -> bool:
        return self.status != "running"

    def at(self, **progress: int) -> Self:
        """Return the job with this progress, to be stored over this one."""
        return replace(self, progress={**self.progress, **progress}, rev=self.rev + 1)

    def ended(self, status: WorkStatus, result: Mapping[str, Any], at: datetime) -> Self:
        """Return the job as it ends, to be stored over this one."""
        return replace(self, status=status, result=result, finished_at=at, rev=self.rev + 1)
