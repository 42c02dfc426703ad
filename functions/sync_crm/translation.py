"""From a CRM's records to rows. docs/mapping.md says what becomes of values that are no good.

What says when a deal was closed or who somebody is refuses the record if it cannot be read; most
else is left out and noticed. A CRM is mirrored: what is empty there is empty here. What is not
mapped, or was not told, says nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from stageline.domain.activity import LONGEST_TEXT
from stageline.domain.crm_mapping import CrmMapping
from stageline.domain.crm_records import CrmRecord
from stageline.domain.deal import Outcome, Terms, faults
from stageline.domain.job_states import Records
from stageline.domain.person_records import ActivityRecord, ContactRecord
from stageline.domain.records import (
    AccountRecord,
    DealRecord,
    Fault,
    GoneRecord,
    RefusedRecord,
    SyncedRecord,
)
from sync_crm.connectors.csv_cells import CellFault
from sync_crm.connectors.csv_rows import DEAL_CODES
from sync_crm.crm_links import first, id_of, ids_of, linked
from sync_crm.custom_values import CustomFields
from sync_crm.field_readers import FieldReaders, folded
from sync_crm.noticed import Notice, Noticed

type Said = dict[str, Any]
"""Ours by name; None: empty in the CRM. What is not in it was not told."""

# What is left out when it cannot be read; everything else refuses the record.
_LEFT_OUT = frozenset(
    {
        "domain",
        "owner_email",
        "created_on",
        "in_crm",
        "opened_on",
        "expected_close_on",
        "amount",
        "currency",
        "probability",
        "status",
        "phone",
        "two_way",
        "text",
    }
)


class _Refusal(Exception):
    def __init__(self, found: Iterable[Fault]) -> None:
        super().__init__()
        self.faults = tuple(found)


class Translator:
    """Makes rows of the records of one CRM.

    `fields` are the connector's. `custom`: the custom fields that there are; without them values
    go by the CRM's types. `noticed` counts what was noticed so far.
    """

    def __init__(
        self,
        mapping: CrmMapping,
        fields: Mapping[Records, Mapping[str, str]],
        zone: str,
        custom: CustomFields | None = None,
    ) -> None:
        self.noticed: Noticed = Counter()
        self._mapping = mapping
        self._fields = FieldReaders(mapping, fields, zone, custom, self._notice)
        self._stages = {folded(stage): is_ for stage, is_ in mapping.deals.stages.items()}

    def rows(self, records: Records, record: CrmRecord, line: int) -> list[SyncedRecord]:
        """Return the record's row, and one for each record for which it stands, from `line` on."""
        row = self.row(records, record, line)
        rows = [row]
        if row.external_id is not None:
            for loser in dict.fromkeys(ids_of(record.merged)):
                if loser != row.external_id:
                    gone = GoneRecord(
                        line=line + len(rows), external_id=loser, merged_into=row.external_id
                    )
                    rows.append(gone)
        return rows

    def row(self, records: Records, record: CrmRecord, line: int) -> SyncedRecord:
        external_id = id_of(record.external_id)
        if external_id is None:
            fault = Fault("external_id", "missing_value", "the CRM gave no id, or none to be used")
            return RefusedRecord(line=line, external_id=None, faults=(fault,))
        winner = id_of(record.merged_into)
        if record.is_gone or winner not in (None, external_id):
            return GoneRecord(
                line=line,
                external_id=external_id,
                merged_into=None if winner == external_id else winner,
            )
        try:
            match records:
                case "accounts":
                    return self._account(record, line, external_id)
                case "deals":
                    return self._deal(record, line, external_id)
                case "contacts":
                    return self._contact(record, line, external_id)
                case "activities":
                    return self._activity(record, line, external_id)
        except _Refusal as refusal:
            return RefusedRecord(line=line, external_id=external_id, faults=refusal.faults)

    def _account(self, record: CrmRecord, line: int, external_id: str) -> AccountRecord:
        said, bad = self._read("accounts", record)
        self._leave_out(said, bad)
        self._fill_in("accounts", said)
        said["name"] = said.get("name") or said.get("domain") or external_id
        said["in_crm"] = said.get("in_crm") is not False
        said |= first(record, parent="parent_external_id")
        custom = self._custom_values("accounts", record)
        return AccountRecord(line=line, external_id=external_id, custom=custom, **_cleared(said))

    def _deal(self, record: CrmRecord, line: int, external_id: str) -> DealRecord:
        said, bad = self._read("deals", record)
        status = self._status(said, bad)
        if status == "open":
            # It is only the day that was expected, unless there is another field for that.
            fault = bad.pop("closed_on", None)
            if fault is not None and said.get("expected_close_on") is None:
                bad["expected_close_on"] = fault
            if "closed_on" in said:
                expected = said.pop("closed_on")
                said["expected_close_on"] = said.get("expected_close_on") or expected
        self._leave_out(said, bad)
        if status != "open" and said.get("closed_on") is None:
            self._notice(f"{status}_without_close_date", "closed_on")
        said["name"] = said.get("name") or external_id
        if said.get("amount") is not None:
            self._fill_in("deals", said)
        self._make_sound(said, status)
        said |= first(record, account="account_external_id")
        currency = said.get("currency") or self._mapping.deals.defaults.currency
        custom = self._custom_values("deals", record, currency)
        return DealRecord(
            line=line, external_id=external_id, status=status, custom=custom, **_cleared(said)
        )

    def _contact(self, record: CrmRecord, line: int, external_id: str) -> ContactRecord:
        said, bad = self._read("contacts", record)
        self._leave_out(said, bad)
        if not any(said.get(name) for name in ("last_name", "first_name", "email")):
            raise _Refusal([_missing("last_name")])
        accounts = linked(record, "account", "accounts")
        return ContactRecord(
            line=line,
            external_id=external_id,
            account_external_ids=None if accounts is None else tuple(sorted(accounts)),
            custom=self._custom_values("contacts", record),
            **_cleared(said),
        )

    def _activity(self, record: CrmRecord, line: int, external_id: str) -> ActivityRecord:
        said, bad = self._read("activities", record)
        self._leave_out(said, bad)
        self._fill_in("activities", said)
        missing = [name for name in ("kind", "occurred_at") if said.get(name) is None]
        if missing:
            raise _Refusal(map(_missing, missing))
        if said["kind"] == "note":
            said["two_way"] = False
        elif "two_way" in said and said["two_way"] is None:
            said["two_way"] = said["kind"] == "meeting"
        text = said.get("text")
        if text is not None and len(text) > LONGEST_TEXT:
            said["text"] = text[:LONGEST_TEXT]
            self._notice("text_cut", "text")
        said |= first(record, account="account_external_id", deal="deal_external_id")
        contacts = linked(record, "contacts", "contact")
        return ActivityRecord(
            line=line,
            external_id=external_id,
            contact_external_ids=None if contacts is None else tuple(sorted(contacts)),
            custom=self._custom_values("activities", record),
            **_cleared(said),
        )

    def _read(self, records: Records, record: CrmRecord) -> tuple[Said, dict[str, CellFault]]:
        """Return what is said, and by our name what could not be read."""
        said: Said = {}
        bad: dict[str, CellFault] = {}
        for ours, theirs, read in self._fields.of(records).standard:
            if theirs in record.values:
                value = record.values[theirs]
                try:
                    said[ours] = None if value is None else read(value)
                except CellFault as fault:
                    bad[ours] = fault
        return said, bad

    def _leave_out(self, said: Said, bad: Mapping[str, CellFault]) -> None:
        """Leave out what could not be read. Raises _Refusal."""
        refusing = [
            Fault(ours, fault.code, fault.message)
            for ours, fault in bad.items()
            if ours not in _LEFT_OUT
        ]
        if refusing:
            raise _Refusal(refusing)
        for ours, fault in bad.items():
            said[ours] = None
            self._notice(fault.code, ours)

    def _fill_in(self, records: Records, said: Said) -> None:
        for name, value in self._mapping.section(records).defaults:
            if value is not None and said.get(name) is None:
                said[name] = value

    def _status(self, said: Said, bad: dict[str, CellFault]) -> Outcome:
        """Return whether a deal is open, won or lost. Raises _Refusal if nothing is told."""
        if not {"stage", "status"} & {*said, *bad}:
            raise _Refusal([_missing("status")])
        bad.pop("status", None)
        bad.pop("stage", None)
        outcome, name = said.pop("status", None), said.pop("stage", None)
        stage = None if name is None else self._stages.get(folded(name))
        if stage is not None:
            if stage.probability is not None:
                said["probability"] = stage.probability
                bad.pop("probability", None)
            return stage.outcome
        if outcome is None:
            self._notice("unknown_stage", "stage")
            return "open"
        found: Outcome = outcome
        return found

    def _make_sound(self, said: Said, status: Outcome) -> None:
        """Leave out of a deal what does not fit the rest; its stage depends on none of that."""
        terms = Terms(
            name=said["name"],
            opened_on=said.get("opened_on"),
            amount=said.get("amount"),
            currency=said.get("currency"),
            probability=said.get("probability"),
        )
        for fault in faults(terms, status, said.get("closed_on"), undated_close=True):
            if fault.field == "closed_on":
                # What is closed before it was opened was entered afterwards.
                said["opened_on"] = None
                self._notice("opened_after_closed", "opened_on")
                continue
            if fault.field in said:
                said[fault.field] = None
            if fault.field == "currency" and terms.amount is not None:
                said["amount"] = None
            self._notice(DEAL_CODES[fault.field, fault.reason], fault.field)

    def _custom_values(
        self, records: Records, record: CrmRecord, currency: str | None = None
    ) -> dict[str, Any] | None:
        values: dict[str, Any] = {}
        for key, theirs, reader in self._fields.of(records).custom:
            if reader is None:
                self._notice("unknown_custom_field", f"custom.{key}")
            elif theirs in record.values:
                try:
                    values[key] = reader.read(record.values[theirs], currency)
                except CellFault as fault:
                    values[key] = None
                    self._notice(fault.code, f"custom.{key}")
        return values or None

    def _notice(self, code: str, field: str) -> None:
        self.noticed[Notice(code, field)] += 1


def _cleared(said: Said) -> dict[str, Any]:
    """Return what a row says: what is empty is named as such."""
    return said | {"cleared": tuple(sorted(name for name, value in said.items() if value is None))}


def _missing(field: str) -> Fault:
    return Fault(field, "missing_value", "the CRM has nothing there; map another field")
