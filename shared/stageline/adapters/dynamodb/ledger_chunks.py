"""A ledger as the items it is stored in: one, or for an account of very many deals several.

An item holds at most 400 KB. Each chunk names the revision that it was written with, all of them in
one transaction; a reader takes only chunks of the first one's revision, so leftovers of a longer
ledger are ignored, and a ledger caught in the middle of a write is read again.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.keys import ledger_key
from stageline.domain.chunks import from_chunks, in_chunks
from stageline.domain.errors import Stale
from stageline.domain.group import StoredLedger
from stageline.domain.ledger import Ledger
from stageline.domain.workspace import Workspace

# A deal takes 50 to 100 bytes; a transaction takes 4 MB: some 40,000 deals of one account.
MOST_DEALS_IN_A_CHUNK: Final = 2_000


def ledger_items(workspace: Workspace, stored: StoredLedger) -> list[Item]:
    chunks = list(in_chunks(stored.ledger, MOST_DEALS_IN_A_CHUNK))
    return [
        ledger_key(workspace, stored.root_id, chunk.account_id, f"{number:04d}" if number else "")
        | {
            "root_id": stored.root_id,
            "account_id": chunk.account_id,
            "ledger": json.dumps(chunk.to_data(), separators=(",", ":")),
            "live": stored.live,
            "rev": stored.rev,
            "chunks": len(chunks),
        }
        for number, chunk in enumerate(chunks)
    ]


def ledgers_from_items(items: Iterable[Item]) -> Iterator[StoredLedger]:
    """Yield the ledgers of items in the order of their keys. Raises Stale: read again."""
    for _, chunks in groupby(items, key=lambda item: item["account_id"]):
        yield _whole(list(chunks))


def _whole(items: list[Item]) -> StoredLedger:
    head = items[0]
    chunks = [
        Ledger.from_data(json.loads(item["ledger"])) for item in items if item["rev"] == head["rev"]
    ]
    if len(chunks) != head["chunks"]:
        raise Stale("ledger")
    return StoredLedger(head["root_id"], from_chunks(chunks), head["live"], head["rev"])
