"""The sections of the whole view of an account: each the first page of a list of its own."""

from typing import Any

from api import seen
from api.call import Call
from api.pages import first_page
from stageline import bootstrap

MOST_OF_A_SECTION = 25


def sections(call: Call, account_id: str, address: str) -> dict[str, Any]:
    """Return the first contacts, activities and tasks of the account at this address.

    None for those that the caller's profile closes.
    """
    found: dict[str, Any] = dict.fromkeys(("contacts", "activities", "tasks"))
    access, size = call.rights.access, MOST_OF_A_SECTION
    if access.to_module("contacts") != "none":
        contacts = bootstrap.contacts(call.workspace)
        found["contacts"] = first_page(
            call,
            lambda *place: contacts.of_account(account_id, *place),
            seen.contact,
            size,
            f"{address}/contacts",
        )
    if access.to_module("activities") != "none":
        activities = bootstrap.activities(call.workspace)
        found["activities"] = first_page(
            call,
            lambda *place: activities.of_account(account_id, *place),
            seen.activity,
            size,
            f"{address}/activities",
        )
    if access.to_module("tasks") != "none":
        tasks = bootstrap.tasks(call.workspace)
        found["tasks"] = first_page(
            call,
            lambda *place: tasks.of_account(account_id, *place),
            seen.task,
            size,
            f"{address}/tasks",
        )
    return found
