"""The sections of the whole view of an account: each the first page of a list of its own."""

from typing import Any

from api import render_records as render
from api.call import Call
from api.pages import first_page
from stageline import bootstrap

MOST_OF_A_SECTION = 25


def sections(call: Call, account_id: str, address: str) -> dict[str, Any]:
    """Return the first contacts, activities and tasks of the account at this address."""
    contacts = bootstrap.contacts(call.workspace)
    activities = bootstrap.activities(call.workspace)
    tasks = bootstrap.tasks(call.workspace)
    return {
        "contacts": first_page(
            call,
            lambda *place: contacts.of_account(account_id, *place),
            render.contact,
            MOST_OF_A_SECTION,
            f"{address}/contacts",
        ),
        "activities": first_page(
            call,
            lambda *place: activities.of_account(account_id, *place),
            render.activity,
            MOST_OF_A_SECTION,
            f"{address}/activities",
        ),
        "tasks": first_page(
            call,
            lambda *place: tasks.of_account(account_id, *place),
            render.task,
            MOST_OF_A_SECTION,
            f"{address}/tasks",
        ),
    }
