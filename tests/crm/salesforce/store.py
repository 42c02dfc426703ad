"""The records: rows that are replaced and never changed, found by id, by stamp and by reference."""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache

from tests.crm.salesforce.fields import ObjectType, Row

LAST = "\x7f"


@lru_cache
def stamp(instant: datetime) -> str:
    """As the API writes instants. Equal lengths, so their order is the order of the texts."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def instant_of(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")


class Store:
    def __init__(self, types: dict[str, ObjectType]) -> None:
        self.types = types
        self._prefixes = {kind.prefix: kind for kind in types.values()}
        self._rows: dict[str, dict[str, Row]] = {name: {} for name in types}
        self._stamps: dict[str, list[tuple[str, str]]] = {name: [] for name in types}
        self._children: defaultdict[str, set[str]] = defaultdict(set)
        # What was there before each change, while somebody may want it back.
        self.journal: list[tuple[str, Row | None]] | None = None
        self._external: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)

    def type_of(self, record_id: str) -> ObjectType | None:
        return self._prefixes.get(record_id[:3])

    def find(self, record_id: str) -> Row | None:
        kind = self.type_of(record_id)
        return self._rows[kind.name].get(record_id) if kind else None

    def rows(self, name: str) -> dict[str, Row]:
        return self._rows[name]

    def window(self, name: str, low: str | None, high: str | None) -> list[tuple[str, str]]:
        """Stamps and ids from `low` to `high`, both included, in order."""
        stamps = self._stamps[name]
        start = bisect_left(stamps, (low, "")) if low else 0
        end = bisect_right(stamps, (high, LAST)) if high else len(stamps)
        return stamps[start:end]

    def children(self, record_id: str) -> list[str]:
        """Ids of the records that refer to this one; not those that it owns or created."""
        return sorted(self._children.get(record_id, ()))

    def by_external_id(self, name: str, field: str, value: object) -> list[str]:
        return sorted(self._external.get((name, field, str(value).casefold()), ()))

    def put(self, row: Row) -> None:
        record_id = row["Id"]
        old = self.find(record_id)
        if self.journal is not None:
            self.journal.append((record_id, old))
        if old:
            self.remove(record_id)
        kind = self.type_of(record_id)
        assert kind
        self._rows[kind.name][record_id] = row
        insort(self._stamps[kind.name], (row["SystemModstamp"], record_id))
        for key in self._keys(kind, row):
            self._external[key].add(record_id)
        for parent in self._parents(kind, row):
            self._children[parent].add(record_id)

    def remove(self, record_id: str) -> None:
        kind = self.type_of(record_id)
        old = self._rows[kind.name].pop(record_id, None) if kind else None
        if kind is None or old is None:
            return
        stamps = self._stamps[kind.name]
        del stamps[bisect_left(stamps, (old["SystemModstamp"], record_id))]
        for key in self._keys(kind, old):
            self._external[key].discard(record_id)
        for parent in self._parents(kind, old):
            self._children[parent].discard(record_id)

    def _keys(self, kind: ObjectType, row: Row) -> Iterator[tuple[str, str, str]]:
        for name in kind.keyed:
            if row.get(name) is not None:
                yield kind.name, name, str(row[name]).casefold()

    def _parents(self, kind: ObjectType, row: Row) -> Iterator[str]:
        for name in kind.parents:
            value = row.get(name)
            if value:
                yield value
