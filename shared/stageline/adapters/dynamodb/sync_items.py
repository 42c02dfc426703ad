"""Where integrations stand, and their runs, as items of the table, and back."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from stageline.adapters.dynamodb.account_items import instant, text
from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.job_items import expires_at
from stageline.adapters.dynamodb.keys import job_index, job_key, sync_state_key
from stageline.domain.crm_records import Place
from stageline.domain.sync import Attention, Part, Progress, Reading, SyncRun, SyncState, Window
from stageline.domain.workspace import Workspace

SYNC = "sync"
_KEPT_DAYS = 90


def state_item(workspace: Workspace, state: SyncState) -> Item:
    return sync_state_key(workspace, state.integration) | _known(
        {
            "integration": state.integration,
            "running": state.running,
            "progress": {kind: _progress_value(one) for kind, one in state.progress.items()},
            "as_of": text(state.as_of),
            "last_started_at": text(state.last_started_at),
            "last_completed_at": text(state.last_completed_at),
            "last_run": state.last_run,
            "failures": state.failures,
            "attention": attention_value(state.attention),
            "quota_left": state.quota_left,
            "rev": state.rev,
        }
    )


def state_from_item(item: Item) -> SyncState:
    return SyncState(
        integration=item["integration"],
        running=item.get("running"),
        progress={kind: _progress_from(value) for kind, value in item["progress"].items()},
        as_of=instant(item.get("as_of")),
        last_started_at=instant(item.get("last_started_at")),
        last_completed_at=instant(item.get("last_completed_at")),
        last_run=item.get("last_run"),
        failures=item["failures"],
        attention=attention_from(item.get("attention")),
        quota_left=item.get("quota_left"),
        rev=item["rev"],
    )


def run_item(workspace: Workspace, run: SyncRun) -> Item:
    requested_at = run.requested_at.isoformat(timespec="microseconds")
    return (
        job_key(workspace, SYNC, run.run_id)
        | job_index(workspace, SYNC, run.run_id, requested_at)
        | _known(
            {
                "id": run.run_id,
                "integration": run.integration,
                "mode": run.mode,
                "requested_by": run.requested_by,
                "requested_at": requested_at,
                "status": run.status,
                "left": list(run.left),
                "reading": _reading_value(run.reading),
                "parts": [
                    _known(
                        {
                            "records": part.records,
                            "job_id": part.job_id,
                            "counts": dict(part.counts),
                            "stopped": part.stopped,
                        }
                    )
                    for part in run.parts
                ],
                "attention": attention_value(run.attention),
                "moved_at": text(run.moved_at),
                "finished_at": text(run.finished_at),
                "rev": run.rev,
                "expires_at": expires_at(run.requested_at, _KEPT_DAYS),
            }
        )
    )


def run_from_item(item: Item) -> SyncRun:
    return SyncRun(
        run_id=item["id"],
        integration=item["integration"],
        mode=item["mode"],
        requested_by=item["requested_by"],
        requested_at=datetime.fromisoformat(item["requested_at"]),
        status=item["status"],
        left=tuple(item["left"]),
        reading=_reading_from(item.get("reading")),
        parts=tuple(
            Part(part["records"], part.get("job_id"), part["counts"], part.get("stopped"))
            for part in item["parts"]
        ),
        attention=attention_from(item.get("attention")),
        moved_at=datetime.fromisoformat(item["moved_at"]),
        finished_at=instant(item.get("finished_at")),
        rev=item["rev"],
    )


def _progress_value(progress: Progress) -> Item:
    return _known(
        {
            "window": None if progress.window is None else _window_value(progress.window),
            "place": _place_value(progress.place),
            "epoch": progress.epoch,
            "read_until": text(progress.read_until),
            "full_at": text(progress.full_at),
            "held": progress.held,
            "refused": progress.refused,
            "counted": progress.counted,
            "counted_at": text(progress.counted_at),
        }
    )


def _progress_from(value: Item) -> Progress:
    return Progress(
        window=_window_from(value["window"]) if "window" in value else None,
        place=_place_from(value),
        epoch=value.get("epoch"),
        read_until=instant(value.get("read_until")),
        full_at=instant(value.get("full_at")),
        held=value["held"],
        refused=value["refused"],
        counted=value.get("counted"),
        counted_at=instant(value.get("counted_at")),
    )


def _reading_value(reading: Reading | None) -> Item | None:
    if reading is None:
        return None
    return _known(
        {
            "records": reading.records,
            "job_id": reading.job_id,
            "window": _window_value(reading.window),
            "place": _place_value(reading.place),
            "missing_of": reading.missing_of,
            "pages": reading.pages,
            "rows": reading.rows,
            "missing": reading.missing,
            "is_through": reading.is_through,
            "stopped": reading.stopped,
        }
    )


def _reading_from(value: Item | None) -> Reading | None:
    if value is None:
        return None
    return Reading(
        records=value["records"],
        job_id=value["job_id"],
        window=_window_from(value["window"]),
        place=_place_from(value),
        missing_of=value["missing_of"],
        pages=value["pages"],
        rows=value["rows"],
        missing=value.get("missing"),
        is_through=value["is_through"],
        stopped=value.get("stopped"),
    )


def _window_value(window: Window) -> Item:
    return _known({"since": text(window.since), "until": text(window.until), "epoch": window.epoch})


def _window_from(value: Item) -> Window:
    return Window(
        since=instant(value.get("since")),
        until=datetime.fromisoformat(value["until"]),
        epoch=value["epoch"],
    )


def attention_value(attention: Attention | None) -> Item | None:
    if attention is None:
        return None
    return _known(
        {
            "code": attention.code,
            "message": attention.message,
            "vendor_status": attention.vendor_status,
            "vendor_code": attention.vendor_code,
            "records": attention.records,
            "at": text(attention.at),
        }
    )


def attention_from(value: Item | None) -> Attention | None:
    if value is None:
        return None
    return Attention(
        code=value["code"],
        message=value["message"],
        vendor_status=value.get("vendor_status"),
        vendor_code=value.get("vendor_code"),
        records=value.get("records"),
        at=instant(value.get("at")),
    )


def _place_value(place: Place) -> str | None:
    # As text: a connector's numbers come back as it gave them.
    return None if place is None else json.dumps(place)


def _place_from(value: Item) -> Place:
    return json.loads(value["place"]) if "place" in value else None


def _known(values: Mapping[str, Any]) -> Item:
    return {name: value for name, value in values.items() if value is not None}
