"""The sections of the whole view of an account: each the first page of a list of its own."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import batched
from typing import TYPE_CHECKING, Any

from api import seen
from api.call import Call
from api.pages import first_page
from stageline import bootstrap
from stageline.domain.access import Module

if TYPE_CHECKING:
    from stageline.domain.contact import Contact
    from stageline.domain.task import Task
    from stageline.domain.view import Beside

MOST_OF_A_SECTION = 25


def sections(
    call: Call, account_id: str, address: str, beside: "Beside | None" = None
) -> dict[str, Any]:
    """Return the first contacts, activities and tasks of the account at this address.

    None for those that are closed to the caller, by profile or scopes. `beside`: what was read of
    them with the account.
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
            where = f"{address}/{module}"
            of_account = _beside(call, module, beside) if beside else None
            if of_account is None:
                of_account = partial(store(call.workspace).of_account, account_id)
            found[module] = first_page(call, of_account, show, MOST_OF_A_SECTION, where)
    return found


def _beside(call: Call, module: Module, beside: "Beside") -> Any:
    """Return the list of what came along with the account; None for what did not."""
    match module:
        case "contacts":
            return partial(_contacts, call, beside.contact_ids)
        case "tasks":
            return partial(_tasks, beside.tasks)
        case _:
            return None


def _contacts(
    call: Call, ids: Sequence[str], _after: str | None, page: int
) -> "Iterator[tuple[str, Contact]]":
    """Yield the first of these contacts with their places; it takes no request to find none."""
    for some in batched(ids, page, strict=False):
        found = bootstrap.contacts(call.workspace).find_many(some)
        yield from ((id_, found[id_]) for id_ in some if id_ in found and not found[id_].deleted)


def _tasks(
    tasks: "Sequence[tuple[str, Task]]", _after: str | None, _page: int
) -> "Iterator[tuple[str, Task]]":
    return iter(tasks)
