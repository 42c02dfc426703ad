"""List rows, search words, events and lists in memory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from stageline.adapters.dynamodb.codec import to_item
from stageline.adapters.dynamodb.keys import NONE, event_key, row_key, tag_partition
from stageline.adapters.dynamodb.row_items import event_item, word_items
from stageline.domain.deal import Deal
from stageline.domain.event_drift import EVENTS_KEPT
from stageline.domain.group import Row, StageChanged
from stageline.domain.search import sort_name
from stageline.domain.workspace import Workspace
from stageline.ports import RowChange
from tests.fakes.inspection import unsent_key
from tests.fakes.memory import Memory, Put


class InMemoryRows:
    def __init__(self, memory: Memory, workspace: Workspace) -> None:
        self._memory = memory
        self._workspace = workspace

    def row(self, account_id: str, scheme: str) -> Row | None:
        row: Row | None = self._memory.get(row_key(self._workspace, account_id, scheme))
        return row

    def rows(self, account_ids: Iterable[str], scheme: str) -> Mapping[str, Row]:
        found = {account_id: self.row(account_id, scheme) for account_id in account_ids}
        return {account_id: row for account_id, row in found.items() if row}

    def save(self, row: Row, before: Row | None, event: StageChanged | None) -> None:
        self._memory.write("row", *self._puts(row, before, event))

    def save_many(self, changes: Sequence[RowChange]) -> Sequence[int]:
        return self._memory.write_many("row", [self._puts(*change) for change in changes])

    def _puts(self, row: Row, before: Row | None, event: StageChanged | None) -> list[Put]:
        after = word_items(self._workspace, row)
        gone = word_items(self._workspace, before) if before else {}
        puts = [
            Put(
                row_key(self._workspace, row.account_id, row.scheme),
                row,
                lambda stored: stored == before,
            ),
            *(Put(item, None) for sort, item in gone.items() if sort not in after),
            *(Put(item, row.account_id) for sort, item in after.items() if sort not in gone),
        ]
        if event is not None:
            key = event_key(self._workspace, event.account_id, event.scheme, event.seq)
            puts.append(Put(key, event, image=self._image))
            puts.append(Put(unsent_key(key), True))
        return puts

    def _image(self, event: StageChanged) -> dict[str, Any]:
        return to_item(event_item(self._workspace, event, EVENTS_KEPT))


class InMemoryLists:
    def __init__(self, memory: Memory, workspace: Workspace) -> None:
        self._memory = memory
        self._workspace = workspace

    def listed(
        self,
        scheme: str,
        ranks: Iterable[int],
        *,
        sort: Literal["name", "since"],
        descending: bool = False,
        owners: Sequence[str] | None = None,
        after: str | None = None,
        page: int,
    ) -> Iterator[tuple[str, Row]]:
        wanted = set(ranks)
        found = sorted(
            (_sort_key(row, sort), row)
            for row in self._memory.items.values()
            if isinstance(row, Row)
            and row.stage is not None
            and row.scheme == scheme
            and row.rank in wanted
            and (owners is None or row.owner in owners)
        )
        if descending:
            found.reverse()
        for key, row in found:
            if after is None or (key < after if descending else key > after):
                yield key, row

    def matching(self, prefix: str, limit: int) -> Sequence[str]:
        partition = f"{self._workspace.id}#W#{prefix[:3]}"
        return list(dict.fromkeys(self._memory.query(partition, prefix)))[:limit]

    def tagged(self, tag: str, limit: int) -> Sequence[str]:
        return list(self._memory.query(tag_partition(self._workspace, tag)))[:limit]

    def deals(self, account_id: str, after: str | None, page: int) -> Iterator[Deal]:
        partition = f"{self._workspace.id}#A#{account_id}"
        deals: Iterator[Deal] = self._memory.query(partition, "DEAL#")
        return (deal for deal in deals if after is None or deal.deal_id > after)


def _sort_key(row: Row, sort: Literal["name", "since"]) -> str:
    by = sort_name(row.name) if sort == "name" else row.since.isoformat() if row.since else NONE
    return f"{by}#{row.account_id}"
