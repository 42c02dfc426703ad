"""From cells to records: which column is which field, and what is wrong with a row."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from stageline.domain.activity import LONGEST_TEXT
from stageline.domain.deal import Terms, faults
from stageline.domain.job_states import Records
from stageline.domain.jobs import Problem, Warned
from stageline.domain.person_records import ActivityRecord, ContactRecord
from stageline.domain.records import AccountRecord, DealRecord, Record
from sync_crm.connectors import csv_cells as cells
from sync_crm.connectors.csv_cells import CellFault, Parser
from sync_crm.connectors.csv_instants import instant_parser
from sync_crm.connectors.csv_mapping import (
    AccountColumn,
    AccountSection,
    ActivityColumn,
    ActivitySection,
    ContactColumn,
    ContactSection,
    DealColumn,
    DealSection,
    Section,
    values_of,
)
from sync_crm.connectors.csv_records import MOST_COLUMNS
from sync_crm.connectors.csv_text import folded, refuse

COLUMNS: Mapping[Records, tuple[str, ...]] = {
    "accounts": get_args(AccountColumn.__value__),
    "deals": get_args(DealColumn.__value__),
    "contacts": get_args(ContactColumn.__value__),
    "activities": get_args(ActivityColumn.__value__),
}
NEEDED: Mapping[Records, tuple[str, ...]] = {
    "accounts": ("external_id", "name"),
    "deals": ("external_id", "name", "status"),
    "contacts": ("external_id",),
    "activities": ("external_id", "kind", "occurred_at"),
}
# Fields of which a row has at least one; the first is named when there is none.
ONE_NEEDED: Mapping[Records, tuple[str, ...]] = {
    "contacts": ("last_name", "first_name", "email"),
    "activities": ("account_external_id", "contact_external_id"),
}
MOST_TEXT = 1_000
_PERSON = ("first_name", "last_name", "phone", "job_title", "company_name")
MOST_OF_A_PERSON = 300
_MOST_SHOWN = 100

# How the faults that every door knows are called in a file.
DEAL_CODES = {
    ("closed_on", "before_opened"): "closed_before_opened",
    ("amount", "negative"): "negative_amount",
    ("currency", "missing"): "amount_without_currency",
    ("currency", "unknown"): "unknown_currency",
    ("probability", "out_of_range"): "probability_out_of_range",
}


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    place: int
    heading: str
    parse: Parser


class Heading:
    """What the first row says: which column is read as which field.

    Raises FileRefused: missing_column, duplicate_column, too_many_columns.
    """

    def __init__(
        self,
        names: Sequence[str],
        section: Section,
        records: Records,
        zone: str,
    ) -> None:
        if len(names) > MOST_COLUMNS:
            refuse("too_many_columns", f"a file has at most {MOST_COLUMNS} columns", 1)
        self.width = len(names)
        self._names = [name.strip() for name in names]
        places: dict[str, list[int]] = {}
        for place, name in enumerate(names):
            places.setdefault(folded(name), []).append(place)
        parsers = _parsers(section, records, zone)
        self.fields: list[_Field] = []
        self._unfound: list[str] = []
        for field, theirs in wanted_headings(section, records).items():
            found = places.get(folded(theirs), [])
            if len(found) > 1:
                refuse("duplicate_column", f"two columns have the heading read as {field}", 1)
            elif found:
                place = found[0]
                self.fields.append(_Field(field, place, self.shown(place), parsers[field]))
            elif field in section.columns:
                self._unfound.append(field)
        self._check_needed(section, records)
        read = {field.place for field in self.fields}
        ignored = {folded(name) for name in section.ignore}
        self._unknown = [
            place
            for place, name in enumerate(names)
            if place not in read and folded(name) not in ignored
        ]

    def heading_of(self, field: str) -> str | None:
        return next((one.heading for one in self.fields if one.name == field), None)

    def shown(self, place: int) -> str:
        """Return a heading as reports show it."""
        name = self._names[place] if place < len(self._names) else ""
        return name[:_MOST_SHOWN] or f"column {place + 1}"

    def warnings(self) -> list[Warned]:
        found = []
        if self._unknown:
            columns = tuple(self.shown(place) for place in self._unknown)
            message = "these columns are not read; the mapping can name or ignore them"
            found.append(Warned("unknown_columns", message, len(columns), columns))
        if self._unfound:
            message = "the mapping names columns for these fields that the file does not have"
            unfound = tuple(self._unfound)
            found.append(Warned("mapped_columns_missing", message, len(unfound), unfound))
        return found

    def _check_needed(self, section: Section, records: Records) -> None:
        given = {field.name for field in self.fields}
        given |= section.defaults.model_dump(exclude_none=True).keys()
        missing = [name for name in NEEDED[records] if name not in given]
        if missing:
            refuse(
                "missing_column",
                f"needed and not found: {', '.join(missing)}; a mapping can name other headings",
                1,
            )


def wanted_headings(section: Section, records: Records) -> dict[str, str]:
    """Return for each field the heading it is read from; without those mapped to nothing."""
    named: Mapping[Any, str | None] = section.columns
    headings = {field: named.get(field, field) for field in COLUMNS[records]}
    return {field: heading for field, heading in headings.items() if heading is not None}


class RowParser:
    """Turns the cells of a row into a record, or into what is wrong with it."""

    def __init__(self, heading: Heading, section: Section, records: Records) -> None:
        self._heading = heading
        self._records = records
        self._needed = NEEDED[records]
        self._defaults = section.defaults.model_dump(exclude_none=True)
        self.noticed: Counter[str] = Counter()

    def parse(self, line: int, row: Sequence[str]) -> Record | list[Problem]:
        if len(row) != self._heading.width:
            return [self._wrong_width(line, len(row))]
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        for field in self._heading.fields:
            cell = row[field.place].strip()
            if cell:
                try:
                    values[field.name] = field.parse(cell)
                except CellFault as fault:
                    problems.append(Problem(line, field.heading, fault.code, fault.message))
                    values[field.name] = None
        for name, value in self._defaults.items():
            # A currency is that of an amount.
            if name not in values and (name != "currency" or "amount" in values):
                values[name] = value
        problems += [
            Problem(
                line,
                self._heading.heading_of(name) or name,
                "missing_value",
                "this cell may not be empty",
            )
            for name in self._missing(values)
        ]
        if problems:
            return problems
        match self._records:
            case "accounts":
                return AccountRecord(line=line, **values)
            case "deals":
                return self._deal(line, values)
            case "contacts":
                return ContactRecord(line=line, **values)
            case "activities":
                return ActivityRecord(line=line, **values)

    def _missing(self, values: Mapping[str, Any]) -> list[str]:
        missing = [name for name in self._needed if name not in values]
        one_of = ONE_NEEDED.get(self._records, ())
        if one_of and not values.keys() & set(one_of):
            missing.append(one_of[0])
        return missing

    def _deal(self, line: int, values: dict[str, Any]) -> Record | list[Problem]:
        status = values["status"]
        if status == "open" and "closed_on" in values:
            # Many CRMs keep the expected day and the real one in one column.
            values.setdefault("expected_close_on", values.pop("closed_on"))
            self.noticed["open_with_close_date"] += 1
        elif status != "open" and "closed_on" not in values:
            self.noticed[f"{status}_without_close_date"] += 1
        terms = Terms(
            name=values["name"],
            opened_on=values.get("opened_on"),
            amount=values.get("amount"),
            currency=values.get("currency"),
            probability=values.get("probability"),
        )
        found = [
            Problem(
                line,
                self._heading.heading_of(fault.field) or fault.field,
                DEAL_CODES.get((fault.field, fault.reason), f"{fault.field}_{fault.reason}"),
                fault.detail,
            )
            for fault in faults(terms, status, values.get("closed_on"), undated_close=True)
        ]
        return found or DealRecord(line=line, **values)

    def _wrong_width(self, line: int, width: int) -> Problem:
        if width > self._heading.width:
            code, what = "too_many_cells", "more"
        else:
            code, what = "too_few_cells", "fewer"
        message = f"the row has {what} cells ({width}) than there are columns"
        return Problem(line, None, code, f"{message} ({self._heading.width}); check its quotes")


def _parsers(section: Section, records: Records, zone: str) -> dict[str, Parser]:
    text = cells.text_parser(MOST_TEXT)
    parsers: dict[str, Parser] = dict.fromkeys(COLUMNS[records], text)
    parsers["owner_email"] = cells.address
    values = values_of(section)
    match section:
        case AccountSection():
            parsers |= {
                "created_on": cells.date_parser(section.dates, zone),
                "in_crm": cells.yes_or_no,
                "domain": cells.domain_name,
            }
        case DealSection():
            day = cells.date_parser(section.dates, zone)
            percent = section.probability == "percent"
            number = cells.decimal_parser(section.decimal)
            parsers |= {
                "opened_on": day,
                "closed_on": day,
                "expected_close_on": day,
                "amount": number,
                "probability": cells.percent_parser(section.decimal) if percent else number,
                "currency": cells.currency_code,
                "status": cells.status_word,
            }
        case ContactSection():
            role = _translated(values["roles"], cells.role_word)
            name = cells.text_parser(MOST_OF_A_PERSON)
            parsers |= dict.fromkeys(_PERSON, name)
            return parsers | {"email": cells.address, "roles": cells.several(role)}
        case ActivitySection():
            parsers |= {
                "kind": cells.kind_word,
                "occurred_at": instant_parser(section.dates, zone),
                "two_way": cells.yes_or_no,
                "text": cells.text_parser(LONGEST_TEXT),
            }
    for field, ours in values.items():
        if ours:
            parsers[field] = _translated(ours, parsers[field])
    return parsers


def _translated(values: Mapping[str, object], parse: Parser) -> Parser:
    def translated(cell: str) -> object:
        ours = values.get(cell.casefold())
        return parse(cell) if ours is None else ours

    return translated
