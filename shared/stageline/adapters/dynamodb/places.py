"""Records that lie where their subject is, found by an item that says where."""

from collections.abc import Iterable

from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.record_keys import home_of, place_key
from stageline.adapters.dynamodb.table import Table
from stageline.domain.errors import Stale
from stageline.domain.workspace import Workspace

_TRIES = 3


def find(table: Table, workspace: Workspace, record_id: str) -> Item | None:
    """Return the record's item. Raises Stale when it moves again and again."""
    for _ in range(_TRIES):
        place = table.get(place_key(workspace, record_id))
        home = home_of(place) if place else None
        if home is None:
            return None
        if (item := table.get(home)) is not None:
            return item
    raise Stale("record")


def find_many(table: Table, workspace: Workspace, record_ids: Iterable[str]) -> list[Item]:
    """Return the items of those of the records that are stored."""
    places = table.batch_get(place_key(workspace, record_id) for record_id in record_ids)
    return table.batch_get(home for place in places if (home := home_of(place)) is not None)
