"""The state of one HubSpot account, and what may be done to it."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from tests.crm.hubspot.answers import Json
from tests.crm.hubspot.clock import MILLISECOND, Clock, iso
from tests.crm.hubspot.directory import Owners, Pipelines
from tests.crm.hubspot.index import Index, Version
from tests.crm.hubspot.links import PARENT_COMPANY, PRIMARY_COMPANY, Links
from tests.crm.hubspot.options import Options
from tests.crm.hubspot.records import Records
from tests.crm.hubspot.schema import DEFAULTS, OBJECTS, Schema

FIRST_ID = 31_000_000_001


class Account:
    def __init__(self, options: Options) -> None:
        self.options = options
        self.clock = Clock(options.start, options.real_time)
        self.schema = Schema()
        self.links = Links()
        self.pipelines = Pipelines()
        self.owners = Owners()
        self.blocked_emails: set[str] = set()
        self.opened = self.clock.now()
        lag = options.search_lag // MILLISECOND
        self.records = {kind: Records(Index(lag, options.ties_by_id)) for kind in OBJECTS}
        self._unique: dict[tuple[str, str, str], int] = {}
        self.used_today = 0
        self._ids = count(FIRST_ID)

    def create(
        self, kind: str, properties: Mapping[str, str], at: int | None, record_id: int | None = None
    ) -> Version:
        now = self.clock.now()
        created = now if at is None else at
        new_id = record_id or next(self._ids)
        version = Version(new_id, created, created, dict(properties))
        self.records[kind].add(version, now)
        self._claim(kind, version)
        return version

    def change(
        self, kind: str, record_id: int, properties: Mapping[str, str], at: int | None = None
    ) -> Version:
        records = self.records[kind]
        before = records.versions[record_id]
        defined = self.schema.of(kind)
        moves = any(
            not (name in defined and defined[name].calculated)
            and (self.options.same_value_moves_modified or before.properties.get(name, "") != text)
            for name, text in properties.items()
        )
        now = self.clock.now()
        modified = (now if at is None else at) if moves else before.modified
        after = records.change(record_id, properties, modified, now)
        self._claim(kind, after)
        return after

    def merge(self, kind: str, primary_id: int, other_id: int) -> Version:
        records, now = self.records[kind], self.clock.now()
        primary, other = records.versions[primary_id], records.versions[other_id]
        creates = self.options.merge_creates_record
        gone = [primary_id, other_id] if creates else [other_id]
        merged_ids = [
            *filter(None, primary.properties.get("hs_merged_object_ids", "").split(";")),
            *filter(None, other.properties.get("hs_merged_object_ids", "").split(";")),
            *map(str, gone),
        ]
        filled = {name: text for name, text in other.properties.items() if text}
        filled |= {name: text for name, text in primary.properties.items() if text}
        filled["hs_merged_object_ids"] = ";".join(merged_ids)
        if kind == "contacts":
            filled["hs_calculated_merged_vids"] = ";".join(f"{each}:{now}" for each in merged_ids)
            if (email := other.properties.get("email")) and email != filled["email"]:
                others = filter(None, filled.get("hs_additional_emails", "").split(";"))
                filled["hs_additional_emails"] = ";".join([*others, email])
        if creates:
            winner = Version(next(self._ids), primary.created, now, filled)
            records.add(winner, now)
        else:
            winner = records.change(primary_id, filled, now, now)
        for loser in gone:
            self.links.move(kind, loser, winner.id)
            records.merge(loser, winner.id, self.options.merged_in_archived, now)
        self._claim(kind, winner)
        return winner

    def purge(self, kind: str, record_id: int) -> None:
        self.records[kind].purge(record_id, self.clock.now())
        self.links.drop(kind, record_id)

    def associate(self, start: str, start_id: int, end: str, end_id: int, type_id: int) -> None:
        self.links.add(start, start_id, end, end_id, type_id)
        if self.options.associations_move_modified:
            now = self.clock.now()
            self.records[start].change(start_id, {}, now, now)
            self.records[end].change(end_id, {}, now, now)

    def with_unique(self, kind: str, name: str, text: str) -> Version | None:
        """The live record that has this value of a unique property."""
        record_id = self._unique.get((kind, name, text.lower()))
        version = self.records[kind].find(record_id) if record_id else None
        if version and version.properties.get(name, "").lower() == text.lower():
            return version
        return None

    def value(self, kind: str, version: Version, name: str) -> str | None:
        """A property as HubSpot answers it: text, or None."""
        created, modified = OBJECTS[kind][3:]
        if name == "hs_object_id":
            return str(version.id)
        if name == created:
            return iso(version.created)
        if name == modified:
            return iso(version.modified)
        if kind == "deals" and name in ("hs_is_closed", "hs_is_closed_won"):
            return self.pipelines.closed(version.properties, won=name.endswith("won"))
        if name == "hs_deal_stage_probability":
            return self.pipelines.probability(version.properties)
        if name == "hs_parent_company_id":
            return self._linked("companies", version.id, PARENT_COMPANY)
        if name == "associatedcompanyid":
            return self._linked("contacts", version.id, PRIMARY_COMPANY)
        return version.properties.get(name) or None

    def shown(self, kind: str, version: Version, asked: list[str]) -> Json:
        """A record as an answer; properties that do not exist are left out of it."""
        created, modified = OBJECTS[kind][3:]
        always = (created, "hs_object_id", modified)
        defined = self.schema.of(kind)
        wanted = asked or DEFAULTS.get(kind, ())
        names = [name for name in wanted if name in defined]
        body: Json = {
            "id": str(version.id),
            "properties": {
                name: self.value(kind, version, name) for name in dict.fromkeys([*always, *names])
            },
            "createdAt": iso(version.created),
            "updatedAt": iso(version.modified),
            "archived": False,
        }
        archived_at = self.records[kind].archived_at.get(version.id)
        if archived_at is not None:
            body |= {"archived": True, "archivedAt": iso(archived_at)}
        return body

    def _linked(self, kind: str, record_id: int, type_id: int) -> str | None:
        ends = self.links.typed(kind, record_id, "companies", type_id)
        return next((str(each) for each in ends if self.records["companies"].is_live(each)), None)

    def _claim(self, kind: str, version: Version) -> None:
        for name in _unique_names(self, kind):
            if text := version.properties.get(name):
                self._unique[kind, name, text.lower()] = version.id


def _unique_names(account: Account, kind: str) -> list[str]:
    return [each.name for each in account.schema.of(kind).values() if each.unique]


def as_text(properties: Mapping[str, Any]) -> dict[str, str]:
    """HubSpot keeps text; None clears a value."""
    return {
        name: ""
        if value is None
        else str(value).lower()
        if value is True or value is False
        else str(value)
        for name, value in properties.items()
    }
