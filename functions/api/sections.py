"""The sections of the whole view of an account: each the first page of a list of its own."""

from functools import partial
from typing import Any

from api import seen
from api.call import Call
from api.pages import first_page
from stageline import bootstrap
from stageline.domain.access import Module

MOST_OF_A_SECTION = 25


def sections(call: Call, account_id: str, address: str) -> dict[str, Any]:
    """Return the first contacts, activities and tasks of the account at this address.

    None for those that are closed to the caller, by profile or scopes.
    """
    lists: tuple[tuple[Module, Any, Any], ...] = (
        ("contacts", bootstrap.contacts, seen.contact),
        ("activities", bootstrap.activities, seen.activity),
        ("tasks", bootstrap.tasks, seen.task),
    )
    found: dict[str, Any] = {}
    for module, store, show in lists:
        found[module] = None
        if call.rights.opens(module):
            of_account = partial(store(call.workspace).of_account, account_id)
            where = f"{address}/{module}"
            found[module] = first_page(call, of_account, show, MOST_OF_A_SECTION, where)
    return found
