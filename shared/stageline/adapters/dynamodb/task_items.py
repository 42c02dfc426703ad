"""Tasks as items of the table, and back."""

from datetime import date, datetime

from stageline.adapters.dynamodb.account_items import (
    instant,
    source_from,
    source_values,
    stamp_from,
    stamp_values,
    text,
)
from stageline.adapters.dynamodb.activity_items import about_from, about_values, place_item
from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.custom_items import custom_from, custom_values, tags_from
from stageline.adapters.dynamodb.keys import Key, account_partition
from stageline.adapters.dynamodb.record_keys import (
    TASK_PREFIX,
    contact_partition,
    deal_partition,
    gone_key,
    open_task_indexes,
    pointing_to,
    record_partition,
    task_key,
)
from stageline.domain.task import Task, ToDo
from stageline.domain.workspace import Workspace


def task_items(workspace: Workspace, task: Task, owner: str) -> list[Item]:
    """Return the task, where it lies, and an item for its contact if that is elsewhere."""
    to_do = task.to_do
    home = _home(workspace, task)
    item: Item = home | {
        "id": task.task_id,
        "title": to_do.title,
        "due_on": text(to_do.due_on),
        "owner_email": to_do.owner_email,
        **custom_values(to_do.custom, to_do.tags),
        "done_at": text(task.done_at),
        **about_values(task.about),
        "deleted": task.deleted or None,
        "erased": task.erased or None,
        "pinned": list(task.pinned) or None,
        "created_at": text(task.created_at),
        "rev": task.rev,
        **stamp_values(task.changed),
        **source_values(task.source),
    }
    if task.is_open:
        item |= open_task_indexes(workspace, task.task_id, to_do.due_on, owner)
    kept = {name: value for name, value in item.items() if value is not None}
    items = [kept, place_item(workspace, task.task_id, home)]
    if not task.deleted:
        for contact_id in task.about.contact_ids:
            key = home | {"PK": contact_partition(workspace, contact_id)}
            if key != home:
                items.append(key | {"id": task.task_id, **pointing_to(home)})
    return items


def task_from_item(item: Item) -> Task:
    return Task(
        task_id=item["id"],
        to_do=ToDo(
            title=item["title"],
            due_on=date.fromisoformat(item["due_on"]),
            owner_email=item.get("owner_email"),
            custom=custom_from(item),
            tags=tags_from(item),
        ),
        about=about_from(item),
        done_at=instant(item.get("done_at")),
        deleted=item.get("deleted", False),
        erased=item.get("erased", False),
        pinned=tuple(item.get("pinned", ())),
        source=source_from(item),
        created_at=datetime.fromisoformat(item["created_at"]),
        changed=stamp_from(item),
        rev=item["rev"],
    )


def _home(workspace: Workspace, task: Task) -> Key:
    partition = _partition(workspace, task)
    if task.deleted:
        return gone_key(partition, TASK_PREFIX, task.task_id)
    day = task.to_do.due_on if task.done_at is None else task.done_at.date()
    return task_key(partition, task.done_at is None, day, task.task_id)


def _partition(workspace: Workspace, task: Task) -> str:
    about = task.about
    if task.erased:
        return record_partition(workspace, task.task_id)
    if about.account_id is not None:
        return account_partition(workspace, about.account_id)
    if about.deal_id is not None:
        return deal_partition(workspace, about.deal_id)
    return contact_partition(workspace, about.contact_ids[0])
