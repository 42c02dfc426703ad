"""Pages of lists whose records come with their places, and what they belong to."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from api.call import Call, listed_at
from stageline import bootstrap
from stageline.domain.errors import NotFound
from stageline.domain.scheme import DASH

if TYPE_CHECKING:
    from stageline.domain.account import Account
    from stageline.domain.activity import About

type List[Record] = Callable[[str | None, int], Iterator[tuple[str, Record]]]
"""A list of a port: after a place, with so many records expected to be read."""


def page[Record](
    call: Call, records: List[Record], show: Callable[[Record], dict[str, Any]]
) -> dict[str, Any]:
    """Return the page of the list at this address that the call asks for."""
    place = call.place()
    after = str(place[0]) if place else None
    return _page(call, records, show, after, call.query["limit"], None)


def first_page[Record](
    call: Call,
    records: List[Record],
    show: Callable[[Record], dict[str, Any]],
    limit: int,
    address: str,
) -> dict[str, Any]:
    """Return the first page of the list at another address, as a section of an answer."""
    return _page(call, records, show, None, limit, listed_at(address, []))


def _page[Record](
    call: Call,
    records: List[Record],
    show: Callable[[Record], dict[str, Any]],
    after: str | None,
    limit: int,
    listed: str | None,
) -> dict[str, Any]:
    found = list(islice(records(after, limit + 1), limit + 1))
    shown = found[:limit]
    following = call.cursor([shown[-1][0]], listed) if len(found) > limit else None
    return {"items": [show(record) for _, record in shown], "next_cursor": following}


def account_of(call: Call) -> "Account":
    """Return the account in the path. Raises NotFound."""
    return bootstrap.related(call.workspace).account(call.id_of("account"))


def check_subject(call: Call, about: "About", what: str) -> None:
    """Raise NotFound, of `what`, unless there is what the record is about."""
    related = bootstrap.related(call.workspace)
    try:
        if about.account_id is not None:
            related.account(about.account_id)
        elif about.deal_id is not None:
            related.deal(about.deal_id)
        else:
            related.contact(about.contact_ids[0])
    except NotFound as error:
        raise NotFound(what) from error


def owners_of(call: Call) -> Sequence[str] | None:
    """Return whose records are listed, as keyed hashes; None: everybody's."""
    sent = call.query["owner"]
    if sent is None:
        return None
    return [sent if sent == DASH else bootstrap.identities(call.workspace).owner(sent)]
