"""What callers do to tasks."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from stageline.domain.activity import About
from stageline.domain.errors import AlreadyExists
from stageline.domain.stamp import Source, Stamp
from stageline.domain.task import Task, ToDo, faults, new_task
from stageline.record_ports import Tasks
from stageline.use_cases.again import again, expect_revision
from stageline.use_cases.related import Related

_ABOUT = frozenset({"account_id", "deal_id", "contact_ids"})


def create_task(
    tasks: Tasks,
    related: Related,
    task_id: str,
    to_do: ToDo,
    about: About,
    *,
    source: Source,
    stamp: Stamp,
) -> Task:
    """Store a new task; one about a deal is about the deal's account, too.

    Safe to repeat with the same `task_id` and `source.hash`: returns the task as it is. Raises
    AlreadyExists when the id was used for something else, Invalid.
    """
    about = related.completed(about, About(), "contact_id")
    _refuse_faults(about)
    task = new_task(task_id, to_do, about, source=source, stamp=stamp)
    try:
        tasks.add(task)
    except AlreadyExists:
        task = tasks.get(task_id)
        if task.source is None or task.source.hash != source.hash:
            raise
    return task


def change_task(
    tasks: Tasks,
    related: Related,
    task_id: str,
    changes: Mapping[str, Any],
    *,
    is_done: bool | None,
    expected: int | None,
    stamp: Stamp,
) -> Task:
    """Change fields of a task, what it is about, and whether it is done (None: as it was).

    What does not differ is not written. Raises NotFound, Stale, Invalid.
    """
    about_changes = {name: value for name, value in changes.items() if name in _ABOUT}
    said = {name: value for name, value in changes.items() if name not in _ABOUT}

    def changed(before: Task) -> Task:
        about = replace(before.about, **about_changes)
        about = related.completed(about, before.about, "contact_id")
        _refuse_faults(about)
        done = before.done_at is not None if is_done is None else is_done
        return before.changed_to(replace(before.to_do, **said), about, is_done=done, stamp=stamp)

    return _change(tasks, task_id, expected, changed)


def delete_task(tasks: Tasks, task_id: str, *, expected: int | None, stamp: Stamp) -> None:
    """Raises NotFound, Stale."""
    _change(tasks, task_id, expected, lambda before: before.gone(stamp))


def _change(
    tasks: Tasks, task_id: str, expected: int | None, changed: Callable[[Task], Task]
) -> Task:
    def attempt() -> Task:
        before = tasks.get(task_id)
        expect_revision("task", before.rev, expected)
        after = changed(before)
        if after is not before:
            tasks.save(before, after)
        return after

    return again(attempt, expected=expected)


def _refuse_faults(about: About) -> None:
    for fault in faults(about):
        raise fault
