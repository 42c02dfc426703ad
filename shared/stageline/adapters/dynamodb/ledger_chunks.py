"""A ledger as the items it is stored in: one, or for an account of very many deals several.

The first item holds the days in the group, and all deals or none; the others hold those whose ids
begin with the last part of their key. A reader takes parts of the first one's length (`digits`)
only: others are leftovers of a ledger that was cut anew, or written before the item that needs
them.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.keys import ledger_key
from stageline.domain.chunks import Parts
from stageline.domain.group import StoredLedger, StoredPart, assembled
from stageline.domain.ledger import Ledger
from stageline.domain.steps import ALWAYS
from stageline.domain.workspace import Workspace


def head_item(workspace: Workspace, stored: StoredLedger) -> Item:
    """Return the first item of a ledger: the only one, unless it has parts."""
    ledger = stored.ledger
    if stored.parts is not None:
        ledger = replace(stored.parts.ledgers[""], memberships=ledger.memberships)
    item: Item = ledger_key(workspace, stored.root_id, ledger.account_id) | {
        "root_id": stored.root_id,
        "account_id": ledger.account_id,
        "ledger": _text(ledger),
        "live": stored.live,
        "rev": stored.rev,
    }
    return item | ({"digits": stored.digits} if stored.parts else {})


def part_item(workspace: Workspace, root_id: str, part: StoredPart) -> Item:
    account_id = part.ledger.account_id
    return ledger_key(workspace, root_id, account_id, part.part) | {
        "root_id": root_id,
        "account_id": account_id,
        "ledger": _text(part.ledger),
        "part": part.part,
        "digits": part.digits,
        "rev": part.rev,
    }


def ledger_items(workspace: Workspace, stored: StoredLedger) -> list[Item]:
    """Return all items of a ledger. Its parts get its revision; they go on from there."""
    ledgers = stored.parts.ledgers if stored.parts else {}
    parts = (StoredPart(part, one, stored.digits, stored.rev) for part, one in ledgers.items())
    return [
        head_item(workspace, stored),
        *(part_item(workspace, stored.root_id, part) for part in parts if part.part),
    ]


def items_in_use(items: Sequence[Item]) -> list[Item]:
    """Return those of a ledger's items that its reader takes: no leftovers, no empty parts."""
    head, *parts = items
    ledger = head_from_item(head)
    bare = ledger.parts.ledgers[""] if ledger.parts else None
    found = ((part_from_item(item), item) for item in parts)
    taken = (item for part, item in found if part.digits == ledger.digits and part.ledger != bare)
    return [head, *taken]


def head_from_item(item: Item) -> StoredLedger:
    ledger = Ledger.from_data(json.loads(item["ledger"]))
    digits = item.get("digits", 0)
    bare = Parts(digits, {"": replace(ledger, memberships=ALWAYS)}) if digits else None
    return StoredLedger(item["root_id"], ledger, item["live"], item["rev"], bare)


def part_from_item(item: Item) -> StoredPart:
    ledger = Ledger.from_data(json.loads(item["ledger"]))
    return StoredPart(item["part"], ledger, item["digits"], item["rev"])


def ledgers_from_items(items: Iterable[Item]) -> Iterator[StoredLedger]:
    """Yield the ledgers of items in the order of their keys."""
    for _, group in groupby(items, key=lambda item: item["account_id"]):
        head, *parts = group
        # Parts are written before the item that makes a ledger of them.
        if "part" not in head:
            yield assembled(head_from_item(head), map(part_from_item, parts))


def _text(ledger: Ledger) -> str:
    return json.dumps(ledger.to_data(), separators=(",", ":"))
