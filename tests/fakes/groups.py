"""Homes, ledgers, values and versions in memory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from stageline.adapters.dynamodb.group_items import instant_in_key
from stageline.adapters.dynamodb.keys import (
    LEDGER_PREFIX,
    group_partition,
    home_key,
    ledger_key,
    value_key,
    version_key,
    version_prefix,
)
from stageline.domain.group import Home, StoredLedger, Value, Version
from stageline.domain.workspace import Workspace
from tests.fakes.memory import Memory, Put, over


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

    def ledger(self, root_id: str, account_id: str) -> StoredLedger | None:
        key = ledger_key(self._workspace, root_id, account_id)
        ledger: StoredLedger | None = self._memory.get(key)
        return ledger

    def ledgers(self, root_id: str) -> Iterator[StoredLedger]:
        return self._memory.query(group_partition(self._workspace, root_id), LEDGER_PREFIX)

    def save_ledger(self, ledger: StoredLedger) -> None:
        put = self._over(ledger)
        is_over = put.condition
        live = put._replace(condition=lambda stored: is_over(stored) and stored.live)
        self._memory.write("ledger", live)

    def move(self, home: Home, ledgers: Sequence[StoredLedger]) -> None:
        place = Put(home_key(self._workspace, home.account_id), home, over(home.rev))
        self._memory.write("home", place, *map(self._over, ledgers))

    def value(self, root_id: str, scheme: str, *, consistent: bool = True) -> Value | None:
        value: Value | None = self._memory.get(value_key(self._workspace, root_id, scheme))
        return value

    def save_value(self, value: Value, version: Version | None) -> None:
        key = value_key(self._workspace, value.root_id, value.scheme)
        puts = [Put(key, value, over(value.rev), _value_image)]
        if version is not None:
            recorded_at = instant_in_key(version.recorded_at)
            puts.append(
                Put(
                    version_key(
                        self._workspace, value.root_id, value.scheme, recorded_at, version.rev
                    ),
                    version,
                )
            )
        self._memory.write("value", *puts)

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

    def _over(self, ledger: StoredLedger) -> Put:
        key = ledger_key(self._workspace, ledger.root_id, ledger.ledger.account_id)
        return Put(key, ledger, over(ledger.rev), _image)


def _image(ledger: StoredLedger) -> Mapping[str, Any]:
    return {"live": {"BOOL": ledger.live}}


def _value_image(value: Value) -> Mapping[str, Any]:
    return {"recorded_at": {"S": value.recorded_at.isoformat()}}
