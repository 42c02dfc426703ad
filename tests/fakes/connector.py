"""A CRM in memory: the port `Connector`, with records of any kind that change, go and merge."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from stageline.domain.crm_records import Ask, CrmField, CrmPage, CrmRecord
from stageline.domain.job_states import RECORDS, Records

FIELDS: Mapping[Records, Mapping[str, str]] = {
    "accounts": {
        "name": "Name",
        "domain": "Website",
        "industry": "Industry",
        "country": "Country",
        "owner_email": "Owner",
        "created_on": "Created",
    },
    "deals": {
        "name": "Name",
        "status": "Outcome",
        "stage": "Stage",
        "opened_on": "Created",
        "closed_on": "Close",
        "amount": "Amount",
        "currency": "Currency",
        "probability": "Probability",
        "owner_email": "Owner",
    },
    "contacts": {
        "first_name": "First",
        "last_name": "Last",
        "email": "Email",
        "phone": "Phone",
        "job_title": "Title",
        "company_name": "Company",
        "owner_email": "Owner",
    },
    "activities": {
        "kind": "Kind",
        "occurred_at": "At",
        "two_way": "Answered",
        "subject": "Subject",
        "text": "Body",
        "owner_email": "Owner",
    },
}


@dataclass(frozen=True, slots=True)
class _Kept:
    record: CrmRecord
    at: datetime


@dataclass(slots=True)
class MemoryConnector:
    """Records are paged by the time of their last change, then by id; `at` is the CRM's time.

    A record that is put again is changed as a whole. `errors` are raised, one for each call that
    follows. What was asked for is kept in `asked` and `fetched`.
    """

    fields: Mapping[Records, Mapping[str, str]] = field(default_factory=lambda: FIELDS)
    page_size: int = 100
    described: Mapping[Records, Sequence[CrmField]] = field(default_factory=dict)
    can_count: bool = True
    errors: list[Exception] = field(default_factory=list)
    asked: list[Ask] = field(default_factory=list)
    fetched: list[tuple[Records, tuple[str, ...]]] = field(default_factory=list)
    _kept: dict[Records, dict[str, _Kept]] = field(
        default_factory=lambda: {records: {} for records in RECORDS}
    )

    def put(
        self,
        records: Records,
        external_id: str,
        values: Mapping[str, Any] | None = None,
        *,
        links: Mapping[str, Iterable[str]] | None = None,
        at: datetime,
    ) -> None:
        """Create or change a record; what it stands for by merges stays."""
        before = self._kept[records].get(external_id)
        record = CrmRecord(
            external_id=external_id,
            values=dict(values or {}),
            links={name: tuple(ids) for name, ids in (links or {}).items()},
            merged=before.record.merged if before else (),
        )
        self._kept[records][external_id] = _Kept(record, at)

    def touch(self, records: Records, external_id: str, *, at: datetime) -> None:
        """The record is changed as it is."""
        self._keep(records, external_id, at)

    def delete(
        self, records: Records, external_id: str, *, at: datetime, silently: bool = False
    ) -> None:
        """The record is gone; `silently`: nothing tells of it any more, it is unknown."""
        if silently:
            del self._kept[records][external_id]
        else:
            self._keep(records, external_id, at, values={}, links={}, is_gone=True)

    def merge(self, records: Records, loser: str, winner: str, *, at: datetime) -> None:
        """The winner stands for the loser, and for all for which that stood."""
        kept = self._kept[records]
        losers = (*kept[loser].record.merged, loser)
        for one in losers:
            self._keep(
                records,
                one,
                at,
                values={},
                links={},
                is_gone=True,
                merged_into=winner,
                merged=(),
            )
        self._keep(records, winner, at, merged=(*kept[winner].record.merged, *losers))

    def page(self, ask: Ask) -> CrmPage:
        self.asked.append(ask)
        self._fail()
        after = ("", "") if ask.place is None else tuple(ask.place)
        found = sorted(
            ((_order(kept), kept) for kept in self._kept[ask.records].values()),
            key=lambda pair: pair[0],
        )
        due = [
            pair
            for pair in found
            if pair[0] > after
            and pair[1].at < ask.until
            and (not pair[1].record.is_gone if ask.since is None else pair[1].at >= ask.since)
        ]
        page = due[: self.page_size]
        return CrmPage(
            [_with_fields(kept.record, ask.fields) for _, kept in page],
            list(page[-1][0]) if len(due) > len(page) else None,
        )

    def fetch(
        self, records: Records, ids: Sequence[str], fields: Sequence[str]
    ) -> Sequence[CrmRecord]:
        assert len(ids) <= 200
        self.fetched.append((records, tuple(ids)))
        self._fail()
        kept = self._kept[records]
        return [_with_fields(kept[one].record, fields) for one in ids if one in kept]

    def count(self, records: Records) -> int | None:
        self._fail()
        if not self.can_count:
            return None
        return sum(not kept.record.is_gone for kept in self._kept[records].values())

    def describe(self, records: Records) -> Sequence[CrmField]:
        """Return what was given as described; else the fields as texts."""
        self._fail()
        names = dict.fromkeys(self.fields.get(records, {}).values())
        return self.described.get(records) or [CrmField(name, name, "text") for name in names]

    def _keep(self, records: Records, external_id: str, at: datetime, **changes: Any) -> None:
        kept = self._kept[records]
        kept[external_id] = _Kept(replace(kept[external_id].record, **changes), at)

    def _fail(self) -> None:
        if self.errors:
            raise self.errors.pop(0)


def _order(kept: _Kept) -> tuple[str, str]:
    return kept.at.isoformat(timespec="microseconds"), kept.record.external_id


def _with_fields(record: CrmRecord, fields: Sequence[str]) -> CrmRecord:
    """Return the record with what was asked for of it; None for what is empty."""
    if record.is_gone:
        return record
    return replace(record, values={name: record.values.get(name) for name in fields})
