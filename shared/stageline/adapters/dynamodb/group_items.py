"""Homes, values and versions as items of the table, and back."""

import json
from datetime import UTC, date, datetime

from stageline.adapters.dynamodb.account_items import day, memberships_from, memberships_value, text
from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.keys import (
    due_index,
    home_key,
    homes_index,
    value_key,
    values_index,
    version_key,
)
from stageline.domain.group import Home, Value, Version
from stageline.domain.timeline import Timeline
from stageline.domain.workspace import Workspace


def home_item(workspace: Workspace, home: Home) -> Item:
    item: Item = home_key(workspace, home.account_id) | {
        "id": home.account_id,
        "memberships": memberships_value(home.memberships),
        "rev": home.rev,
    }
    return item | homes_index(workspace, home.root_id, home.account_id)


def home_from_item(item: Item) -> Home:
    return Home(item["id"], memberships_from(item["memberships"]), item["rev"])


def value_item(workspace: Workspace, value: Value) -> Item:
    item: Item = value_key(workspace, value.root_id, value.scheme) | {
        "root_id": value.root_id,
        "scheme": value.scheme,
        "scheme_version": value.scheme_version,
        "timeline": _timeline_text(value.timeline),
        "on": text(value.on),
        "stage": value.stage,
        "since": text(value.since),
        "holds": list(value.holds),
        "next_on": text(value.next_on),
        "due_on": text(value.due_on),
        "recorded_at": text(value.recorded_at),
        "evaluated_at": text(value.evaluated_at),
        "rev": value.rev,
    }
    item |= values_index(workspace, value.root_id, value.scheme)
    if value.due_on is not None:
        item |= due_index(workspace, value.due_on.isoformat(), value.root_id, value.scheme)
    return {name: inner for name, inner in item.items() if inner is not None}


def value_from_item(item: Item) -> Value:
    return Value(
        root_id=item["root_id"],
        scheme=item["scheme"],
        scheme_version=item["scheme_version"],
        timeline=timeline_from(item["timeline"]),
        on=date.fromisoformat(item["on"]),
        stage=item["stage"],
        since=day(item.get("since")),
        holds=tuple(item["holds"]),
        next_on=day(item.get("next_on")),
        due_on=day(item.get("due_on")),
        recorded_at=datetime.fromisoformat(item["recorded_at"]),
        evaluated_at=datetime.fromisoformat(item["evaluated_at"]),
        rev=item["rev"],
    )


def version_item(workspace: Workspace, root_id: str, scheme: str, version: Version) -> Item:
    recorded_at = instant_in_key(version.recorded_at)
    item: Item = version_key(workspace, root_id, scheme, recorded_at, version.rev) | {
        "recorded_at": text(version.recorded_at),
        "rev": version.rev,
        "changed_from": text(version.changed_from),
        "tail": _timeline_text(version.tail),
        "on": text(version.on),
        "evidence": json.dumps(version.evidence, separators=(",", ":")),
    }
    return {name: inner for name, inner in item.items() if inner is not None}


def version_from_item(item: Item) -> Version:
    return Version(
        recorded_at=datetime.fromisoformat(item["recorded_at"]),
        rev=item["rev"],
        changed_from=day(item.get("changed_from")),
        tail=timeline_from(item["tail"]),
        on=date.fromisoformat(item["on"]),
        evidence=json.loads(item["evidence"]),
    )


def instant_in_key(instant: datetime) -> str:
    """Return the instant so that texts sort as instants do: UTC, microseconds always written."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def _timeline_text(timeline: Timeline) -> str:
    return json.dumps(timeline.to_data(), separators=(",", ":"))


def timeline_from(stored: str) -> Timeline:
    return Timeline.from_data(json.loads(stored))
