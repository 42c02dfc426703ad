"""Who changed a record, in which request, when; and where a synced record came from."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Self

from stageline.domain.personal import Plain

# Who changed what carries no stamp of the change: somebody past the API.
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Stamp:
    """`by` is the subject of a token or a job's id, `request` the id of the request or job.

    `in_job`: written by a job that settles, before it ends, every account that it touched; the
    table's stream then has nothing to add.
    """

    by: Plain
    request: Plain
    at: datetime
    in_job: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """The external record behind ours.

    `hash` of its content: what did not change is not written. `version`: an older one never
    overwrites a newer one (for files the instant the import was asked for, ISO 8601). `state`: the
    CRM has the record no more, since this version ("went") or an older one ("gone"); or it has it
    again since this version ("back").
    """

    integration: Plain
    hash: Plain
    version: Plain
    state: Literal["went", "gone", "back"] | None = None

    @property
    def is_gone(self) -> bool:
        return self.state in ("went", "gone")

    def seen_again(self, version: str) -> Self:
        """Return the same with a newer version, which found nothing else."""
        return replace(self, version=version, state="gone" if self.is_gone else None)
