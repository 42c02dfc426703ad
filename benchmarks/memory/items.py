"""Items by key and in order, each index beside them. Compact: a hundred thousand accounts fit."""

import marshal
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

type Item = dict[str, Any]
type Pair = tuple[str, str]
# Sort key of the index, then the item's own key.
type Place = tuple[str, str, str]

INDEXES = (1, 2, 3)
_LAST = "\U0010ffff"


class Items:
    def __init__(self) -> None:
        self._stored: dict[Pair, bytes] = {}
        self._sizes: dict[Pair, int] = {}
        self._sorts: dict[str, list[str]] = {}
        self._indexes: dict[int, dict[str, list[Place]]] = {number: {} for number in INDEXES}

    def __len__(self) -> int:
        return len(self._stored)

    def copy(self) -> "Items":
        """Return another one that changes on its own."""
        other = Items()
        other._stored, other._sizes = dict(self._stored), dict(self._sizes)
        other._sorts = {partition: list(sorts) for partition, sorts in self._sorts.items()}
        other._indexes = {
            number: {partition: list(places) for partition, places in index.items()}
            for number, index in self._indexes.items()
        }
        return other

    def get(self, pair: Pair) -> Item | None:
        stored = self._stored.get(pair)
        if stored is None:
            return None
        item: Item = marshal.loads(stored)
        return item

    def size(self, pair: Pair) -> int:
        """Return the bytes of an item, 0 when it is not there."""
        return self._sizes.get(pair, 0)

    def put(self, pair: Pair, before: Item | None, item: Item, size: int) -> None:
        """Store an item of so many bytes over what `get` returned."""
        if before is None:
            insort(self._sorts.setdefault(pair[0], []), pair[1])
        self._stored[pair] = marshal.dumps(item)
        self._sizes[pair] = size
        self._reindex(pair, before, item)

    def remove(self, pair: Pair, before: Item) -> None:
        del self._stored[pair], self._sizes[pair]
        sorts = self._sorts[pair[0]]
        del sorts[bisect_left(sorts, pair[1])]
        if not sorts:
            del self._sorts[pair[0]]
        self._reindex(pair, before, None)

    def all(self) -> Iterator[Pair]:
        """Yield every key, partition by partition in no order, as a scan does."""
        for partition, sorts in self._sorts.items():
            for sort in sorts:
                yield partition, sort

    def between(self, partition: str, low: str, high: str) -> Sequence[Pair]:
        """Return the keys of a partition from `low` to `high`, both inclusive."""
        sorts = self._sorts.get(partition, [])
        first, last = bisect_left(sorts, low), bisect_right(sorts, high)
        return [(partition, sort) for sort in sorts[first:last]]

    def between_in(self, index: int, partition: str, low: str, high: str) -> Sequence[Place]:
        """Return the places of an index's partition from `low` to `high`, both inclusive."""
        places = self._indexes[index].get(partition, [])
        first = bisect_left(places, (low, "", ""))
        last = bisect_right(places, (high, _LAST, _LAST))
        return places[first:last]

    def _reindex(self, pair: Pair, before: Item | None, after: Item | None) -> None:
        for number in INDEXES:
            left, entered = index_key(number, before), index_key(number, after)
            if left == entered:
                continue
            index = self._indexes[number]
            if left is not None:
                places = index[left[0]]
                del places[bisect_left(places, (left[1], *pair))]
                if not places:
                    del index[left[0]]
            if entered is not None:
                insort(index.setdefault(entered[0], []), (entered[1], *pair))


def index_key(number: int, item: Mapping[str, Any] | None) -> Pair | None:
    """Return where an item stands in an index, or None."""
    if item is None or f"GSI{number}PK" not in item:
        return None
    return item[f"GSI{number}PK"]["S"], item[f"GSI{number}SK"]["S"]
