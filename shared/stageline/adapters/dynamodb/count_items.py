"""Counts by stage, runs and what belongs to them as items of the table, and back."""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from stageline.adapters.dynamodb.account_items import day, text
from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.keys import (
    count_job_key,
    count_month_key,
    count_run_key,
    count_state_key,
)
from stageline.domain.calendar import to_date
from stageline.domain.count_runs import Asked, Run, State
from stageline.domain.counts import Month, Totals
from stageline.domain.workspace import Workspace

# As long as the job itself is kept.
_ASKED_KEPT = timedelta(days=90)


def month_text(day_of_it: int) -> str:
    """Return the month of a day as keys have it; the beginning of time sorts before all others."""
    found = to_date(day_of_it)
    return "0000-00" if found is None else found.isoformat()[:7]


def month_item(workspace: Workspace, scheme: str, set_id: str, month: Month) -> Item:
    return count_month_key(workspace, scheme, set_id, month_text(month.first)) | {
        "first": month.first,
        "before": _json(_plain(month.before)),
        "days": _json([[number, *_plain(more)] for number, more in month.days]),
    }


def month_from_item(item: Item) -> Month:
    days = json.loads(item["days"])
    return Month(
        item["first"],
        Totals(*json.loads(item["before"])),
        tuple((number, Totals(accounts, groups)) for number, accounts, groups in days),
    )


def run_item(workspace: Workspace, scheme: str, run: Run) -> Item:
    item: Item = count_run_key(workspace, scheme, run.recorded_on.isoformat()) | {
        "recorded_on": run.recorded_on.isoformat(),
        "set_id": run.set_id,
        "content": run.content,
        "cut": text(run.cut),
        "counted_at": text(run.counted_at),
        "took_ms": run.took // timedelta(milliseconds=1),
        "scheme_version": run.scheme_version,
        "known_since": text(run.known_since),
        "replaces": run.replaces,
        "rev": run.rev,
    }
    return {name: value for name, value in item.items() if value is not None}


def run_from_item(item: Item) -> Run:
    return Run(
        recorded_on=date.fromisoformat(item["recorded_on"]),
        set_id=item["set_id"],
        content=item["content"],
        cut=datetime.fromisoformat(item["cut"]),
        counted_at=datetime.fromisoformat(item["counted_at"]),
        took=timedelta(milliseconds=item["took_ms"]),
        scheme_version=item["scheme_version"],
        known_since=day(item.get("known_since")),
        replaces=item.get("replaces"),
        rev=item["rev"],
    )


def state_item(workspace: Workspace, scheme: str, state: State) -> Item:
    item: Item = count_state_key(workspace, scheme) | {
        "changed_at": text(state.changed_at),
        "cut": text(state.cut),
        "rev": state.rev,
    }
    return {name: value for name, value in item.items() if value is not None}


def state_from_item(item: Item) -> State:
    return State(_instant(item.get("changed_at")), _instant(item.get("cut")), item["rev"])


def asked_item(workspace: Workspace, scheme: str, recorded_on: date, asked: Asked) -> Item:
    return count_job_key(workspace, scheme, recorded_on.isoformat()) | {
        "job_id": asked.job_id,
        "asked_at": text(asked.asked_at),
        "rev": asked.rev,
        "expires_at": int((asked.asked_at + _ASKED_KEPT).timestamp()),
    }


def asked_from_item(item: Item) -> Asked:
    return Asked(item["job_id"], datetime.fromisoformat(item["asked_at"]), item["rev"])


def _plain(totals: Totals) -> list[dict[str, int]]:
    return [dict(totals.accounts), dict(totals.groups)]


def _json(value: Sequence[Any]) -> str:
    return json.dumps(value, separators=(",", ":"))


def _instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
