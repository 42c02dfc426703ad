"""What callers do to tasks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from stageline.domain.activity import About
from stageline.domain.stamp import Source, Stamp
from stageline.domain.task import Task, ToDo, faults, new_task
from stageline.record_ports import Tasks
from stageline.use_cases.again import again, expect_revision
from stageline.use_cases.custom_values import Customs
from stageline.use_cases.related import Related

_ABOUT = frozenset({"account_id", "deal_id", "contact_ids"})


def create_task(
    tasks: Tasks,
    related: Related,
    task_id: str,
    to_do: ToDo,
    about: About,
    *,
    customs: Customs,
    custom: Mapping[str, Any] | None = None,
    tags: Sequence[str] = (),
    source: Source,
    stamp: Stamp,
) -> Task:
    """Store a new task; one about a deal is about the deal's account, too.

    `custom` and `tags` as sent. Safe to repeat with the same `task_id` and `source.hash`: returns
    the task as it is. Raises AlreadyExists when the id was used for something else, Invalid,
    ValueNotUnique.
    """
    to_do = replace(to_do, **customs.new("task", custom, tags))
    about = related.completed(about, About(), "contact_id")
    _refuse_faults(about)
    task = new_task(task_id, to_do, about, source=source, stamp=stamp)
    beside = customs.beside("task", task_id, None, to_do)

    def made() -> Task | None:
        return tasks.get(task_id) if tasks.find_many([task_id]) else None

    return customs.add("task", task, beside, lambda: tasks.add(task, beside), made)


def change_task(
    tasks: Tasks,
    related: Related,
    task_id: str,
    changes: Mapping[str, Any],
    *,
    is_done: bool | None,
    customs: Customs,
    expected: int | None,
    stamp: Stamp,
) -> Task:
    """Change fields of a task, what it is about, and whether it is done (None: as it was).

    `custom` is merged by key, `tags` are all of them, both as sent. What does not differ is not
    written. Raises NotFound, Stale, Invalid, ValueNotUnique, Pinned.
    """
    about_changes = {name: value for name, value in changes.items() if name in _ABOUT}
    said = {name: value for name, value in changes.items() if name not in _ABOUT}

    def changed(before: Task) -> Task:
        about = replace(before.about, **about_changes)
        about = related.completed(about, before.about, "contact_id")
        _refuse_faults(about)
        done = before.done_at is not None if is_done is None else is_done
        to_do = replace(before.to_do, **customs.changed("task", before.to_do, said, before.pinned))
        return before.changed_to(to_do, about, is_done=done, stamp=stamp)

    return _change(tasks, task_id, expected, changed, customs)


def delete_task(
    tasks: Tasks, task_id: str, *, customs: Customs, expected: int | None, stamp: Stamp
) -> None:
    """Delete a task; its unique values are free again. Raises NotFound, Stale."""
    _change(tasks, task_id, expected, lambda before: before.gone(stamp), customs)


def _change(
    tasks: Tasks,
    task_id: str,
    expected: int | None,
    changed: Callable[[Task], Task],
    customs: Customs,
) -> Task:
    def attempt() -> Task:
        before = tasks.get(task_id)
        expect_revision("task", before.rev, expected)
        after = changed(before)
        if after is not before:
            beside = customs.beside("task", task_id, before.to_do, after.to_do)
            customs.keep(beside, lambda: tasks.save(before, after, beside))
        return after

    return again(attempt, expected=expected)


def _refuse_faults(about: About) -> None:
    for fault in faults(about):
        raise fault
