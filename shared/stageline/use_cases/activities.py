"""What callers do to activities."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from stageline.domain.activity import About, Activity, Happening, faults, new_activity
from stageline.domain.stamp import Source, Stamp
from stageline.record_ports import Activities
from stageline.use_cases.again import again, expect_revision
from stageline.use_cases.custom_values import Customs
from stageline.use_cases.related import Related

_ABOUT = frozenset({"account_id", "deal_id", "contact_ids"})


def create_activity(
    activities: Activities,
    related: Related,
    activity_id: str,
    happening: Happening,
    about: About,
    *,
    customs: Customs,
    custom: Mapping[str, Any] | None = None,
    tags: Sequence[str] = (),
    source: Source,
    today: date,
    stamp: Stamp,
) -> Activity:
    """Store a new activity; one about a deal is about the deal's account, too.

    `custom` and `tags` as sent. Safe to repeat with the same `activity_id` and `source.hash`:
    returns it as it is. Raises AlreadyExists when the id was used for something else, Invalid,
    ValueNotUnique.
    """
    happening = replace(happening, **customs.new("activity", custom, tags))
    about = related.completed(about, About(), "contact_ids")
    for fault in faults(happening, about, today):
        raise fault
    activity = new_activity(activity_id, happening, about, source=source, stamp=stamp)
    beside = customs.beside("activity", activity_id, None, happening)

    def made() -> Activity | None:
        return activities.get(activity_id) if activities.find_many([activity_id]) else None

    return customs.add(
        "activity", activity, beside, lambda: activities.add([activity], beside), made
    )


def change_activity(
    activities: Activities,
    related: Related,
    activity_id: str,
    changes: Mapping[str, Any],
    *,
    customs: Customs,
    expected: int | None,
    today: date,
    stamp: Stamp,
) -> Activity:
    """Change fields of an activity, and what it is about. What does not differ is not written.

    `custom` is merged by key, `tags` are all of them, both as sent. Raises NotFound, Stale,
    Invalid, ValueNotUnique, Pinned.
    """
    about_changes = {name: value for name, value in changes.items() if name in _ABOUT}
    said = {name: value for name, value in changes.items() if name not in _ABOUT}

    def changed(before: Activity) -> Activity:
        happening = replace(
            before.happening, **customs.changed("activity", before.happening, said, before.pinned)
        )
        about = replace(before.about, **about_changes)
        about = related.completed(about, before.about, "contact_ids")
        for fault in faults(happening, about, today):
            raise fault
        return before.changed_to(happening, about, source=before.source, stamp=stamp)

    return _change(activities, activity_id, expected, changed, customs)


def delete_activity(
    activities: Activities,
    activity_id: str,
    *,
    customs: Customs,
    expected: int | None,
    stamp: Stamp,
) -> None:
    """Delete an activity; it counts as no touch any more. Its unique values are free again.

    Raises NotFound, Stale.
    """
    _change(activities, activity_id, expected, lambda before: before.gone(stamp), customs)


def _change(
    activities: Activities,
    activity_id: str,
    expected: int | None,
    changed: Callable[[Activity], Activity],
    customs: Customs,
) -> Activity:
    def attempt() -> Activity:
        before = activities.get(activity_id)
        expect_revision("activity", before.rev, expected)
        after = changed(before)
        if after is not before:
            beside = customs.beside("activity", activity_id, before.happening, after.happening)
            customs.keep(beside, lambda: activities.save(before, after, beside))
        return after

    return again(attempt, expected=expected)
