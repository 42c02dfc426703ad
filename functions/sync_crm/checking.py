"""Whether a mapping fits a CRM as that describes itself, and what would become of its records."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields as fields_of_row
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher
from heapq import nlargest
from typing import Any, Final

from stageline.crm_ports import Connector
from stageline.custom_ports import Fields
from stageline.domain.crm_check import CrmCheck, Misfit, Preview
from stageline.domain.crm_errors import CrmRefused, SignInRefused
from stageline.domain.crm_mapping import CrmMapping, asked_fields, fields_of
from stageline.domain.crm_records import Ask, CrmField, CrmRecord, FieldKind
from stageline.domain.custom_value import FieldType
from stageline.domain.job_states import RECORDS, Records
from stageline.domain.records import GoneRecord, Record, RefusedRecord
from stageline.schemes import shipped
from stageline.use_cases.crm_stages import stage_value
from stageline.write_ports import WritesAccounts
from sync_crm.custom_values import CustomFields, custom_fields
from sync_crm.field_readers import folded
from sync_crm.noticed import warned
from sync_crm.translation import Translator

MOST_ROWS: Final = 20
_NEAREST: Final = 3
# Where changes are asked for, no CRM prepares an export of all there is.
_LATELY: Final = timedelta(days=30)
_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)

_DAYS: frozenset[FieldKind] = frozenset({"date", "instant"})
_NUMBERS: frozenset[FieldKind] = frozenset({"number", "money"})
_WORDS: frozenset[FieldKind] = frozenset({"choice", "text", "reference"})
# Any other field of ours takes whatever can be written as text.
_TAKES: Mapping[str, frozenset[FieldKind]] = {
    "created_on": _DAYS,
    "opened_on": _DAYS,
    "closed_on": _DAYS,
    "expected_close_on": _DAYS,
    "occurred_at": _DAYS,
    "amount": _NUMBERS,
    "probability": frozenset({"number"}),
    "currency": _WORDS,
    "kind": _WORDS,
    "stage": _WORDS,
    "status": _WORDS,
    "in_crm": frozenset({"boolean"}),
    "two_way": frozenset({"boolean"}),
}
_CUSTOM_TAKES: Mapping[FieldType, frozenset[FieldKind]] = {
    "number": _NUMBERS,
    "money": _NUMBERS,
    "date": _DAYS,
    "boolean": frozenset({"boolean"}),
    "picklist": _WORDS,
    "multi_select": _WORDS | {"choices"},
}


def check_mapping(
    connector: Connector,
    mapping: CrmMapping,
    fields: Fields,
    zone: str,
    now: datetime,
    records: Sequence[Records] = RECORDS,
) -> CrmCheck:
    """Check what the mapping says of these records, and read some of each. Raises CrmError.

    What the CRM does not let us read is a problem of its own.
    """
    checking = _Checking(connector, mapping, custom_fields(fields))
    previews = []
    for one in records:
        with checking.of_what_may_be_read(one):
            described = {field.name: field for field in connector.describe(one)}
            checking.look_at(one, described)
            previews.append(checking.preview(one, described, zone, now))
    return CrmCheck(tuple(checking.problems), tuple(checking.hints), tuple(previews))


class _Checking:
    def __init__(self, connector: Connector, mapping: CrmMapping, custom: CustomFields) -> None:
        self.problems: list[Misfit] = []
        self.hints: list[Misfit] = []
        self._connector = connector
        self._mapping = mapping
        self._custom = custom

    @contextmanager
    def of_what_may_be_read(self, records: Records) -> Iterator[None]:
        try:
            yield
        except SignInRefused:
            raise
        except CrmRefused as error:
            message = f"the CRM does not let us read {records}: {error}"
            self.problems.append(Misfit(records, "not_readable", message))

    def look_at(self, records: Records, described: Mapping[str, CrmField]) -> None:
        section = self._mapping.section(records)
        translated = section.values.model_dump()
        path = f"mapping.{records}"
        named: Mapping[Any, str | None] = section.fields
        for ours, theirs in named.items():
            takes = None if translated.get(ours) else _TAKES.get(ours)
            if theirs is not None:
                self._fits(f"{path}.fields.{ours}", theirs, takes, described, records)
        custom = self._custom[records]
        for key, theirs in section.custom.items():
            where = f"{path}.custom.{key}"
            if key not in custom:
                message = f"there is no such custom field of {records}; make it first"
                near = _nearest(key, {one: one for one in custom})
                self.problems.append(Misfit(where, "unknown_custom_field", message, near))
                continue
            is_translated = key in translated["custom"]
            takes = None if is_translated else _CUSTOM_TAKES.get(custom[key].type)
            self._fits(where, theirs, takes, described, records)
        if records == "accounts":
            self._stage_can_be_written(described)
        if records == "deals":
            self._stages_are_there(described)
            self._amounts_have_currencies(described)

    def preview(
        self, records: Records, described: Mapping[str, CrmField], zone: str, now: datetime
    ) -> Preview:
        fields = self._connector.fields
        translator = Translator(self._mapping, fields, zone, self._custom)
        rows: list[Record] = []
        refused: list[RefusedRecord] = []
        for line, record in enumerate(self._some(records, described, now), 1):
            row = translator.row(records, record, line)
            if isinstance(row, RefusedRecord):
                refused.append(row)
            elif not isinstance(row, GoneRecord):
                rows.append(row)
        return Preview(
            records=records,
            rows=tuple(rows),
            refused=tuple(refused),
            warnings=warned(translator.noticed),
            filled=_filled(rows),
        )

    def _fits(
        self,
        path: str,
        theirs: str,
        takes: frozenset[FieldKind] | None,
        described: Mapping[str, CrmField],
        records: Records,
    ) -> None:
        field = described.get(theirs)
        if field is not None:
            if takes is not None and field.kind not in takes:
                message = f"takes {' or '.join(sorted(takes))}, and that is {field.kind}"
                self.problems.append(Misfit(path, "type_mismatch", message))
        elif theirs not in self._connector.fields.get(records, {}).values():
            labels = {field.name: field.label for field in described.values()}
            message = "the CRM has no such field, or does not let us read it"
            self.problems.append(Misfit(path, "unknown_field", message, _nearest(theirs, labels)))

    def _stage_can_be_written(self, described: Mapping[str, CrmField]) -> None:
        theirs = self._mapping.accounts.write.stage
        if theirs is None:
            return
        path = "mapping.accounts.write.stage"
        field = described.get(theirs)
        if field is None:
            labels = {one.name: one.label for one in described.values()}
            message = "the CRM has no such field, or does not let us see it"
            self.problems.append(Misfit(path, "unknown_field", message, _nearest(theirs, labels)))
        elif not isinstance(self._connector, WritesAccounts):
            message = "this CRM's accounts cannot be written by us"
            self.problems.append(Misfit(path, "not_supported", message))
        elif not field.is_writable:
            message = "the CRM does not let us write this field"
            self.problems.append(Misfit(path, "not_writable", message))
        elif field.kind not in ("text", "choice"):
            message = f"takes text or choice, and that is {field.kind}"
            self.problems.append(Misfit(path, "type_mismatch", message))
        else:
            scheme = shipped()
            missing = [one for one in scheme.stages if stage_value(scheme, one, field) is None]
            if missing:
                message = f"has no choices for these stages, by key or name: {', '.join(missing)}"
                self.problems.append(Misfit(path, "unknown_choice", message))

    def _stages_are_there(self, described: Mapping[str, CrmField]) -> None:
        stages = self._mapping.deals.stages
        theirs = self._read_as("deals").get("stage")
        if theirs is None:
            if stages:
                message = "stages are mapped, and no field is read that says the stage"
                self.problems.append(Misfit("mapping.deals.fields.stage", "missing", message))
            return
        options = described[theirs].options if theirs in described else ()
        known = {folded(option) for option in options}
        for stage in stages:
            if options and folded(stage) not in known:
                near = _nearest(stage, {option: option for option in options})
                path = f"mapping.deals.stages.{stage}"
                message = "the CRM has no such stage; name it as the CRM stores it"
                self.problems.append(Misfit(path, "unknown_stage", message, near))

    def _amounts_have_currencies(self, described: Mapping[str, CrmField]) -> None:
        fields = self._read_as("deals")
        has_one = self._mapping.deals.defaults.currency or fields.get("currency") in described
        if "amount" in fields and not has_one:
            message = "no field says the currency: amounts are left out unless there is a default"
            path = "mapping.deals.defaults.currency"
            self.hints.append(Misfit(path, "currency_missing", message))

    def _read_as(self, records: Records) -> Mapping[str, str]:
        return fields_of(records, self._mapping, self._connector.fields.get(records, {}))

    def _some(
        self, records: Records, described: Mapping[str, CrmField], now: datetime
    ) -> Sequence[CrmRecord]:
        """Return some records, lately changed ones if there are any."""
        own = self._connector.fields.get(records, {})
        known = {*described, *own.values()}
        asked = asked_fields(records, self._mapping, own)
        fields = tuple(name for name in asked if name in known)
        for since in (now - _LATELY, _EVER):
            page = self._connector.page(Ask(records=records, fields=fields, since=since, until=now))
            found = [record for record in page.records if not record.is_gone]
            if found:
                return found[:MOST_ROWS]
        return ()


def _filled(rows: Iterable[Record]) -> dict[str, int]:
    """Return in how many rows each field says something, "custom.<key>" for custom ones."""
    counts: Counter[str] = Counter()
    for row in rows:
        for one in fields_of_row(row):
            if one.name not in ("line", "external_id", "custom", "cleared"):
                counts[one.name] += getattr(row, one.name) not in (None, ())
        for key, value in (row.custom or {}).items():
            counts[f"custom.{key}"] += value is not None
    return dict(sorted(counts.items()))


def _nearest(wanted: str, labels: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names that are most like what was written, or whose labels are."""
    compared = SequenceMatcher(b=folded(wanted), autojunk=False)

    def likeness(text: str) -> float:
        compared.set_seq1(folded(text))
        return compared.ratio()

    return tuple(
        nlargest(_NEAREST, labels, key=lambda name: max(likeness(name), likeness(labels[name])))
    )
