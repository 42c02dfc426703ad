"""Which fields of a CRM's records are read as ours, and how."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from stageline.domain.crm_mapping import CrmMapping, DealMapping, Section, fields_of
from stageline.domain.deal import Outcome
from stageline.domain.job_states import Records
from sync_crm import crm_values
from sync_crm.connectors import csv_cells as cells
from sync_crm.connectors.csv_cells import CellFault
from sync_crm.connectors.csv_rows import MOST_OF_A_PERSON, MOST_TEXT
from sync_crm.crm_values import Reader, of_line
from sync_crm.custom_values import CustomFields, CustomReader

_OUTCOMES: Mapping[str, Outcome] = {"open": "open", "won": "won", "lost": "lost"}


@dataclass(frozen=True, slots=True)
class KindReaders:
    """Of one kind of records: ours, theirs, and how; None for a custom field that is not there."""

    standard: tuple[tuple[str, str, Reader], ...]
    custom: tuple[tuple[str, str, CustomReader | None], ...]


class FieldReaders:
    """`notice` is told the code and our field of what is worth a warning."""

    def __init__(
        self,
        mapping: CrmMapping,
        fields: Mapping[Records, Mapping[str, str]],
        zone: str,
        custom: CustomFields | None,
        notice: Callable[[str, str], None],
    ) -> None:
        self._mapping = mapping
        self._theirs = fields
        self._custom = custom
        self._notice = notice
        self._day = crm_values.day_reader(zone)
        self._instant = crm_values.instant_reader(zone)
        self._owners = {folded(user): ours for user, ours in mapping.owners.items()}
        self._made: dict[Records, KindReaders] = {}

    def of(self, records: Records) -> KindReaders:
        found = self._made.get(records)
        if found is None:
            section = self._mapping.section(records)
            found = KindReaders(tuple(self._standard(records, section)), self._customs(records))
            self._made[records] = found
        return found

    def _standard(self, records: Records, section: Section) -> list[tuple[str, str, Reader]]:
        readers = self._readers(records)
        for name, ours in section.values.model_dump(exclude={"custom"}).items():
            if ours:
                readers[name] = self._translated(name, ours, readers[name])
        theirs = fields_of(records, self._mapping, self._theirs.get(records, {}))
        return [(ours, name, readers[ours]) for ours, name in theirs.items() if ours in readers]

    def _customs(self, records: Records) -> tuple[tuple[str, str, CustomReader | None], ...]:
        named = self._mapping.section(records).custom
        return tuple(
            (key, theirs, self._custom_reader(records, key)) for key, theirs in named.items()
        )

    def _custom_reader(self, records: Records, key: str) -> CustomReader | None:
        field = None
        if self._custom is not None:
            field = self._custom.get(records, {}).get(key)
            if field is None:
                return None
        ours = self._mapping.section(records).values.custom.get(key, {})
        return CustomReader(
            field,
            {folded(theirs): value for theirs, value in ours.items()},
            partial(self._notice, "unknown_value", f"custom.{key}"),
            self._day,
        )

    def _readers(self, records: Records) -> dict[str, Reader]:
        text = of_line(cells.text_parser(MOST_TEXT))
        of_a_person = of_line(cells.text_parser(MOST_OF_A_PERSON))
        match records:
            case "accounts":
                readers: dict[str, Reader] = dict.fromkeys(("name", "industry", "country"), text)
                readers |= {
                    "domain": of_line(crm_values.host),
                    "created_on": self._day,
                    "in_crm": crm_values.flag,
                }
            case "deals":
                section = self._mapping.deals
                readers = dict.fromkeys(("opened_on", "closed_on", "expected_close_on"), self._day)
                readers |= {
                    "name": text,
                    "stage": crm_values.line,
                    "status": of_line(lambda word: _OUTCOMES.get(word.casefold())),
                    "amount": crm_values.number,
                    "currency": of_line(cells.currency_code),
                    "probability": _percent if _is_percent(section) else crm_values.number,
                }
            case "contacts":
                names = ("first_name", "last_name", "job_title", "company_name")
                readers = dict.fromkeys(names, of_a_person)
                readers |= {"email": of_line(cells.address), "phone": of_line(crm_values.phone)}
            case "activities":
                readers = {
                    "kind": of_line(cells.kind_word),
                    "occurred_at": self._instant,
                    "two_way": crm_values.flag,
                    "subject": text,
                    "text": crm_values.lines,
                }
        return readers | {"owner_email": of_line(self._owner)}

    def _owner(self, user: str) -> str:
        ours = self._owners.get(folded(user))
        if ours is not None:
            return ours
        try:
            return cells.address(user)
        except CellFault as fault:
            raise CellFault("unknown_owner", fault.message) from fault

    def _translated(self, name: str, values: Mapping[str, Any], read: Reader) -> Reader:
        ours_of = {folded(theirs): ours for theirs, ours in values.items()}
        # Of other fields what is unknown cannot be kept, and has a code of its own.
        is_kept = name in ("industry", "country")

        def translated(value: Any) -> Any:
            text = crm_values.line(value)
            if text is None:
                return None
            ours = ours_of.get(folded(text))
            if ours is not None:
                return ours
            if is_kept and text not in ours_of.values():
                self._notice("unknown_value", name)
            return read(value)

        return translated


def _is_percent(section: DealMapping) -> bool:
    """Tell whether the field that the mapping names counts percents; connectors give fractions."""
    return section.probability == "percent" and section.fields.get("probability") is not None


def _percent(value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip().removesuffix("%")
    found = crm_values.number(value)
    return None if found is None else found.scaleb(-2)


def folded(text: str) -> str:
    """Return a value as it is compared."""
    return text.strip().casefold()
