"""Contacts, activities and tasks as the caller may see them."""

from typing import TYPE_CHECKING, Any

from api import custom, render_records
from api.call import Call

if TYPE_CHECKING:
    from stageline.domain.activity import Activity
    from stageline.domain.contact import Contact
    from stageline.domain.task import Task


def contact(call: Call, one: "Contact") -> dict[str, Any]:
    values = custom.shown(call.workspace, "contact", one.person.custom)
    return call.rights.shown("contacts", render_records.contact(one, values))


def activity(call: Call, one: "Activity") -> dict[str, Any]:
    values = custom.shown(call.workspace, "activity", one.happening.custom)
    return call.rights.shown("activities", render_records.activity(one, values))


def task(call: Call, one: "Task") -> dict[str, Any]:
    values = custom.shown(call.workspace, "task", one.to_do.custom)
    return call.rights.shown("tasks", render_records.task(one, values))
