"""What the in-memory stores share: conditional writes, all or none, and a stream of them.

Like the table: a write that changes nothing leaves no stream record, and a record's keys are those
of `adapters.dynamodb.keys`. `pause` is called before each call of a store takes effect, so that a
test can let others run, or end the caller, between any two.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import batched
from typing import Any, NamedTuple

from stageline.adapters.dynamodb.keys import Key
from stageline.domain.errors import Stale

type Pair = tuple[str, str]

# What lies in the place of an item that cannot be read.
UNREADABLE = "unreadable"
STREAMED = ("META", "DEAL#", "L#", "A#VALUE#", "TOUCH#", "LAST", "E#")


# As the value of a Put: only its condition counts.
CHECK = object()


class Put(NamedTuple):
    """Store `value` (None: remove it) if `condition` holds for what is stored (or None).

    With `update`, what that makes of what is stored is stored instead.
    """

    key: Key
    value: Any
    condition: Callable[[Any], bool] = lambda stored: True
    image: Callable[[Any], dict[str, Any]] | None = None
    update: Callable[[Any], Any] | None = None


class Memory:
    def __init__(self) -> None:
        self.items: dict[Pair, Any] = {}
        self.stream: list[dict[str, Any]] = []
        self.writes = 0
        self.pause: Callable[[], None] = lambda: None
        self._numbers = 0

    def get(self, key: Key) -> Any:
        self.pause()
        return _read(self.items.get(_pair(key)))

    def peek(self, key: Key) -> Any:
        return self.items.get(_pair(key))

    def query(self, partition: str, prefix: str = "") -> Iterator[Any]:
        """Yield what has such keys, in order; others may write between any two, as on AWS."""
        pairs = sorted(pair for pair in self.items if pair[0] == partition)
        for pair in pairs:
            if pair[1].startswith(prefix):
                self.pause()
                if pair in self.items:
                    yield _read(self.items[pair])

    def write(self, what: str, *puts: Put) -> None:
        """Do all of it or nothing. Raises Stale."""
        self.pause()
        if not all(put.condition(self.items.get(_pair(put.key))) for put in puts):
            raise Stale(what)
        for put in puts:
            self._put(put)

    def write_many(self, what: str, changes: Sequence[Sequence[Put]]) -> list[int]:
        """Do each change or nothing of it, a few together; return the indices of those not done."""
        left: list[int] = []
        for some in batched(enumerate(changes), 3, strict=False):
            try:
                self.write(what, *(put for _, change in some for put in change))
            except Stale:
                left += [index for index, _ in some]
        return left

    def taken(self) -> Sequence[dict[str, Any]]:
        """Return the stream's records so far, and forget them."""
        taken, self.stream = self.stream, []
        return taken

    def refresh(self) -> None:
        """Read `items` again, where they are kept elsewhere."""

    def _put(self, put: Put) -> None:
        pair = _pair(put.key)
        before = self.items.get(pair)
        if put.value is CHECK:
            return
        self.writes += 1
        if put.update is not None:
            put = put._replace(value=put.update(before))
        if before == put.value:
            return
        if put.value is None:
            del self.items[pair]
        else:
            self.items[pair] = put.value
        if pair[1].startswith(STREAMED):
            self.stream.append(self._record(pair, before, put))

    def _record(self, pair: Pair, before: Any, put: Put) -> dict[str, Any]:
        self._numbers += 1
        image = put.image or (lambda value: {})
        change: dict[str, Any] = {
            "Keys": {"PK": {"S": pair[0]}, "SK": {"S": pair[1]}},
            "SequenceNumber": str(self._numbers),
        }
        if before is not None:
            change["OldImage"] = image(before)
        if put.value is not None:
            change["NewImage"] = image(put.value)
        happened = "REMOVE" if put.value is None else "MODIFY" if before is not None else "INSERT"
        return {"eventID": str(self._numbers), "eventName": happened, "dynamodb": change}


def over(rev: int) -> Callable[[Any], bool]:
    """Return the condition that the stored revision is the one before `rev` (1: none is stored)."""
    return lambda stored: (stored.rev if stored is not None else 0) == rev - 1


def _read(value: Any) -> Any:
    if value == UNREADABLE:
        raise ValueError("somebody has changed this item by hand")
    return value


def _pair(key: Key) -> Pair:
    return key["PK"], key["SK"]
