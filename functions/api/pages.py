"""Pages of lists whose records come with their places, and what they belong to."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from api.call import Call, listed_at
from stageline.domain.scheme import DASH

if TYPE_CHECKING:
    from stageline.domain.account import Account

type List[Record] = Callable[[str | None, int], Iterator[tuple[str, Record]]]
"""A list of a port: after a place, with so many records expected to be read."""


def page[Record](
    call: Call,
    records: List[Record],
    show: Callable[[Call, Record], dict[str, Any]],
    seen: Callable[[Call, Sequence[Record]], Sequence[Record]] | None = None,
) -> dict[str, Any]:
    """Return the page of the list at this address that the call asks for.

    `seen` leaves out what the caller does not see, where no index does.
    """
    place = call.place()
    after = str(place[0]) if place else None
    return _page(call, records, show, after, call.query["limit"], None, seen)


def first_page[Record](
    call: Call,
    records: List[Record],
    show: Callable[[Call, Record], dict[str, Any]],
    limit: int,
    address: str,
) -> dict[str, Any]:
    """Return the first page of the list at another address, as a section of an answer."""
    return _page(call, records, show, None, limit, listed_at(address, []))


def _page[Record](
    call: Call,
    records: List[Record],
    show: Callable[[Call, Record], dict[str, Any]],
    after: str | None,
    limit: int,
    listed: str | None,
    seen: Callable[[Call, Sequence[Record]], Sequence[Record]] | None = None,
) -> dict[str, Any]:
    found = list(islice(records(after, limit + 1), limit + 1))
    following = call.cursor([found[limit - 1][0]], listed) if len(found) > limit else None
    shown: Sequence[Record] = [record for _, record in found[:limit]]
    if seen is not None:
        shown = seen(call, shown)
    return {"items": [show(call, record) for record in shown], "next_cursor": following}


def account_of(call: Call) -> "Account":
    """Return the account in the path. Raises NotFound."""
    return call.rights.account(call.id_of("account"))


def owners_of(call: Call) -> Sequence[str] | None:
    """Return whose records are listed, as keyed hashes; None: everybody's.

    Of those whose records the caller sees, those they ask for. Raises FieldNotReadable.
    """
    sent, seen = call.query["owner"], call.rights.owners
    if sent is None:
        return None if seen is None else sorted(seen)
    if call.module is not None:
        call.rights.refuse_unreadable(call.module, ["owner_email"])
    asked = DASH if sent == DASH else call.rights.owner(sent)
    return [asked] if seen is None or asked in seen else []
