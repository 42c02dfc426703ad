"""Custom values of rows: merged by key; what is no good is left out, and told."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from stageline.domain.account import Account
from stageline.domain.activity import Activity
from stageline.domain.contact import Contact
from stageline.domain.custom_field import CustomField, Module, taken
from stageline.domain.custom_value import Values, unique_text
from stageline.domain.deal import Deal
from stageline.domain.errors import Invalid
from stageline.domain.pins import blanked
from stageline.use_cases.custom_values import Customs
from stageline.use_cases.import_decisions import Decision

type Record = Account | Deal | Contact | Activity


class CustomRows:
    """The custom values of one page."""

    def __init__(self, customs: Customs, module: Module, rows: Mapping[str, Any]) -> None:
        self._customs = customs
        self._module = module
        self._said = {
            record_id: said
            for record_id, row in rows.items()
            if (said := getattr(row, "custom", None))
        }
        # Read once: keys that are unknown here are unknown to the end of the page.
        keys = {key for said in self._said.values() for key in said}
        self._fields = customs.fields.of(module, keys) if keys else {}
        self._claimed: dict[str, str] = {}

    def decided[Stored: (Account, Deal, Contact, Activity)](
        self, decisions: Iterable[tuple[str, Decision[Stored]]]
    ) -> Iterator[tuple[str, Decision[Stored]]]:
        """Yield what was decided about rows, with their custom values."""
        if not self._said:
            yield from decisions
            return
        some = [
            (record_id, self._with_values(record_id, decision)) for record_id, decision in decisions
        ]
        holders = self._holders(decision.after for _, decision in some)
        for record_id, decision in some:
            yield record_id, self._without_taken(record_id, decision, holders)

    def _with_values(self, record_id: str, decision: Decision[Any]) -> Decision[Any]:
        said = self._said.get(record_id)
        if said is None or decision.outcome in ("refused", "superseded"):
            return decision
        before, after = decision.before, decision.after
        values, faults = taken(self._fields, said, None if before is None else _values(before))
        notes = (*decision.notes, *faults)
        if after is None or not decision.is_counted:
            if decision.is_counted and before is not None:
                notes = (*notes, *self._not_stored(values, before))
            return replace(decision, notes=notes)
        return replace(decision, after=_with(after, values), notes=notes)

    def _not_stored(self, values: Values, stored: Record) -> list[Invalid]:
        """Return what an earlier try of the page has left to who had it already."""
        had = _values(stored)
        return [_not_unique(key) for key in self._unique(values) if had.get(key) != values[key]]

    def _holders(self, records: Iterable[Record | None]) -> Mapping[str, str]:
        hashes = {
            hash_: ""
            for one in records
            if one is not None
            for hash_ in self._unique(_values(one)).values()
        }
        return self._customs.fields.holders(hashes) if hashes else {}

    def _without_taken(
        self, record_id: str, decision: Decision[Any], holders: Mapping[str, str]
    ) -> Decision[Any]:
        """Leave out the unique values that another record has, or a row before."""
        after = decision.after
        if after is None or record_id not in self._said:
            return decision
        own = _id_of(after)
        lost = [
            key
            for key, hash_ in self._unique(_values(after)).items()
            if holders.get(hash_, own) != own or self._claimed.setdefault(hash_, own) != own
        ]
        if not lost:
            return decision
        had = {} if decision.before is None else _values(decision.before)
        values = {key: value for key, value in _values(after).items() if key not in lost}
        values |= {key: had[key] for key in lost if key in had}
        notes = (*decision.notes, *map(_not_unique, lost))
        return replace(decision, after=_with(after, values), notes=notes)

    def _unique(self, values: Values) -> dict[str, str]:
        """Return the hashes of the values of unique fields, by key."""
        return {
            key: self._customs.identities.unique_value(self._module, key, unique_text(value))
            for key, value in values.items()
            if _is_unique(self._fields.get(key))
        }


def _is_unique(field: CustomField | None) -> bool:
    return field is not None and field.unique


def _not_unique(key: str) -> Invalid:
    return Invalid(f"custom.{key}", "not_unique", "another record has this value; left out")


def _values(record: Record) -> Values:
    values: Values = getattr(record, record.DESCRIBED).custom
    return values


def _with(record: Any, values: Values) -> Any:
    """Return the record with these values, but for those that are pinned."""
    described = getattr(record, record.DESCRIBED)
    described = blanked(replace(described, custom=values), record.pinned)
    return replace(record, **{record.DESCRIBED: described})


def _id_of(record: Record) -> str:
    match record:
        case Account():
            return record.account_id
        case Deal():
            return record.deal_id
        case Contact():
            return record.contact_id
        case Activity():
            return record.activity_id
