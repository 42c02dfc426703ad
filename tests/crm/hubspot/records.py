"""The records of one object type: live, archived, merged away, or gone."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping
from itertools import takewhile

from tests.crm.hubspot.index import Index, Version


class Records:
    def __init__(self, index: Index) -> None:
        self.index = index
        self.versions: dict[int, Version] = {}
        self.archived_at: dict[int, int] = {}
        self._live: list[int] = []
        self._archived: list[int] = []
        self._merged_into: dict[int, int] = {}

    def add(self, version: Version, now: int) -> None:
        if self._live and version.id < self._live[-1]:
            insort(self._live, version.id)
        else:
            self._live.append(version.id)
        self.versions[version.id] = version
        self.index.note(version.id, version, now)

    def change(
        self, record_id: int, properties: Mapping[str, str], modified: int, now: int
    ) -> Version:
        before = self.versions[record_id]
        after = before._replace(properties={**before.properties, **properties}, modified=modified)
        self.versions[record_id] = after
        if record_id not in self.archived_at:
            self.index.note(record_id, after, now)
        return after

    def survivor(self, record_id: int) -> int:
        """The record that answers for an id; merges may form chains."""
        while record_id in self._merged_into:
            record_id = self._merged_into[record_id]
        return record_id

    def find(self, record_id: int, archived: bool = False) -> Version | None:
        found = self.survivor(record_id)
        if (found in self.archived_at) != archived:
            return None
        return self.versions.get(found)

    def archive(self, record_id: int, now: int) -> None:
        if record_id not in self.archived_at:
            self.archived_at[record_id] = now
            _drop(self._live, record_id)
            insort(self._archived, record_id)
            self.index.note(record_id, None, now)

    def restore(self, record_id: int, now: int) -> None:
        del self.archived_at[record_id]
        _drop(self._archived, record_id)
        insort(self._live, record_id)
        self.index.note(record_id, self.versions[record_id], now)

    def merge(self, loser: int, winner: int, shown_as_archived: bool, now: int) -> None:
        if shown_as_archived:
            self.archive(loser, now)
        else:
            self.purge(loser, now)
        self._merged_into[loser] = winner

    def purge(self, record_id: int, now: int) -> None:
        """Nothing is left, and no id leads to it."""
        self.versions.pop(record_id, None)
        if self.archived_at.pop(record_id, None) is not None:
            _drop(self._archived, record_id)
        elif self.is_live(record_id):
            _drop(self._live, record_id)
            self.index.note(record_id, None, now)

    def purge_archived_before(self, instant: int) -> None:
        old = takewhile(lambda item: item[1] <= instant, self.archived_at.items())
        for record_id in [record_id for record_id, _ in old]:
            self.purge(record_id, instant)

    def page(self, after: int, limit: int, archived: bool) -> list[Version]:
        """The next records in the order of their ids."""
        ids = self._archived if archived else self._live
        first = bisect_right(ids, after)
        return [self.versions[each] for each in ids[first : first + limit]]

    def live(self) -> Iterator[Version]:
        return (self.versions[each] for each in self._live)

    def is_live(self, record_id: int) -> bool:
        at = bisect_left(self._live, record_id)
        return at < len(self._live) and self._live[at] == record_id


def _drop(ids: list[int], record_id: int) -> None:
    del ids[bisect_left(ids, record_id)]
