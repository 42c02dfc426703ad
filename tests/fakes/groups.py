"""Homes, ledgers, values and versions in memory."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from stageline.adapters.dynamodb.group_items import instant_in_key
from stageline.adapters.dynamodb.keys import (
    LEDGER_PREFIX,
    group_partition,
    home_key,
    ledger_key,
    ledger_prefix,
    value_key,
    version_key,
    version_prefix,
)
from stageline.domain.chunks import Parts
from stageline.domain.group import Home, StoredLedger, StoredPart, Value, Version, assembled
from stageline.domain.workspace import Workspace
from stageline.ports import LedgerChange
from tests.fakes.memory import CHECK, Memory, Put, over

type Image = Callable[[Any], dict[str, Any]]


class InMemoryGroups:
    def __init__(self, memory: Memory, workspace: Workspace) -> None:
        self._memory = memory
        self._workspace = workspace

    def home(self, account_id: str) -> Home | None:
        home: Home | None = self._memory.get(home_key(self._workspace, account_id))
        return home

    def homes(self, account_ids: Iterable[str]) -> Mapping[str, Home]:
        found = {account_id: self.home(account_id) for account_id in account_ids}
        return {account_id: home for account_id, home in found.items() if home}

    def head(self, root_id: str, account_id: str) -> StoredLedger | None:
        key = ledger_key(self._workspace, root_id, account_id)
        head: StoredLedger | None = self._memory.get(key)
        return head

    def heads(self, places: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], StoredLedger]:
        found = {place: self.head(*place) for place in places}
        return {place: head for place, head in found.items() if head}

    def part(self, root_id: str, account_id: str, part: str) -> StoredPart | None:
        key = ledger_key(self._workspace, root_id, account_id, part)
        found: StoredPart | None = self._memory.get(key)
        return found

    def ledger(self, root_id: str, account_id: str) -> StoredLedger | None:
        return next(self._assembled(root_id, ledger_prefix(account_id)), None)

    def ledgers(self, root_id: str) -> Iterator[StoredLedger]:
        return self._assembled(root_id, LEDGER_PREFIX)

    def save_ledger(self, ledger: StoredLedger) -> None:
        self._store_parts(ledger)
        self._memory.write("ledger", self._while_live(self._head(ledger)))

    def save_part(self, ledger: StoredLedger, part: StoredPart) -> None:
        key = ledger_key(self._workspace, ledger.root_id, ledger.ledger.account_id)
        fence = Put(key, CHECK, lambda stored: stored.live and stored.digits == ledger.digits)
        self._memory.write("ledger", self._part(ledger, part), fence)

    def move(self, home: Home, ledgers: Sequence[StoredLedger]) -> None:
        place = Put(home_key(self._workspace, home.account_id), home, over(home.rev))
        for ledger in ledgers:
            self._store_parts(ledger)
        self._memory.write("home", place, *map(self._head, ledgers))

    def save_many(self, changes: Sequence[LedgerChange], *, in_job: bool) -> Sequence[int]:
        puts = [_marked(self._puts_of(change), in_job) for change in changes]
        return self._memory.write_many("home", puts)

    def valued(self, root_id: str, scheme: str) -> tuple[Value | None, tuple[StoredLedger, ...]]:
        value = self.value(root_id, scheme)
        return value, tuple(self.ledgers(root_id))

    def values(self, root_ids: Iterable[str], scheme: str) -> Mapping[str, Value]:
        found = {root_id: self.value(root_id, scheme) for root_id in root_ids}
        return {root_id: value for root_id, value in found.items() if value}

    def value(self, root_id: str, scheme: str, *, consistent: bool = True) -> Value | None:
        value: Value | None = self._memory.get(value_key(self._workspace, root_id, scheme))
        return value

    def save_value(self, value: Value, version: Version | None) -> None:
        self._memory.write("value", *self._value_puts(value, version))

    def save_values(
        self, values: Sequence[tuple[Value, Version | None]], *, in_job: bool
    ) -> Sequence[int]:
        puts = [_marked(self._value_puts(*value), in_job) for value in values]
        return self._memory.write_many("value", puts)

    def versions(
        self, root_id: str, scheme: str, until: datetime | None = None
    ) -> Iterator[Version]:
        found = self._memory.query(
            group_partition(self._workspace, root_id), version_prefix(scheme)
        )
        return (v for v in found if until is None or v.recorded_at <= until)

    def due(self, through: date) -> Iterator[tuple[str, str]]:
        values = [item for item in self._memory.items.values() if isinstance(item, Value)]
        for value in sorted(values, key=lambda value: (value.root_id, value.scheme)):
            if value.due_on is not None and value.due_on <= through:
                self._memory.pause()
                yield value.root_id, value.scheme

    def _assembled(self, root_id: str, prefix: str) -> Iterator[StoredLedger]:
        found = list(self._memory.query(group_partition(self._workspace, root_id), prefix))
        return ledgers_of(found)

    def _puts_of(self, change: LedgerChange) -> list[Put]:
        home, ledgers = change
        puts = [self._head(ledger) for ledger in ledgers]
        if home is None:
            return [self._while_live(put) for put in puts]
        return [Put(home_key(self._workspace, home.account_id), home, over(home.rev)), *puts]

    def _while_live(self, put: Put) -> Put:
        is_over = put.condition
        return put._replace(condition=lambda stored: is_over(stored) and stored.live)

    def _value_puts(self, value: Value, version: Version | None) -> list[Put]:
        key = value_key(self._workspace, value.root_id, value.scheme)
        puts = [Put(key, value, over(value.rev))]
        if version is not None:
            recorded_at = instant_in_key(version.recorded_at)
            key = version_key(
                self._workspace, value.root_id, value.scheme, recorded_at, version.rev
            )
            puts.append(Put(key, version))
        return puts

    def _head(self, ledger: StoredLedger) -> Put:
        key = ledger_key(self._workspace, ledger.root_id, ledger.ledger.account_id)
        return Put(key, head_of(ledger), over(ledger.rev), _image)

    def _part(self, ledger: StoredLedger, part: StoredPart) -> Put:
        account_id = ledger.ledger.account_id
        key = ledger_key(self._workspace, ledger.root_id, account_id, part.part)
        return Put(key, part, over(part.rev))

    def _store_parts(self, ledger: StoredLedger) -> None:
        """Store the parts that differ, one by one, while the head is as it was read."""
        if ledger.parts is None:
            return
        root_id, account_id = ledger.root_id, ledger.ledger.account_id
        head = ledger_key(self._workspace, root_id, account_id)
        partition = group_partition(self._workspace, root_id)
        found = self._memory.query(partition, ledger_prefix(account_id))
        stored = {one.part: one for one in found if isinstance(one, StoredPart)}
        emptied = {part for part, one in stored.items() if one.digits == ledger.digits}
        contents = dict.fromkeys(emptied, ledger.parts.ledgers[""]) | dict(ledger.parts.ledgers)
        for part, content in contents.items():
            before = stored.get(part)
            rev = before.rev + 1 if before else 1
            after = StoredPart(part, content, ledger.digits, rev)
            if part and (before is None or replace(before, rev=rev) != after):
                put = self._part(ledger, after)
                fence = Put(head, CHECK, over(ledger.rev))
                self._memory.write("ledger", put, fence)


def head_of(ledger: StoredLedger) -> StoredLedger:
    """Return what the first item of a ledger holds."""
    if ledger.parts is None:
        return ledger
    bare = replace(ledger.parts.ledgers[""], memberships=ledger.ledger.memberships)
    return replace(ledger, ledger=bare, parts=Parts(ledger.digits, {"": ledger.parts.ledgers[""]}))


def ledgers_of(items: Iterable[StoredLedger | StoredPart]) -> Iterator[StoredLedger]:
    """Yield the ledgers of items in the order of their keys."""
    for _, group in groupby(items, key=lambda item: item.ledger.account_id):
        head, *parts = group
        if isinstance(head, StoredLedger):
            yield assembled(head, [part for part in parts if isinstance(part, StoredPart)])


def _marked(puts: Sequence[Put], in_job: bool) -> list[Put]:
    if not in_job:
        return list(puts)

    def marked(image: Image | None) -> Image:
        return lambda value: (image(value) if image else {}) | {"in_job": {"BOOL": True}}

    return [put._replace(image=marked(put.image)) for put in puts]


def _image(ledger: StoredLedger) -> dict[str, Any]:
    return {"live": {"BOOL": ledger.live}}
