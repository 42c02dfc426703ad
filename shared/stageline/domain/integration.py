"""What is configured of a workspace: its integrations, the "-" that follows from them, its zone."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Self

from stageline.domain.dated_log import LogEntry
from stageline.domain.job_states import RECORDS, Records, Status
from stageline.domain.overlay import DashReason, overlay_entry, overlay_reason
from stageline.domain.personal import Plain
from stageline.domain.stamp import Stamp
from stageline.domain.sync import SyncState

DEFAULT_ZONE = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a CRM is read: at these times of each day, in this zone.

    Everything there is, and what is there no more, every `full_every_days`.
    """

    times: tuple[time, ...] = (time(2),)
    zone: Plain = DEFAULT_ZONE
    full_every_days: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Which CRM an integration reads, what of it and when. Credentials are kept elsewhere.

    `mapping` is a mapping document (JSON) that was found to fit; None: the vendor's own objects.
    """

    vendor: Plain
    base_url: Plain
    sign_in: Plain | None = None  # of the credentials that were given last,
    credentials_at: datetime | None = None  # and when that was
    schedule: Schedule = Schedule()
    records: tuple[Records, ...] = RECORDS
    mapping: Plain | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """A source of CRM data. Stages are shown while one has all three switches on (S0.17).

    `connection`: None for files. `attention`: a code, while the CRM does not let us read deals.
    `rev` counts its writes; it is the ETag and the fence of every write.
    """

    key: Plain
    active: bool
    opportunity_pull: bool
    sync: bool = True
    connection: Connection | None = None
    attention: Plain | None = None
    created_at: datetime
    changed: Stamp
    rev: int = 1

    @property
    def pulled(self) -> tuple[Records, ...]:
        """Which records of a CRM are read; deals only while opportunities are pulled."""
        chosen = self.connection.records if self.connection else ()
        return tuple(one for one in chosen if one != "deals" or self.opportunity_pull)

    def changed_to(self, stamp: Stamp, **fields: object) -> Self:
        """Return the integration with these fields; itself if it has them."""
        after: Self = replace(self, **fields)  # type: ignore[arg-type]
        return self if after == self else replace(after, changed=stamp, rev=self.rev + 1)

    def switched(self, *, active: bool | None, opportunity_pull: bool | None, stamp: Stamp) -> Self:
        """Return the integration with its switches set (None: as it was); itself if they are."""
        given = {"active": active, "opportunity_pull": opportunity_pull}
        set_ = {name: value for name, value in given.items() if value is not None}
        return self.changed_to(stamp, **set_)


@dataclass(frozen=True, slots=True)
class OverlayLog:
    """Since when stages are shown, or why not; entries are only ever appended. `rev` its fence."""

    entries: tuple[LogEntry[DashReason | None], ...] = ()
    rev: int = 0

    def following(
        self, integrations: tuple[Integration, ...], *, today: date, now: datetime
    ) -> Self:
        """Return the log as these integrations demand it; itself when it says so already."""
        reason = overlay_reason(
            (i.active, i.opportunity_pull, i.sync, i.attention is None) for i in integrations
        )
        entry = overlay_entry(self.entries, reason, today=today, recorded_at=now)
        return self if entry is None else type(self)((*self.entries, entry), self.rev + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastImport:
    """The import of a kind of records that was completed last; its job may be forgotten by now."""

    integration: Plain
    records: Records
    job_id: Plain
    status: Status
    completed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """All of a workspace's configuration, as one read found it."""

    zone: Plain = DEFAULT_ZONE
    integrations: tuple[Integration, ...] = ()
    overlay: OverlayLog = OverlayLog()
    last_tick: datetime | None = None
    ticked_through: date | None = None
    last_imports: tuple[LastImport, ...] = ()
    syncs: tuple[SyncState, ...] = ()

    def integration(self, key: str) -> Integration | None:
        return next((found for found in self.integrations if found.key == key), None)

    def sync(self, key: str) -> SyncState:
        """Return where an integration stands; where none has begun, at the beginning."""
        found = next((found for found in self.syncs if found.integration == key), None)
        return found or SyncState(integration=key)

    def last_import(self, key: str, records: Records) -> LastImport | None:
        found = (
            one for one in self.last_imports if (one.integration, one.records) == (key, records)
        )
        return next(found, None)
