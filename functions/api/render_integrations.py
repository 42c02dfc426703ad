"""Integrations with a CRM and their runs as the API shows them."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from api import render
from stageline.domain.integration import Connection, Integration
from stageline.domain.job_states import RECORDS
from stageline.domain.jobs import ImportJob
from stageline.domain.sync import Attention, Progress, Reading, Refused, SyncRun, SyncState
from stageline.domain.sync_health import health, lag
from stageline.domain.sync_schedule import planned_at


def integration(
    one: Integration, state: SyncState, now: datetime, *, with_mapping: bool
) -> dict[str, Any]:
    """Return the integration and, of a CRM, how it is doing.

    `with_mapping`: a mapping may hold addresses of members, which are for administrators.
    """
    shown = render.integration(one)
    if one.connection is None:
        return shown
    behind = lag(state, now)
    return {
        **shown,
        **settings(one, one.connection),
        **({} if with_mapping else {"mapping": None}),
        "sign_in": one.connection.sign_in,
        "health": health(one, state, now),
        "attention": attention(state.attention),
        "running": state.running,
        "as_of": render.instant(state.as_of),
        "last_started_at": render.instant(state.last_started_at),
        "last_completed_at": render.instant(state.last_completed_at),
        "last_run": state.last_run,
        "next_run_at": render.instant(planned_at(one, state, now)),
        "lag": None if behind is None else duration(behind),
        "failures": state.failures,
        "quota_left": state.quota_left,
        "kinds": {kind: progress(state.of(kind)) for kind in RECORDS},
    }


def settings(one: Integration, connection: Connection) -> dict[str, Any]:
    """Return what somebody has set, as they would send it."""
    schedule = connection.schedule
    return {
        "vendor": connection.vendor,
        "base_url": connection.base_url,
        "schedule": {
            "times": [at.isoformat("minutes") for at in schedule.times],
            "zone": schedule.zone,
            "full_every_days": schedule.full_every_days,
        },
        "records": list(connection.records),
        "active": one.active,
        "opportunity_pull": one.opportunity_pull,
        "sync": one.sync,
        "mapping": None if connection.mapping is None else json.loads(connection.mapping),
    }


def progress(one: Progress) -> dict[str, Any]:
    return {
        "held": one.held,
        "refused": one.refused,
        "counted": one.counted,
        "counted_at": render.instant(one.counted_at),
        "drift": one.drift,
        "read_until": render.instant(one.read_until),
        "full_at": render.instant(one.full_at),
    }


def attention(one: Attention | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "code": one.code,
        "message": one.message,
        "vendor_status": one.vendor_status,
        "vendor_code": one.vendor_code,
        "records": one.records,
        "at": render.instant(one.at),
    }


def run(one: SyncRun, job: ImportJob | None = None) -> dict[str, Any]:
    """Return the run; `job`: the import of what is being read."""
    return {
        "id": one.run_id,
        "integration": one.integration,
        "mode": one.mode,
        "status": one.status,
        "requested_by": one.requested_by,
        "requested_at": render.instant(one.requested_at),
        "moved_at": render.instant(one.moved_at),
        "finished_at": render.instant(one.finished_at),
        "left": list(one.left),
        "reading": None if one.reading is None else _reading(one.reading, job),
        "parts": [
            {
                "records": part.records,
                "job_id": part.job_id,
                "counts": dict(part.counts),
                "stopped": part.stopped,
            }
            for part in one.parts
        ],
        "attention": attention(one.attention),
    }


def refused(one: Refused) -> dict[str, Any]:
    return {
        "records": one.records,
        "external_id": one.external_id,
        "field": one.field,
        "code": one.code,
        "message": one.message,
        "seen_at": render.instant(one.seen_at),
    }


def duration(length: timedelta) -> str:
    """Return a duration in ISO 8601, in hours and minutes."""
    minutes = int(length.total_seconds()) // 60
    return f"PT{minutes // 60}H{minutes % 60}M"


def _reading(one: Reading, job: ImportJob | None) -> Mapping[str, Any]:
    return {
        "records": one.records,
        "job_id": one.job_id,
        "pages": one.pages,
        "rows": one.rows,
        "missing": one.missing,
        "is_through": one.is_through,
        "stopped": one.stopped,
        "status": job.status if job else None,
        "counts": dict(job.counts) if job else {},
    }
