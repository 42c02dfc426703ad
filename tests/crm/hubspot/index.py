"""What search sees of one object type: each record as it was `lag` ago."""

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

_FEW = 200


class Version(NamedTuple):
    """A record's values at one time. A change makes a new one and leaves this as it was."""

    id: int
    created: int
    modified: int
    properties: dict[str, str]


class Index:
    def __init__(self, lag: int, ties_by_id: bool) -> None:
        self._lag = lag
        self._ties_by_id = ties_by_id
        self._waiting: deque[tuple[int, int, Version | None]] = deque()
        self.seen: dict[int, Version] = {}
        self._order: list[tuple[int, int, int]] = []
        self._added: list[tuple[int, int, int]] = []
        self._dropped: list[tuple[int, int, int]] = []
        self._ids: list[int] | None = None
        self.generation = 0

    def note(self, record_id: int, version: Version | None, now: int) -> None:
        """`version` is None once the record is archived, merged or gone."""
        if self._lag:
            self._waiting.append((now + self._lag, record_id, version))
        else:
            self._apply(record_id, version)

    def catch_up(self, now: int) -> None:
        while self._waiting and self._waiting[0][0] <= now:
            self._apply(*self._waiting.popleft()[1:])

    def tie(self, record_id: int) -> int:
        """The place among equals. No document promises one, so it is not that of the ids."""
        return record_id if self._ties_by_id else record_id * 2654435761 & 0xFFFFFFFF

    def key(self, version: Version) -> tuple[int, int, int]:
        return version.modified, self.tie(version.id), version.id

    def by_modified(self, lowest: int, highest: int) -> Sequence[int]:
        self._settle()
        first = bisect_left(self._order, (lowest, -1, -1))
        last = bisect_left(self._order, (highest + 1, -1, -1))
        return [record_id for _, _, record_id in self._order[first:last]]

    def by_id(self, lowest: int, highest: int) -> Sequence[int]:
        if self._ids is None:
            self._ids = sorted(self.seen)
        return self._ids[bisect_left(self._ids, lowest) : bisect_right(self._ids, highest)]

    def _apply(self, record_id: int, version: Version | None) -> None:
        before = self.seen.pop(record_id, None) if version is None else self.seen.get(record_id)
        if before is not None:
            self._dropped.append(self.key(before))
        if version is not None:
            self.seen[record_id] = version
            self._added.append(self.key(version))
        if (before is None) != (version is None):
            self._ids = None
        self.generation += 1

    def _settle(self) -> None:
        if len(self._added) + len(self._dropped) > _FEW:
            self._order = sorted(map(self.key, self.seen.values()))
        else:
            for key in self._added:
                insort(self._order, key)
            for key in self._dropped:
                del self._order[bisect_left(self._order, key)]
        self._added.clear()
        self._dropped.clear()
