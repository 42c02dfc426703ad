"""The table as it lies, and what was published of it, in memory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from operator import eq
from typing import Any
from zlib import crc32

from stageline.adapters.dynamodb.codec import to_item
from stageline.adapters.dynamodb.inspection_items import items_of, place_of
from stageline.adapters.dynamodb.keys import (
    Key,
    account_partition,
    deal_key,
    event_key,
    event_partition,
    group_partition,
    locator_key,
    word_key,
)
from stageline.adapters.dynamodb.ledger_chunks import part_from_item
from stageline.adapters.dynamodb.row_items import event_item
from stageline.domain.drift import (
    Change,
    ChildrenCount,
    KeptEvent,
    Locator,
    PlacedVersion,
    SearchWord,
    Stored,
)
from stageline.domain.event_drift import EVENTS_KEPT
from stageline.domain.group import StageChanged, StoredLedger, StoredPart, Version
from stageline.domain.workspace import Workspace
from tests.fakes.groups import head_of, ledgers_of
from tests.fakes.memory import UNREADABLE, Memory, Pair, Put

type Raw = tuple[tuple[Pair, Any], ...]


class InMemoryInspection:
    def __init__(self, memory: Memory, workspace: Workspace) -> None:
        self._memory = memory
        self._workspace = workspace

    def item_count(self) -> int:
        return len(self._memory.items)

    def met(self, part: int, of: int) -> Iterator[Stored]:
        for partition in sorted({pair[0] for pair in self._memory.items}):
            if crc32(partition.encode()) % of == part:
                yield from self._partition(partition)

    def again(self, stored: Stored) -> Stored | None:
        pairs = {pair for pair, _ in stored.raw}
        partition = stored.raw[0][0][0]
        found = (one for one in self._partition(partition) if {p for p, _ in one.raw} & pairs)
        return next(found, None)

    def account(self, account_id: str) -> Sequence[Stored]:
        return self._partition(account_partition(self._workspace, account_id))

    def events(self, account_id: str) -> Sequence[Stored]:
        return self._partition(event_partition(self._workspace, account_id))

    def group(self, root_id: str) -> Sequence[Stored]:
        return self._partition(group_partition(self._workspace, root_id))

    def ledger(self, root_id: str, account_id: str) -> Stored | None:
        found = (one for one in self.group(root_id) if one.kind == "ledger")
        return next((one for one in found if one.name == account_id), None)

    def locators(self, record_ids: Iterable[str]) -> Mapping[str, Stored]:
        found = (self._at(locator_key(self._workspace, record_id)) for record_id in record_ids)
        return {one.owner: one for one in found if one}

    def words(self, words: Iterable[SearchWord]) -> Mapping[SearchWord, Stored]:
        found = {
            word: self._at(word_key(self._workspace, word.word, word.name, word.account_id))
            for word in words
        }
        return {word: one for word, one in found.items() if one}

    def deals_there(self, places: Mapping[str, str | None]) -> Mapping[str, Stored]:
        found = {
            deal_id: self._at(deal_key(self._workspace, account_id, deal_id))
            for deal_id, account_id in places.items()
        }
        return {deal_id: one for deal_id, one in found.items() if one}

    def write(self, changes: Sequence[Change]) -> None:
        self._memory.write("item", *(put for change in changes for put in self._puts(change)))

    def _puts(self, change: Change) -> Iterator[Put]:
        before: dict[Pair, Any] = dict(change.before.raw) if change.before else {}
        after = dict(self._kept(change.after))
        for pair in {*before, *after}:
            key = {"PK": pair[0], "SK": pair[1]}
            yield Put(key, after.get(pair), partial(eq, before.get(pair)), self._image)
            if isinstance(change.after, KeptEvent):
                yield Put(unsent_key(key), change.after.unsent or None)

    def _image(self, value: Any) -> dict[str, Any]:
        if isinstance(value, StageChanged):
            return to_item(event_item(self._workspace, value, EVENTS_KEPT))
        return {"live": {"BOOL": isinstance(value, StoredLedger) and value.live}}

    def _kept(self, content: Any) -> Iterator[tuple[Pair, Any]]:
        """Yield what the items that say this hold here, by their keys."""
        for item in items_of(self._workspace, content):
            match content:
                case StoredLedger() if "part" in item:
                    yield _key(item), part_from_item(item)
                case StoredLedger():
                    yield _key(item), head_of(content)
                case ChildrenCount(_, count, changes):
                    yield _key(item), (count, changes)
                case Locator(_, _, account_id):
                    yield _key(item), (account_id,)
                case PlacedVersion(_, _, version):
                    yield _key(item), version
                case KeptEvent(event, _):
                    yield _key(item), event
                case SearchWord(_, _, account_id):
                    yield _key(item), account_id
                case _:
                    yield _key(item), content

    def _partition(self, partition: str) -> Sequence[Stored]:
        pairs = sorted(pair for pair in self._memory.items if pair[0] == partition)
        found: list[Stored] = []
        for place, same in groupby(pairs, key=lambda pair: place_of(_as_key(pair))):
            if place is None:
                continue
            for together in [tuple(same)] if place[0] == "ledger" else ((pair,) for pair in same):
                self._memory.pause()
                found.append(self._stored(together))
        return found

    def _at(self, key: Key) -> Stored | None:
        self._memory.pause()
        pair = key["PK"], key["SK"]
        is_there = self._memory.peek(key) is not None and place_of(key) is not None
        return self._stored((pair,)) if is_there else None

    def _stored(self, pairs: Sequence[Pair]) -> Stored:
        """Return what these items say together; they are of one place."""
        raw = tuple((pair, self._memory.items.get(pair)) for pair in pairs)
        key = _as_key(pairs[0])
        place = place_of(key)
        assert place is not None
        kind, owner, name = place
        values: list[Any] = [value for _, value in raw]
        content: Any = None
        if UNREADABLE not in values and kind == "ledger":
            content = next(ledgers_of(values), None)
        elif UNREADABLE not in values:
            content = self._content(kind, owner, name, key, values[0])
        if content is None:
            ahead = all(isinstance(value, StoredPart) for value in values)
            return Stored(kind, owner, name, None, raw, exact=False, ahead=ahead)
        again = [pair for pair, _ in self._kept(content)]
        return Stored(kind, owner, name, content, raw, in_place=pairs[0] in again)

    def _content(self, kind: str, owner: str, name: str, key: Key, value: Any) -> Any:
        if kind == "children":
            return ChildrenCount(owner, *value)
        if kind == "locator":
            return Locator(owner, "account" if value == (owner,) else "deal", value[0])
        if kind == "word":
            word, by_name, _ = key["SK"].split("#")
            return SearchWord(word, by_name, value)
        if isinstance(value, Version):
            return PlacedVersion(owner, name.split("#")[0], value)
        if isinstance(value, StageChanged):
            return KeptEvent(value, self._memory.peek(unsent_key(key)) is True)
        return value


class InMemoryOutbox:
    def __init__(self, memory: Memory, workspace: Workspace) -> None:
        self._memory = memory
        self._workspace = workspace

    def mark_sent(self, events: Sequence[StageChanged]) -> None:
        for event in events:
            key = event_key(self._workspace, event.account_id, event.scheme, event.seq)
            if self._memory.get(unsent_key(key)):
                self._memory.write("event", Put(unsent_key(key), None))


def unsent_key(event: Key) -> Key:
    return {"PK": f"unsent#{event['PK']}", "SK": f"unsent#{event['SK']}"}


def _as_key(pair: Pair) -> Key:
    return {"PK": pair[0], "SK": pair[1]}


def _key(item: Mapping[str, Any]) -> Pair:
    return item["PK"], item["SK"]
