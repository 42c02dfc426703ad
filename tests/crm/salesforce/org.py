"""An org and its records: what happens to them, whoever asks for it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from tests.crm.clock import Clock
from tests.crm.salesforce import ids, schema
from tests.crm.salesforce.errors import Refusal, entity_is_deleted, not_found
from tests.crm.salesforce.fields import Field, ObjectType, Row
from tests.crm.salesforce.store import Store, stamp

BIN_KEEPS = timedelta(days=15)
# A deleted parent takes these along; other children only lose the reference.
TAKEN_ALONG = {
    "Account": ("Contact", "Opportunity", "Task", "Event"),
    "Contact": ("OpportunityContactRole",),
    "Opportunity": ("Task", "Event", "OpportunityContactRole"),
}


class Org:
    def __init__(
        self,
        clock: Clock,
        *,
        multi_currency: bool,
        deletion_moves_modstamp: bool,
        reparenting_moves_modstamp: bool,
    ) -> None:
        self.clock = clock
        self.currency = "EUR" if multi_currency else None
        self.store = Store(schema.objects(multi_currency=multi_currency))
        self.created = clock.now()
        self.last_purge: dict[str, datetime] = {}
        self._deletion_moves = deletion_moves_modstamp
        self._reparenting_moves = reparenting_moves_modstamp
        self._numbers = count(1)
        self._bin: dict[str, datetime] = {}
        self._taken: dict[str, list[tuple[str, str]]] = {}
        self.user = ids.make_id("005", next(self._numbers))
        self.add("User", {"Id": self.user, "LastName": "Integration", "Username": "sync@acme.test"})
        for order, (name, chance, closed, won) in enumerate(schema.STAGES, 1):
            stage = {"MasterLabel": name, "ApiName": name, "SortOrder": order}
            outcome = {"DefaultProbability": chance, "IsClosed": closed, "IsWon": won}
            self.add("OpportunityStage", stage | outcome)

    @property
    def types(self) -> dict[str, ObjectType]:
        return self.store.types

    def add(self, name: str, values: Mapping[str, Any]) -> str:
        """System fields may be given too. Values are taken as they are; the API checks its own."""
        kind = self.types[name]
        self._known(kind, values)
        now = stamp(self.clock.now())
        record_id = values.get("Id") or ids.make_id(kind.prefix, next(self._numbers))
        row = dict(kind.defaults)
        row |= dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), now)
        row |= dict.fromkeys(("CreatedById", "LastModifiedById"), self.user)
        row["Id"] = record_id
        if "OwnerId" in row:
            row["OwnerId"] = self.user
        if "CurrencyIsoCode" in row:
            row["CurrencyIsoCode"] = self.currency
        row |= self._follow(kind, row, values)
        row |= values
        self.store.put(row)
        return str(record_id)

    def update(self, record_id: str, values: Mapping[str, Any]) -> None:
        row = self.live(record_id)
        kind = self._kind(record_id)
        self._known(kind, values)
        now = stamp(self.clock.now())
        moved = {"LastModifiedDate": now, "LastModifiedById": self.user, "SystemModstamp": now}
        self.store.put(row | moved | self._follow(kind, row, values) | dict(values))

    def touch(self, record_id: str) -> None:
        """A process of the system changes something that no field shows."""
        self.store.put(self.live(record_id) | {"SystemModstamp": stamp(self.clock.now())})

    def delete(self, record_id: str) -> None:
        row = self.live(record_id)
        name = self._kind(record_id).name
        self._taken[record_id] = []
        for child in self.store.children(record_id):
            child_row = self.store.find(child)
            if child_row is None or child_row.get("IsDeleted"):
                continue
            child_name = self._kind(child).name
            if child_name in TAKEN_ALONG.get(name, ()):
                self.delete(child)
                self._taken[record_id].append((child, "IsDeleted"))
            else:
                self._taken[record_id] += self._let_go(child_row, record_id)
        self._throw_away(row, {})

    def undelete(self, record_id: str) -> None:
        """Brings back what was taken along; what a merge has moved stays where it is."""
        if record_id not in self._bin:
            raise Refusal(400, "UNDELETE_FAILED", "Entity is not in the recycle bin")
        row = self.store.find(record_id)
        assert row
        del self._bin[record_id]
        back: Row = {"IsDeleted": False, "SystemModstamp": stamp(self.clock.now())}
        if "MasterRecordId" in row:
            back["MasterRecordId"] = None
        self.store.put(row | back)
        for child, field in self._taken.pop(record_id, []):
            child_row = self.store.find(child)
            if field == "IsDeleted" and child in self._bin:
                self.undelete(child)
            elif child_row and child_row.get(field) is None:
                self.store.put(child_row | {field: record_id})

    def merge(self, winner: str, *losers: str, values: Mapping[str, Any] | None = None) -> None:
        """Up to three records become one: losers are deleted, and their children move."""
        kind = self._kind(winner)
        if not kind.mergeable or not 1 <= len(losers) <= 2:
            raise Refusal(400, "INVALID_OPERATION", "one or two accounts or contacts are merged")
        for loser in losers:
            row = self.live(loser)
            for child in self.store.children(loser):
                child_row = self.store.find(child)
                if child_row and not child_row.get("IsDeleted"):
                    self._move(child_row, loser, winner)
            self._throw_away(row, {"MasterRecordId": winner})
        self.update(winner, values or {})

    def purge(self, record_id: str) -> None:
        """Gone for good, and from every list of deletions."""
        self.store.remove(record_id)
        self._bin.pop(record_id, None)
        self._taken.pop(record_id, None)
        self.last_purge[self._kind(record_id).name] = self.clock.now()

    def empty_bin(self) -> None:
        """What has lain in the recycle bin for 15 days is gone."""
        now = self.clock.now()
        for record_id, deleted in list(self._bin.items()):
            if now - deleted < BIN_KEEPS:
                break
            self.purge(record_id)

    def kept(self, work: Callable[[], bool]) -> bool:
        """Undoes what `work` has stored unless it says to keep it."""
        bin, taken = dict(self._bin), dict(self._taken)
        self.store.journal = []
        keep = work()
        journal, self.store.journal = self.store.journal, None
        if not keep:
            self._bin, self._taken = bin, taken
            for record_id, row in reversed(journal):
                if row is None:
                    self.store.remove(record_id)
                else:
                    self.store.put(row)
        return keep

    def deletions(self, name: str) -> list[tuple[str, datetime]]:
        prefix = self.types[name].prefix
        return [(key, at) for key, at in self._bin.items() if key.startswith(prefix)]

    def live(self, record_id: str) -> Row:
        row = self.store.find(record_id)
        if row is None:
            raise not_found(
                f"Provided external ID field does not exist or is not accessible: {record_id}"
            )
        if row.get("IsDeleted"):
            raise entity_is_deleted()
        return row

    def add_field(
        self,
        name: str,
        field: str,
        type: str = "string",
        *,
        external_id: bool = False,
        unique: bool = False,
        formula: Callable[[Row], Any] | None = None,
        refers: str | None = None,
    ) -> None:
        """A custom field. A formula is worked out when it is read and moves nothing."""
        assert field.endswith("__c"), "custom fields end in __c"
        self.types[name].add(
            Field(
                field,
                type,
                refers=(refers,) if refers else (),
                external_id=external_id,
                unique=unique,
                writable=formula is None,
                derived=formula,
            )
        )

    def _kind(self, record_id: str) -> ObjectType:
        kind = self.store.type_of(record_id)
        assert kind, record_id
        return kind

    def _known(self, kind: ObjectType, values: Mapping[str, Any]) -> None:
        unknown = [name for name in values if name not in kind.fields]
        assert not unknown, f"{kind.name} has no {unknown}"

    def _throw_away(self, row: Row, values: Row) -> None:
        now = self.clock.now()
        gone: Row = {"IsDeleted": True, "LastModifiedDate": stamp(now)}
        if self._deletion_moves:
            gone["SystemModstamp"] = stamp(now)
        self.store.put(row | gone | values)
        self._bin[row["Id"]] = now

    def _let_go(self, row: Row, parent: str) -> list[tuple[str, str]]:
        held = [name for name, value in row.items() if value == parent]
        self.store.put(row | dict.fromkeys(held) | self._moved())
        return [(row["Id"], name) for name in held]

    def _move(self, row: Row, loser: str, winner: str) -> None:
        held = [name for name, value in row.items() if value == loser and name != "MasterRecordId"]
        # A winner below the loser does not become its own parent.
        target = None if row["Id"] == winner else winner
        self.store.put(row | dict.fromkeys(held, target) | self._moved())

    def _moved(self) -> Row:
        return {"SystemModstamp": stamp(self.clock.now())} if self._reparenting_moves else {}

    def _follow(self, kind: ObjectType, row: Row, values: Mapping[str, Any]) -> Row:
        """What the org works out from what is written."""
        now = stamp(self.clock.now())
        if (
            kind.name == "Opportunity"
            and values.get("StageName", row["StageName"]) != (row["StageName"])
        ):
            stages = self.store.rows("OpportunityStage").values()
            stage: Row = next((one for one in stages if one["ApiName"] == values["StageName"]), {})
            return {
                "IsClosed": stage.get("IsClosed", False),
                "IsWon": stage.get("IsWon", False),
                "Probability": stage.get("DefaultProbability", row["Probability"]),
                "LastStageChangeDate": now,
            }
        if kind.name == "Task" and "Status" in values:
            closed = values["Status"] == "Completed"
            done = {"IsClosed": closed, "CompletedDateTime": now if closed else None}
            return done | self._account_of(values)
        if kind.name in ("Task", "Event"):
            return self._account_of(values)
        return {}

    def _account_of(self, values: Mapping[str, Any]) -> Row:
        """An activity's account: what it is about, the deal's, or the contact's."""
        for name in ("WhatId", "WhoId"):
            about = values.get(name)
            row = self.store.find(about) if about else None
            if about and row:
                return {"AccountId": about if about[:3] == "001" else row.get("AccountId")}
        return {}
