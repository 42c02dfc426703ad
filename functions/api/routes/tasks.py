"""Tasks: what is to be done by a day."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from api import custom, related, seen
from api.call import Answer, Call, etag
from api.pages import account_of, owners_of, page
from stageline import bootstrap
from stageline.use_cases import tasks as use_cases

if TYPE_CHECKING:
    from stageline.domain.task import Task


def list_tasks(call: Call) -> Answer:
    tasks, owners, through = (
        bootstrap.tasks(call.workspace),
        owners_of(call),
        call.query["due_through"],
    )
    return Answer(
        page(
            call,
            lambda after, size: tasks.open_by_due_day(
                owners, through=through, after=after, page=size
            ),
            seen.task,
        )
    )


def list_tasks_of_account(call: Call) -> Answer:
    account_id, tasks = account_of(call).account_id, bootstrap.tasks(call.workspace)
    return Answer(page(call, lambda *place: tasks.of_account(account_id, *place), seen.task))


def create_task(call: Call) -> Answer:
    from api.bodies import NewTask
    from stageline.domain.activity import About
    from stageline.domain.task import ToDo

    body = call.body(NewTask)
    with _naming_only_seen(call):
        task = use_cases.create_task(
            bootstrap.tasks(call.workspace),
            related.related(call),
            call.new_id("task"),
            ToDo(title=body.title, due_on=body.due_on, owner_email=body.owner_email),
            About(body.account_id, body.deal_id, (body.contact_id,) if body.contact_id else ()),
            customs=bootstrap.customs(call.workspace),
            custom=body.custom,
            tags=body.tags,
            source=call.source(body),
            stamp=call.stamp,
        )
    is_new = task.changed.request == call.request_id
    headers = etag(task.rev) | {"Location": f"/v1/tasks/{task.task_id}"}
    return Answer(seen.task(call, task), 201 if is_new else 200, headers)


def get_task(call: Call) -> Answer:
    return _shown(call, read_task(call))


def change_task(call: Call) -> Answer:
    from api.bodies import TaskChanges

    task_id = read_task(call).task_id
    expected = call.expected_revision("task", needed=True)
    changes = call.body(TaskChanges).sent()
    is_done = changes.pop("done", None)
    if "contact_id" in changes:
        contact_id = changes.pop("contact_id")
        changes["contact_ids"] = (contact_id,) if contact_id else ()
    with _naming_only_seen(call):
        task = use_cases.change_task(
            bootstrap.tasks(call.workspace),
            related.related(call),
            task_id,
            changes,
            is_done=is_done,
            customs=bootstrap.customs(call.workspace),
            expected=expected,
            stamp=call.stamp,
        )
    return _shown(call, task)


def delete_task(call: Call) -> Answer:
    use_cases.delete_task(
        bootstrap.tasks(call.workspace),
        read_task(call).task_id,
        customs=bootstrap.customs(call.workspace),
        expected=call.expected_revision("task"),
        stamp=call.stamp,
    )
    return Answer(None, 204)


def read_task(call: Call) -> "Task":
    """Return the task in the path, about something that is there. Raises NotFound."""
    task = bootstrap.tasks(call.workspace).get(call.id_of("task"))
    related.check_subject(call, task.about, "task", task.to_do.owner_email)
    return task


def _shown(call: Call, task: "Task") -> Answer:
    return Answer(seen.task(call, task), headers=etag(task.rev))


def _naming_only_seen(call: Call) -> AbstractContextManager[None]:
    return custom.naming_only_seen(lambda ids: related.hidden_tasks(call, ids))
