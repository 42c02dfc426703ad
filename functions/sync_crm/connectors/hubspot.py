"""HubSpot: what changed is searched for by time and id, all there is comes from its lists.

A search ends at 10,000 results, so each one asks for those after the last id and takes its first
page only. Neither equal times nor the number of changes matter; what changes meanwhile leaves the
window and comes with the next. What was archived is listed apart, what was merged away is named by
what stands for it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from stageline.crm_ports import Crm
from stageline.domain.crm_records import Ask, CrmField, CrmPage, CrmRecord
from stageline.domain.job_states import Records
from sync_crm.connectors.hubspot_access import DIALECT, sign_in
from sync_crm.connectors.hubspot_answers import results, sender
from sync_crm.connectors.hubspot_facts import Facts
from sync_crm.connectors.hubspot_fields import (
    CALLED_OFF,
    FIELDS,
    ID,
    MERGED,
    OBJECTS,
    OUTCOME,
    described,
    own_fields,
    properties,
    value,
)
from sync_crm.connectors.hubspot_links import Links, links_of
from sync_crm.connectors.hubspot_objects import Objects, Raw, bound
from sync_crm.connectors.hubspot_writing import HubSpotWriting

__all__ = ["CONNECTOR", "DIALECT", "HubSpot", "sign_in"]

type Found = tuple[list[CrmRecord], str | None]
"""Records, and after what the next page begins (None: that was all)."""

# Addresses and searches (3,000 characters) hold no more names; then records are read by their ids.
LONGEST_NAMES = 2_000
# Where the totals of searches may end.
CAP = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class HubSpot:
    """The port `Connector`, and those of writing.

    A place: object, what of it is being read, after what.
    """

    fields: Mapping[Records, Mapping[str, str]] = FIELDS

    def __init__(self, crm: Crm, base_url: str) -> None:
        self._send = sender(crm, base_url)
        self._objects = Objects(self._send)
        self._facts = Facts(self._send)
        self._writing = HubSpotWriting(crm, base_url, self._objects)

    def page(self, ask: Ask) -> CrmPage:
        kinds = OBJECTS[ask.records]
        first = "all" if ask.since is None else "changed"
        kind, step, after = ask.place or (kinds[0], first, None)
        if ask.since is None:
            records, after = self._all(ask, kind, after)
        elif step == "changed":
            records, after = self._changed(ask, kind, after, ask.since)
        else:
            records, after = self._archived(ask, kind, after, ask.since)
        if after is not None:
            return CrmPage(records, [kind, step, after])
        if step == "changed":
            return CrmPage(records, [kind, "archived", None])
        others = kinds[kinds.index(kind) + 1 :]
        return CrmPage(records, [others[0], first, None] if others else None)

    def fetch(
        self, records: Records, ids: Sequence[str], fields: Sequence[str]
    ) -> Sequence[CrmRecord]:
        found: list[CrmRecord] = []
        for kind in OBJECTS[records]:
            prefix = _external(kind, "")
            asked = [each.removeprefix(prefix) for each in ids if each.startswith(prefix)]
            live, missing = self._live(kind, asked, fields)
            archived = self._objects.read(kind, missing, [MERGED], archived="true")
            found += [*live, *_gone(kind, archived, missing)]
        return found

    def count(self, records: Records) -> int | None:
        totals = [self._objects.total(kind) for kind in OBJECTS[records]]
        if records == "activities":
            called_off = {"propertyName": OUTCOME, "operator": "IN", "values": list(CALLED_OFF)}
            totals.append(-self._objects.total("meetings", called_off))
        return None if CAP in map(abs, totals) else sum(totals)

    def describe(self, records: Records) -> Sequence[CrmField]:
        in_pipelines: dict[str, tuple[str, ...]] = {}
        if records == "deals":
            for pipeline, stage in self._facts.stages:
                for name, known in (("pipeline", pipeline), ("dealstage", stage)):
                    before = in_pipelines.get(name, ())
                    in_pipelines[name] = tuple(dict.fromkeys((*before, known)))
        found = {field.name: field for field in own_fields(records)}
        for kind in OBJECTS[records]:
            for each in results(self._send(f"/crm/v3/properties/{kind}")):
                field = described(each, in_pipelines)
                found.setdefault(field.name, field)
        return list(found.values())

    def create_account(self, values: Mapping[str, Any], key: str) -> str:
        return self._writing.create(values, self.describe("accounts"))

    def find_created(self, values: Mapping[str, Any], key: str, since: datetime) -> str | None:
        return self._writing.find_created(values, since)

    def update_account(self, external_id: str, values: Mapping[str, Any]) -> None:
        self._writing.update(external_id, values)

    def erase_contact(self, external_id: str) -> None:
        self._writing.erase(external_id)

    def _changed(self, ask: Ask, kind: str, after: str | None, since: datetime) -> Found:
        modified = "lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate"
        window = [
            bound(modified, "GTE", (since - _EPOCH) // _MILLISECOND),
            bound(modified, "LT", (ask.until - _EPOCH) // _MILLISECOND),
        ]
        names = properties(kind, ask.fields)
        found, last = self._objects.search(kind, window, names if _fit(names) else [ID], after)
        return self._records(kind, self._whole(kind, found, names), ask.fields), last

    def _all(self, ask: Ask, kind: str, after: str | None) -> Found:
        names = properties(kind, ask.fields)
        found, after = self._objects.page(kind, names if _fit(names) else [ID], after)
        return self._records(kind, self._whole(kind, found, names), ask.fields), after

    def _archived(self, ask: Ask, kind: str, after: str | None, since: datetime) -> Found:
        """Merged records may be archived, too: what stands for them is looked for."""
        found, after = self._objects.page(kind, [MERGED], after, archived="true")
        new = [each for each in found if not _is_before(each.get("archivedAt"), since)]
        live, missing = self._live(kind, _ids(new), ask.fields)
        return [*live, *_gone(kind, new, missing)], after

    def _live(
        self, kind: str, ids: Iterable[str], fields: Sequence[str]
    ) -> tuple[list[CrmRecord], list[str]]:
        """Return what is there for these ids, those merged into it, and which ids are left."""
        asked = list(dict.fromkeys(ids))
        found = self._objects.read(kind, asked, properties(kind, fields))
        present = {_id(each) for each in found}
        into = {old: _id(each) for each in found for old in _merged(each) if old not in present}
        merged = [
            CrmRecord(external_id=_external(kind, old), is_gone=True, merged_into=into[old])
            for old in asked
            if old in into
        ]
        missing = [each for each in asked if each not in present and each not in into]
        return [*self._records(kind, found, fields), *merged], missing

    def _whole(self, kind: str, found: list[Raw], names: Sequence[str]) -> list[Raw]:
        if _fit(names):
            return found
        return self._objects.read(kind, filter(None, map(_id, found)), names)

    def _records(self, kind: str, found: list[Raw], fields: Sequence[str]) -> list[CrmRecord]:
        links = links_of(self._send, kind, list(filter(None, map(_id, found))))
        return [self._record(kind, each, fields, links.get(_id(each), {})) for each in found]

    def _record(self, kind: str, found: Raw, fields: Sequence[str], links: Links) -> CrmRecord:
        given = found.get("properties") or {}
        external_id = _external(kind, _id(found))
        if kind == "meetings" and given.get(OUTCOME) in CALLED_OFF:
            return CrmRecord(external_id=external_id, is_gone=True)
        return CrmRecord(
            external_id=external_id,
            values={name: value(name, kind, given, self._facts) for name in fields},
            links=links,
            merged=tuple(_merged(found)),
        )


CONNECTOR = HubSpot


def _fit(names: Sequence[str]) -> bool:
    return len(json.dumps(names)) <= LONGEST_NAMES


def _id(found: Raw) -> str:
    """Return a record's id, an empty text if it has none."""
    return str(found.get("id") or "")


def _external(kind: str, record_id: str) -> str:
    """Return an id as others see it: of activities, different objects may have the same."""
    return f"{kind}:{record_id}" if kind in OBJECTS["activities"] else record_id


def _merged(found: Raw) -> Iterator[str]:
    """Yield the ids of those that were merged into a record, not its own."""
    ids = (found.get("properties") or {}).get(MERGED) or ""
    return (each for each in ids.split(";") if each not in ("", _id(found)))


def _ids(found: Iterable[Raw]) -> list[str]:
    return [each for one in found for each in (_id(one), *_merged(one)) if each]


def _gone(kind: str, archived: Iterable[Raw], missing: Iterable[str]) -> list[CrmRecord]:
    """Return those of the missing that were archived, or merged into one that was."""
    ids = set(_ids(archived))
    return [
        CrmRecord(external_id=_external(kind, each), is_gone=True)
        for each in missing
        if each in ids
    ]


def _is_before(instant: Any, since: datetime) -> bool:
    try:
        return datetime.fromisoformat(instant) < since
    except (TypeError, ValueError):
        return False
