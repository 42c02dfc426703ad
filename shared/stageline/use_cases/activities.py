"""What callers do to activities."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from stageline.domain.activity import About, Activity, Happening, faults, new_activity
from stageline.domain.errors import AlreadyExists
from stageline.domain.stamp import Source, Stamp
from stageline.record_ports import Activities
from stageline.use_cases.again import again, expect_revision
from stageline.use_cases.related import Related

_ABOUT = frozenset({"account_id", "deal_id", "contact_ids"})


def create_activity(
    activities: Activities,
    related: Related,
    activity_id: str,
    happening: Happening,
    about: About,
    *,
    source: Source,
    today: date,
    stamp: Stamp,
) -> Activity:
    """Store a new activity; one about a deal is about the deal's account, too.

    Safe to repeat with the same `activity_id` and `source.hash`: returns it as it is. Raises
    AlreadyExists when the id was used for something else, Invalid.
    """
    about = related.completed(about, About(), "contact_ids")
    for fault in faults(happening, about, today):
        raise fault
    activity = new_activity(activity_id, happening, about, source=source, stamp=stamp)
    try:
        activities.add([activity])
    except AlreadyExists:
        activity = activities.get(activity_id)
        if activity.source is None or activity.source.hash != source.hash:
            raise
    return activity


def change_activity(
    activities: Activities,
    related: Related,
    activity_id: str,
    changes: Mapping[str, Any],
    *,
    expected: int | None,
    today: date,
    stamp: Stamp,
) -> Activity:
    """Change fields of an activity, and what it is about. What does not differ is not written.

    Raises NotFound, Stale, Invalid.
    """
    about_changes = {name: value for name, value in changes.items() if name in _ABOUT}
    said = {name: value for name, value in changes.items() if name not in _ABOUT}

    def changed(before: Activity) -> Activity:
        happening = replace(before.happening, **said)
        about = replace(before.about, **about_changes)
        about = related.completed(about, before.about, "contact_ids")
        for fault in faults(happening, about, today):
            raise fault
        return before.changed_to(happening, about, source=before.source, stamp=stamp)

    return _change(activities, activity_id, expected, changed)


def delete_activity(
    activities: Activities, activity_id: str, *, expected: int | None, stamp: Stamp
) -> None:
    """Delete an activity; it counts as no touch any more. Raises NotFound, Stale."""
    _change(activities, activity_id, expected, lambda before: before.gone(stamp))


def _change(
    activities: Activities,
    activity_id: str,
    expected: int | None,
    changed: Callable[[Activity], Activity],
) -> Activity:
    def attempt() -> Activity:
        before = activities.get(activity_id)
        expect_revision("activity", before.rev, expected)
        after = changed(before)
        if after is not before:
            activities.save(before, after)
        return after

    return again(attempt, expected=expected)
