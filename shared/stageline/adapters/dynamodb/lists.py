"""What lists and searches read of DynamoDB: rows in order, words by their beginning, deals.

Rows lie in shards, and within them by rank; a list merges those streams lazily, page by page.
"""

from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import Literal

from stageline.adapters.dynamodb.deal_items import deal_from_item
from stageline.adapters.dynamodb.keys import (
    DEAL_PREFIX,
    SHARDS,
    account_partition,
    deal_key,
    row_sort,
    rows_by_name_partition,
    rows_by_since_partition,
    rows_of_owner_partition,
    tag_partition,
    word_partition,
)
from stageline.adapters.dynamodb.row_items import row_from_item
from stageline.adapters.dynamodb.table import Table
from stageline.domain.deal import Deal
from stageline.domain.group import Row
from stageline.domain.workspace import Workspace

_END = "\U0010ffff"


class DynamoDbLists:
    """The port `Lists`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
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
        index, partitions = self._partitions(scheme, sort, owners)
        places = [(partition, rank) for rank in ranks for partition in partitions]
        # Evenly spread, each stream gives its share of the page; a lucky one is read on.
        page_size = page * 3 // (2 * max(len(places), 1)) + 2
        streams = (
            self._stream(partition, index, rank, descending, after, page_size)
            for partition, rank in places
        )
        return merge(*streams, key=itemgetter(0), reverse=descending)

    def matching(self, prefix: str, limit: int) -> Sequence[str]:
        partition = word_partition(self._workspace, prefix)
        items = self._table.query(partition, prefix=prefix)
        # An account stands there once for each of its words that begin so.
        found: dict[str, None] = {}
        for item in items:
            found[str(item["SK"]).rpartition("#")[2]] = None
            if len(found) == limit:
                break
        return list(found)

    def tagged(self, tag: str, limit: int) -> Sequence[str]:
        items = self._table.query(tag_partition(self._workspace, tag), page_size=limit)
        return [str(item["id"]) for item in islice(items, limit)]

    def deals(self, account_id: str, after: str | None, page: int) -> Iterator[Deal]:
        low = DEAL_PREFIX if after is None else deal_key(self._workspace, account_id, after)["SK"]
        items = self._table.query(
            account_partition(self._workspace, account_id),
            between=(low, f"{DEAL_PREFIX}{_END}"),
            page_size=page,
            consistent=True,
        )
        # The range includes the deal that the page before ended with.
        return (deal_from_item(item) for item in items if item["id"] != after)

    def _partitions(
        self, scheme: str, sort: Literal["name", "since"], owners: Sequence[str] | None
    ) -> tuple[int, list[str]]:
        if owners is not None:
            return 3, [rows_of_owner_partition(self._workspace, one, scheme) for one in owners]
        if sort == "since":
            return 2, [rows_by_since_partition(self._workspace, scheme, s) for s in SHARDS]
        return 1, [rows_by_name_partition(self._workspace, scheme, s) for s in SHARDS]

    def _stream(
        self,
        partition: str,
        index: int,
        rank: int,
        descending: bool,
        after: str | None,
        page_size: int,
    ) -> Iterator[tuple[str, Row]]:
        start = _beginning(rank)
        between = (start, f"{start}{_END}")
        if after is not None:
            between = (start, f"{start}{after}") if descending else (f"{start}{after}", between[1])
        items = self._table.query(
            partition, index=index, between=between, forward=not descending, page_size=page_size
        )
        for item in items:
            key = str(item[f"GSI{index}SK"]).removeprefix(start)
            # Ranges include their ends: the row that the page before ended with.
            if key != after:
                yield key, row_from_item(item)


def _beginning(rank: int) -> str:
    """Return what the sort keys of all rows of a rank begin with."""
    return row_sort(rank, "", "").removesuffix("#")
