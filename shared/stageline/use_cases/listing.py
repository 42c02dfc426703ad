"""Lists of accounts with their stages: filtered, sorted, in pages that never cost too much (S0.22).

Sorted by stage, name or since; rows of one stage stand in the order of their names. "-" sorts last
in both directions: while the workspace shows "-", every account does, and all sort by name.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from stageline.domain.errors import Invalid
from stageline.domain.group import Row
from stageline.domain.query import Query
from stageline.domain.scheme import Scheme
from stageline.domain.search import sort_name
from stageline.domain.tags import folded
from stageline.ports import Lists, Rows

type Sort = Literal["stage", "name", "since"]

MOST_MATCHES = 1_000
MOST_TAGGED = 1_000
MOST_EXAMINED = 1_000


class QueryTooBroad(Invalid):
    """More accounts match than a page may read; more letters find fewer."""

    code = "query_too_broad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What to list. `stages`: their keys, None for "-"; None altogether for every account.

    `account_id`: this account only, if it is stored.
    `holds`: conditions of which one must hold. `owners`: keyed hashes of addresses, or "-"; None
    for everybody's: whose records the caller sees, and asks for. `query` is the beginning of words,
    of domains, too, if `by_domain`. `tags`: all that an account has to have, as
    `domain.tags.folded` has them, with their keyed hashes. `dash`: the whole workspace shows "-".
    """

    stages: frozenset[str | None] | None = None
    holds: frozenset[str] = frozenset()
    sort: Sort = "stage"
    descending: bool = False
    account_id: str | None = None
    query: str | None = None
    owners: tuple[str, ...] | None = None
    by_domain: bool = True
    in_crm: bool | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    limit: int = 50
    dash: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: the rank (0 where rows of all ranks are mixed) and the key of a row."""

    rank: int
    key: str


@dataclass(frozen=True, slots=True)
class Page:
    """`following` is None after the last page. Pages before it may be short, or even empty."""

    rows: Sequence[Row]
    following: Position | None


def list_accounts(
    lists: Lists, rows: Rows, scheme: Scheme, criteria: Criteria, after: Position | None
) -> Page:
    """Return the rows that fit the criteria, following a position in their order.

    Raises Invalid for a query that is too short or that too many accounts match, and for an
    order that would need a scan.
    """
    if criteria.dash:
        if criteria.holds or not (criteria.stages is None or None in criteria.stages):
            return Page([], None)
        by_name = criteria.sort == "name"
        order = _Order("name", by_name and criteria.descending)
        ranks = [stage.rank for stage in scheme.stages.values()]
    else:
        order = _Order(criteria.sort, criteria.descending)
        wanted = scheme.stages.keys() if criteria.stages is None else criteria.stages
        ranks = [stage.rank for key, stage in scheme.stages.items() if key in wanted]
    if criteria.owners == ():
        return Page([], None)
    if criteria.account_id is not None:
        found = order.sorted(_rows_of(rows, scheme, [criteria.account_id]), ranks, after)
    elif criteria.query is not None:
        found = order.sorted(_matching(lists, rows, scheme, ranks, criteria), ranks, after)
    elif (tagged := _tagged(lists, criteria)) is not None:
        found = order.sorted(_rows_of(rows, scheme, tagged), ranks, after)
    elif criteria.owners is not None and order.sort == "since":
        owned = _owned(lists, scheme, ranks, criteria.owners)
        if owned is None:
            detail = f"over {MOST_MATCHES:,} accounts; sort by stage or name, or add q"
            raise Invalid("sort", "too_many_to_sort", detail)
        found = order.sorted(owned, ranks, after)
    else:
        found = order.read(lists, scheme, ranks, criteria, after)
    return _page(found, criteria)


@dataclass(frozen=True, slots=True)
class _Order:
    sort: Sort
    descending: bool

    def read(
        self,
        lists: Lists,
        scheme: Scheme,
        ranks: Sequence[int],
        criteria: Criteria,
        after: Position | None,
    ) -> Iterator[tuple[Position, Row]]:
        """Yield rows in this order from the indexes, lazily."""
        filters = criteria.holds or criteria.tags or criteria.in_crm is not None
        # One more than the page tells whether another page follows.
        page = MOST_EXAMINED // 4 if filters else criteria.limit + 1
        if self.sort != "stage":
            stream = lists.listed(
                scheme.key,
                ranks,
                sort=self.sort,
                descending=self.descending,
                owners=criteria.owners,
                after=after.key if after else None,
                page=page,
            )
            yield from ((Position(0, key), row) for key, row in stream)
            return
        for rank in sorted(ranks, reverse=self.descending):
            if after and (rank > after.rank if self.descending else rank < after.rank):
                continue
            within = lists.listed(
                scheme.key,
                [rank],
                sort="name",
                owners=criteria.owners,
                after=after.key if after and after.rank == rank else None,
                page=page,
            )
            yield from ((Position(rank, key), row) for key, row in within)

    def sorted(
        self, rows: Sequence[Row], ranks: Sequence[int], after: Position | None
    ) -> Iterator[tuple[Position, Row]]:
        """Yield rows of these ranks in this order, having all of them in memory."""
        placed = [(self._position(row), row) for row in rows if row.rank in ranks]
        placed.sort(key=lambda entry: self._key(entry[0]), reverse=self._backwards)
        for position, row in placed:
            if after is None or self._follows(position, after):
                yield position, row

    @property
    def _backwards(self) -> bool:
        # Within one stage names ascend, whichever way the stages go.
        return self.descending and self.sort != "stage"

    def _position(self, row: Row) -> Position:
        by = (row.since.isoformat() if row.since else "-") if self.sort == "since" else None
        rank = row.rank if self.sort == "stage" else 0
        return Position(rank, f"{by or sort_name(row.name)}#{row.account_id}")

    def _key(self, position: Position) -> tuple[int, str]:
        return (-position.rank if self.descending else position.rank, position.key)

    def _follows(self, position: Position, after: Position) -> bool:
        mine, other = self._key(position), self._key(after)
        return mine < other if self._backwards else mine > other


def _matching(
    lists: Lists, rows: Rows, scheme: Scheme, ranks: Sequence[int], criteria: Criteria
) -> Sequence[Row]:
    query = Query.parse(criteria.query or "")
    found = None
    if criteria.owners is not None:
        # Those of some owners are fewer than all that match, unless they own very many.
        found = _owned(lists, scheme, ranks, criteria.owners)
    if found is None:
        found = _found(lists, rows, scheme, query)
    return [
        row for row in found if query.matches(row.name, row.domain if criteria.by_domain else None)
    ]


def _found(lists: Lists, rows: Rows, scheme: Scheme, query: Query) -> Sequence[Row]:
    ids = lists.matching(query.prefix, MOST_MATCHES + 1)
    if len(ids) > MOST_MATCHES:
        detail = f"more than {MOST_MATCHES:,} accounts match; type more letters"
        raise QueryTooBroad("q", "query_too_broad", detail)
    return _rows_of(rows, scheme, ids)


def _tagged(lists: Lists, criteria: Criteria) -> Sequence[str] | None:
    """Return the accounts that have the rarest of the tags; None without a tag that few have."""
    found = [lists.tagged(hash_, MOST_TAGGED + 1) for hash_ in criteria.tags.values()]
    fewest = min(found, key=len, default=None)
    return None if fewest is None or len(fewest) > MOST_TAGGED else fewest


def _rows_of(rows: Rows, scheme: Scheme, ids: Sequence[str]) -> Sequence[Row]:
    # A deleted account leaves a row without a stage.
    return [row for row in rows.rows(ids, scheme.key).values() if row.stage is not None]


def _owned(
    lists: Lists, scheme: Scheme, ranks: Sequence[int], owners: Sequence[str]
) -> Sequence[Row] | None:
    """Return all rows of some owners, None if they are too many."""
    owned = lists.listed(scheme.key, ranks, sort="name", owners=owners, page=MOST_MATCHES + 1)
    rows = [row for _, row in islice(owned, MOST_MATCHES + 1)]
    return None if len(rows) > MOST_MATCHES else rows


def _page(found: Iterator[tuple[Position, Row]], criteria: Criteria) -> Page:
    rows: list[Row] = []
    last: Position | None = None
    for examined, (position, row) in enumerate(found):
        if len(rows) == criteria.limit or examined == MOST_EXAMINED:
            return Page(rows, last)
        last = position
        if _fits(row, criteria):
            rows.append(row)
    return Page(rows, None)


def _fits(row: Row, criteria: Criteria) -> bool:
    if criteria.in_crm is not None and row.in_crm != criteria.in_crm:
        return False
    if criteria.owners is not None and row.owner not in criteria.owners:
        return False
    if criteria.tags and not criteria.tags.keys() <= set(map(folded, row.tags)):
        return False
    return not criteria.holds or not criteria.holds.isdisjoint(row.holds)
