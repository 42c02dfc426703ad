"""A CSV export as a source of records: read once, in flat memory."""

import io
from collections.abc import Iterator, Sequence

from stageline.domain.job_states import Records
from stageline.domain.jobs import Problem, Warned
from stageline.domain.records import Record
from sync_crm.connectors.csv_duplicates import SeenIds
from sync_crm.connectors.csv_mapping import section_of
from sync_crm.connectors.csv_records import MOST_COLUMNS, MOST_IN_A_CELL, MOST_IN_A_ROW, RowReader
from sync_crm.connectors.csv_rows import Heading, RowParser, wanted_headings
from sync_crm.connectors.csv_text import (
    declared_delimiter,
    detected_delimiter,
    encoding_of,
    folded,
    open_text,
    refuse,
    sample_of,
)

_FAULTS = {
    "cell_too_large": f"a cell has at most {MOST_IN_A_CELL:,} characters",
    "row_too_large": f"a row has at most {MOST_IN_A_ROW:,} characters",
    "too_many_cells": f"a row has at most {MOST_COLUMNS:,} cells",
    "control_character": "the row holds a NUL character",
    "broken_quotes": "a quoted cell goes on after its closing quote; quotes inside are doubled",
    "unterminated_quote": "a quoted cell that begins in this row never ends",
}
_NOTICED = {
    "open_with_close_date": "open deals with a close date: it was read as the expected one",
    "won_without_close_date": "won deals without a close date: they count from the day first seen",
    "lost_without_close_date": "lost deals without a close date: never recent unless seen open",
}


class CsvFile:
    """The port `Export`. `zone` turns instants into days. Nothing is read before `rows`."""

    def __init__(
        self, stream: io.BufferedReader, records: Records, mapping: str | None, zone: str
    ) -> None:
        self._stream = stream
        self._records = records
        self._mapping = mapping
        self._zone = zone
        self._heading: Heading | None = None
        self._parser: RowParser | None = None
        self._rows = 0

    def rows(self) -> Iterator[Record | Sequence[Problem]]:
        """Yield each row as a record, or as what is wrong with it.

        The first sound row with an external id stands. Raises FileRefused, at any time.
        """
        section = section_of(self._mapping, self._records)
        sample = sample_of(self._stream)
        encoding = encoding_of(sample)
        start = sample.decode(encoding, errors="replace")
        declared = declared_delimiter(start)
        headings = map(folded, wanted_headings(section, self._records).values())
        delimiter = section.delimiter or declared or detected_delimiter(start, headings)
        reader = iter(RowReader(open_text(self._stream, encoding), delimiter))
        if declared:
            next(reader, None)
        _, names, fault = next(reader, (1, [], None))
        if fault is not None:
            refuse("not_csv", f"the heading cannot be read: {_FAULTS[fault[0]]}", 1)
        if not any(name.strip() for name in names):
            refuse("empty_file", "the file has no rows")
        self._heading = Heading(names, section, self._records, self._zone)
        self._parser = RowParser(self._heading, section, self._records)
        with SeenIds() as seen:
            for line, cells, fault in reader:
                self._rows += 1
                if fault is not None:
                    code, place = fault
                    column = None if place is None else self._heading.shown(place)
                    yield [Problem(line, column, code, _FAULTS[code])]
                    continue
                parsed = self._parser.parse(line, cells)
                if not isinstance(parsed, list):
                    first = seen.first_line(parsed.external_id, line)
                    if first != line:
                        yield [self._duplicate(line, first)]
                        continue
                yield parsed

    def warnings(self) -> Sequence[Warned]:
        """Return what was noticed besides; complete when `rows` is through."""
        if self._heading is None or self._parser is None:
            return ()
        found = self._heading.warnings()
        if not self._rows:
            found.append(Warned("no_rows", "the file has a heading and no rows", 1))
        return found + [
            Warned(code, _NOTICED[code], count)
            for code, count in sorted(self._parser.noticed.items())
        ]

    def _duplicate(self, line: int, first: int) -> Problem:
        assert self._heading is not None
        message = f"line {first} has the same external id, and stands"
        column = self._heading.heading_of("external_id")
        return Problem(line, column, "duplicate_external_id", message)
