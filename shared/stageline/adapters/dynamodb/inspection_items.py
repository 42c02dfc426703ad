"""Records and derived items of every kind, as verification looks at them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from stageline.adapters.dynamodb.account_items import account_from_item, account_item
from stageline.adapters.dynamodb.codec import Item, to_item
from stageline.adapters.dynamodb.deal_items import deal_from_item, deal_item
from stageline.adapters.dynamodb.group_items import (
    home_from_item,
    home_item,
    value_from_item,
    value_item,
    version_from_item,
    version_item,
)
from stageline.adapters.dynamodb.keys import (
    children_count_key,
    locator_key,
    read_partition,
    word_key,
)
from stageline.adapters.dynamodb.ledger_chunks import (
    items_in_use,
    ledger_items,
    ledgers_from_items,
)
from stageline.adapters.dynamodb.row_items import (
    event_from_item,
    event_item,
    row_from_item,
    row_item,
)
from stageline.domain.account import Account
from stageline.domain.deal import Deal
from stageline.domain.drift import (
    ChildrenCount,
    ItemKind,
    KeptEvent,
    Locator,
    PlacedVersion,
    SearchWord,
    Stored,
)
from stageline.domain.errors import Stale
from stageline.domain.event_drift import EVENTS_KEPT
from stageline.domain.group import Home, Row, StoredLedger, Value
from stageline.domain.workspace import Workspace

type Place = tuple[ItemKind, str, str]

# What reading an item raises that somebody has changed by hand.
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, Stale, TypeError, ValueError)
_INDEXES = tuple(f"GSI{number}{part}" for number in (1, 2, 3) for part in ("PK", "SK"))
_OWN: Mapping[str, ItemKind] = {"META": "account", "CHILDREN": "children", "HOME": "home"}


def stored_from_items(workspace: Workspace, items: Iterable[Item]) -> Iterator[Stored]:
    """Yield what these items of one partition say, ledgers whole; other items are passed over."""
    for place, found in groupby(items, key=place_of):
        if place is None:
            continue
        for together in [tuple(found)] if place[0] == "ledger" else ((item,) for item in found):
            yield _stored(workspace, place, together)


def place_of(item: Item) -> Place | None:
    """Return kind, owner and name of what lies under such a key; None for what is not inspected.

    What somebody has copied begins as the original does. A key of a form that nothing here has is
    left alone: it may belong to what is built next.
    """
    sort: str = item["SK"]
    _, _, rest_of_key = str(item["PK"]).partition("#")
    partition, _, owner = rest_of_key.partition("#")
    head, _, rest = sort.partition("#")
    match partition, head:
        case "A" | "U", "DEAL":
            return "deal", owner if partition == "A" else "", rest
        case "A", "ROW":
            return "row", owner, rest
        case "G", "A":
            return "value", owner, rest.removeprefix("VALUE#")
        case "G", "L":
            return "ledger", owner, rest.partition("#")[0]
        case "G", "V":
            return "version", owner, rest
        case "R", _ if head.startswith("REF"):
            return "locator", owner, sort.removeprefix("REF")
        case "O", "E":
            return "event", owner, rest
        case "W", _:
            # In another partition than its first letters say it is the word of no row.
            name = sort if sort.startswith(owner) else f"{owner}#{sort}"
            return "word", sort.rpartition("#")[2], name
        case "A", _:
            found = (name for name in _OWN if head.startswith(name))
            return next(((_OWN[name], owner, sort.removeprefix(name)) for name in found), None)
    return None


def items_of(workspace: Workspace, content: Any) -> list[Item]:
    """Return the items that say this; none for what is stored as nothing."""
    match content:
        case None:
            return []
        case Account():
            return [account_item(workspace, content)]
        case ChildrenCount(account_id, count, changes):
            key = children_count_key(workspace, account_id)
            return [key | {"count": count, "changes": changes}]
        case Home():
            return [home_item(workspace, content)]
        case Deal():
            return [deal_item(workspace, content)]
        case Row():
            return [row_item(workspace, content)]
        case Value():
            return [value_item(workspace, content)]
        case StoredLedger():
            items: list[Item] = ledger_items(workspace, content)
            return items
        case PlacedVersion(root_id, scheme, version):
            return [version_item(workspace, root_id, scheme, version)]
        case Locator():
            return [_locator_item(workspace, content)]
        case KeptEvent(event, unsent):
            return [event_item(workspace, event, EVENTS_KEPT, unsent=unsent)]
        case SearchWord(word, name, account_id):
            return [word_key(workspace, word, name, account_id) | {"id": account_id}]
        case _:
            raise TypeError(f"{type(content).__name__} is not stored by verification")


def _stored(workspace: Workspace, place: Place, items: Sequence[Item]) -> Stored:
    kind, owner, name = place
    if all("part" in item for item in items):
        return Stored(kind, owner, name, None, items, exact=False, ahead=True)
    try:
        content = _READERS[kind](items)
        again = {(item["PK"], item["SK"]): item for item in items_of(workspace, content)}
        used = items_in_use(items) if kind == "ledger" else items
    except _UNREADABLE:
        return Stored(kind, owner, name, None, items, exact=False)
    there = {(item["PK"], item["SK"]): item for item in used}
    is_exact = there.keys() == again.keys() and all(_says(there[key], again[key]) for key in again)
    is_in_place = (items[0]["PK"], items[0]["SK"]) in again
    return Stored(kind, owner, name, content, items, is_in_place, is_exact)


def _says(item: Item, again: Item) -> bool:
    """Tell whether an item says what is always written so, and stands in no other index."""
    if any(name in item and name not in again for name in _INDEXES):
        return False
    there = {name: item.get(name) for name in again}
    if "part" in again:
        # A part has a revision of its own.
        there["rev"] = again["rev"]
    return to_item(there) == to_item(again)


def _ledger(items: Sequence[Item]) -> StoredLedger:
    (ledger,) = ledgers_from_items(items)
    return ledger


def _version(item: Item) -> PlacedVersion:
    _, _, root_id = read_partition(item["PK"])
    return PlacedVersion(root_id, item["SK"].split("#")[1], version_from_item(item))


def _locator(item: Item) -> Locator:
    return Locator(item["id"], item["kind"], item.get("account_id"))


def _locator_item(workspace: Workspace, locator: Locator) -> Item:
    item: Item = locator_key(workspace, locator.record_id) | {
        "id": locator.record_id,
        "kind": locator.kind,
        "account_id": locator.account_id,
    }
    return {name: value for name, value in item.items() if value is not None}


def _children(item: Item) -> ChildrenCount:
    return ChildrenCount(
        read_partition(item["PK"])[2], int(item["count"]), int(item.get("changes", 0))
    )


def _word(item: Item) -> SearchWord:
    word, name, _ = item["SK"].split("#")
    return SearchWord(word, name, item["id"])


_READERS: Mapping[ItemKind, Callable[[Sequence[Item]], Any]] = {
    "account": lambda items: account_from_item(items[0]),
    "children": lambda items: _children(items[0]),
    "home": lambda items: home_from_item(items[0]),
    "deal": lambda items: deal_from_item(items[0]),
    "row": lambda items: row_from_item(items[0]),
    "value": lambda items: value_from_item(items[0]),
    "ledger": _ledger,
    "version": lambda items: _version(items[0]),
    "locator": lambda items: _locator(items[0]),
    "event": lambda items: KeptEvent(event_from_item(items[0]), items[0].get("unsent", False)),
    "word": lambda items: _word(items[0]),
}
