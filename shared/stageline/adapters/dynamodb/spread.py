"""Records that lie in several items: the record itself, and what points to it from elsewhere."""

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import batched
from operator import itemgetter
from typing import TYPE_CHECKING

from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.record_keys import home_of
from stageline.adapters.dynamodb.table import Table, Write

if TYPE_CHECKING:
    from stageline.domain.audit import Kind

_END = "\U0010ffff"


def added(items: Sequence[Item]) -> list[Write]:
    """Put a new record where nothing lies yet."""
    return [Write("Put", item, "attribute_not_exists(PK)") for item in items]


def replaced(kind: "Kind", before: Sequence[Item], after: Sequence[Item]) -> list[Write]:
    """Put a record over what it was; the first of the items is the record, wherever it lies.

    Where it lay may lie afterwards what points to it, and the other way round.
    """
    home = _place(before[0])
    if _place(after[0]) != home:
        from stageline.adapters.dynamodb.audited_items import MOVED, moved_fields

        # Its records in the stream have one image each: neither tells the audit what has changed.
        moved = {**after[0], MOVED: moved_fields(kind, before[0], after[0])}
        after = [moved, *after[1:]]
    read = {":read": after[0]["rev"] - 1}
    old = {_place(item): item for item in before}
    new = {_place(item): item for item in after}
    writes = []
    for place, item in new.items():
        if place == home:
            writes.append(Write("Put", item, "rev = :read", values=read))
        elif item is after[0] and place not in old:
            writes.append(Write("Put", item, "attribute_not_exists(PK)"))
        elif item != old.get(place):
            writes.append(Write("Put", item))
    for place in old.keys() - new.keys():
        if place == home:
            writes.append(Write("Delete", old[place], "rev = :read", values=read))
        else:
            writes.append(Write("Delete", old[place]))
    return writes


def ranged(
    table: Table, partition: str, prefix: str, after: str | None, page: int, *, newest_first: bool
) -> Iterator[tuple[str, Item]]:
    """Yield `(place, item)` of a range, strongly consistent; the place is what follows `prefix`."""
    between = (prefix, f"{prefix}{_END}")
    if after is not None:
        place = f"{prefix}{after}"
        between = (prefix, place) if newest_first else (place, between[1])
    items = table.query(
        partition, between=between, forward=not newest_first, page_size=page, consistent=True
    )
    return _from_after(items, "SK", prefix, after)


def resolved(
    table: Table, found: Iterator[tuple[str, Item]], page: int
) -> Iterator[tuple[str, Item]]:
    """Yield what is found with the records themselves in place of what points to them.

    One that is moved in between is where it was no more, and left out.
    """
    for some in batched(found, page, strict=False):
        homes = [home for _, item in some if (home := home_of(item)) is not None]
        elsewhere = {item["id"]: item for item in table.batch_get(homes)}
        for place, item in some:
            whole = item if home_of(item) is None else elsewhere.get(item["id"])
            if whole is not None:
                yield place, whole


def merged(
    table: Table,
    index: int,
    partitions: Sequence[str],
    after: str | None,
    page: int,
    *,
    starts: Sequence[str] = ("",),
    end: str = _END,
) -> Iterator[tuple[str, Item]]:
    """Yield `(place, item)` of several partitions of an index in one order, lazily.

    The place is the sort key without that of `starts` that it begins with.
    """
    ways = [(partition, start) for partition in partitions for start in starts]
    # Evenly spread, each stream gives its share of the page; a lucky one is read on.
    page_size = page * 3 // (2 * max(len(ways), 1)) + 2
    streams = (
        _from_after(
            table.query(
                partition,
                index=index,
                between=(f"{start}{after or '\0'}", f"{start}{end}"),
                page_size=page_size,
            ),
            f"GSI{index}SK",
            start,
            after,
        )
        for partition, start in ways
    )
    return merge(*streams, key=itemgetter(0))


def merged_between(
    table: Table,
    index: int,
    partitions: Sequence[str],
    low: str | None,
    high: str | None,
    after: str | None,
    page: int,
    *,
    backwards: bool,
) -> Iterator[tuple[str, Item]]:
    """Yield `(place, item)` of a range of several partitions of an index, either way, lazily.

    `low` is included, and so is all that begins with `high`. The place is the sort key.
    """
    first, last = low or "\0", f"{high or ''}{_END}"
    if after is not None:
        first, last = (first, after) if backwards else (after, last)
    if first > last:
        return iter(())
    page_size = page * 3 // (2 * max(len(partitions), 1)) + 2
    streams = (
        _from_after(
            table.query(
                partition,
                index=index,
                between=(first, last),
                forward=not backwards,
                page_size=page_size,
            ),
            f"GSI{index}SK",
            "",
            after,
        )
        for partition in partitions
    )
    return merge(*streams, key=itemgetter(0), reverse=backwards)


def _from_after(
    items: Iterator[Item], name: str, prefix: str, after: str | None
) -> Iterator[tuple[str, Item]]:
    for item in items:
        place = str(item[name]).removeprefix(prefix)
        # Ranges include their ends: what the page before ended with.
        if place != after:
            yield place, item


def _place(item: Item) -> tuple[str, str]:
    return item["PK"], item["SK"]
