"""How far an integration is with its CRM: its state, and its runs.

A run reads kind by kind (accounts, deals, contacts, activities). What it reads of one is an import
job of its own, which stores, links and settles it. A run that is cut off goes on from the place
that it noted; where a run ended early the next one goes on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, Self

from stageline.domain.crm_records import Place
from stageline.domain.job_states import RECORDS, Records
from stageline.domain.personal import Personal, Plain

type Mode = Literal["changes", "full", "retry", "leave"]
"""What changed; all there is, and what is there no more; what was refused; end of all presence."""

SCHEDULE = "schedule"
"""Who asks for runs that begin by themselves."""

type RunStatus = Literal["running", "completed", "completed_with_errors", "partial", "failed"]

type Stopped = Literal["quota", "unavailable", "refused", "lost"]
"""The day's requests are used up; the CRM does not answer; it refuses; it forgot the place."""


@dataclass(frozen=True, slots=True)
class Attention:
    """What an admin has to do before the integration can go on.

    `vendor_code` and `vendor_status` are the CRM's; `records`: which it does not let us read.
    """

    code: Plain
    message: Plain
    vendor_status: int | None = None
    vendor_code: Plain | None = None
    records: Records | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """What is being read: what changed from `since` (None: all there is) until `until`.

    `epoch` is the run that began the last reading of all there is; the ids seen are kept under it.
    """

    since: datetime | None
    until: datetime
    epoch: Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far one kind of records is. `window` and `place` are there while one is not read through.

    `read_until`: everything that changed before is here. `full_at`: the `until` of the last reading
    of all there is that came to its end. `held`: how many records are here that the CRM has;
    `refused`: how many are not, since they are no good; `counted`: how many it said that it has, at
    `counted_at`.
    """

    window: Window | None = None
    place: Place = None
    epoch: Plain | None = None
    read_until: datetime | None = None
    full_at: datetime | None = None
    held: int = 0
    refused: int = 0
    counted: int | None = None
    counted_at: datetime | None = None

    @property
    def drift(self) -> int | None:
        """Return how many records too few (or, below 0, too many) are here; None: not known."""
        return None if self.counted is None else self.counted - self.held - self.refused


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncState:
    """Where an integration stands. `running` is the run under way; there is at most one.

    `as_of`: what the CRM had then is here. `failures`: runs in a row that did not complete.
    """

    integration: Plain
    running: Plain | None = None
    progress: Mapping[Records, Progress] = field(default_factory=dict)
    as_of: datetime | None = None
    last_started_at: datetime | None = None
    last_completed_at: datetime | None = None
    last_run: Plain | None = None
    failures: int = 0
    attention: Attention | None = None
    quota_left: int | None = None
    rev: int = 0

    def of(self, records: Records) -> Progress:
        return self.progress.get(records, Progress())

    def with_progress(self, records: Records, after: Progress) -> Self:
        return replace(self, progress={**self.progress, records: after})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The part of a run under way: one window of one kind, by the job `job_id`.

    `place`, None at first: where the CRM's last page ended. `pages` are what the job has to store,
    `rows` how many rows they have. `missing` and `missing_of`: how many pages of ids that were not
    seen any more are asked for, of how many; None before. `is_through`: there is no more to read,
    or `stopped` says why not.
    """

    records: Records
    job_id: Plain
    window: Window
    place: Place = None
    pages: int = 0
    rows: int = 0
    missing: int | None = None
    missing_of: int = 0
    is_through: bool = False
    stopped: Stopped | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What came of one window of one kind; `job_id` None: there was nothing to store."""

    records: Records
    job_id: Plain | None
    counts: Mapping[Plain, int]
    stopped: Stopped | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncRun:
    """One run. `left`: kinds that are still to be read; `parts`: what was, in this order.

    `rev` counts its writes and is the fence of every write; `moved_at` is when the last was.
    """

    run_id: Plain
    integration: Plain
    mode: Mode
    requested_by: Plain
    requested_at: datetime
    status: RunStatus = "running"
    left: tuple[Records, ...] = RECORDS
    reading: Reading | None = None
    parts: tuple[Part, ...] = ()
    attention: Attention | None = None
    moved_at: datetime
    finished_at: datetime | None = None
    rev: int = 1

    @property
    def is_finished(self) -> bool:
        return self.status != "running"

    def moved(self, at: datetime, **changes: object) -> Self:
        return replace(self, **changes, moved_at=at, rev=self.rev + 1)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A record of the CRM that is not stored, and why; tried again when it is asked for.

    `external_id` is None for a person who was erased: then only that there was one is known.
    """

    record_id: Plain
    records: Records
    external_id: Personal | None = field(repr=False)
    field: Plain
    code: Plain
    message: Plain
    seen_at: datetime
