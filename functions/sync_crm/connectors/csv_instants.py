"""Cells that say when something happened."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from sync_crm.connectors.csv_cells import (
    ISO_DAY,
    ISO_INSTANT,
    YEARS,
    CellFault,
    Parser,
    date_pattern,
    day_of,
)


def instant_parser(forms: Sequence[str], zone: str) -> Parser:
    """Return what reads an instant: by these formats, or ISO 8601 when there are none.

    One without an offset is one in `zone`; a day alone is its beginning there.
    """
    patterns = [date_pattern(form) for form in forms]
    here = ZoneInfo(zone)

    def parse(cell: str) -> datetime:
        instant = _by_formats(cell, patterns) if patterns else _iso(cell)
        if instant is None:
            raise CellFault(
                "invalid_instant",
                "no such instant in the format that the mapping gives"
                if patterns
                else "an instant is written 2026-02-28T09:30:00+01:00, its offset may be left out",
            )
        if instant.year not in YEARS:
            raise CellFault("date_out_of_range", "a date is from 1900 to 2199")
        return (instant if instant.tzinfo else instant.replace(tzinfo=here)).astimezone(UTC)

    return parse


def _iso(cell: str) -> datetime | None:
    if ISO_DAY.fullmatch(cell) or ISO_INSTANT.fullmatch(cell):
        try:
            return datetime.fromisoformat(cell)
        except ValueError:
            pass
    return None


def _by_formats(cell: str, patterns: Sequence[re.Pattern[str]]) -> datetime | None:
    for pattern in patterns:
        if found := pattern.fullmatch(cell):
            parts = found.groupdict()
            hour, minute, second = (
                int(parts.get(one) or 0) for one in ("hour", "minute", "second")
            )
            try:
                return datetime.combine(day_of(found), time(hour, minute, second))
            except ValueError:
                continue
    return None
