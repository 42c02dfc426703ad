"""Windows of whole calendar months, written as ISO 8601 durations (S0.8)."""

import re
from typing import Final

from stageline.domain.calendar import window_last_day
from stageline.domain.ledger import EVENT_BITS

# Longer than any sales cycle; keeps a mistyped window from being taken at its word.
LONGEST_MONTHS: Final = 120


def parse_months(duration: object) -> int:
    """Return the months of "P6M". Raises ValueError with a text for people."""
    match = re.fullmatch(r"P(\d{1,3})M", duration) if isinstance(duration, str) else None
    if match is None or int(match[1]) > LONGEST_MONTHS:
        raise ValueError(f"is a number of whole months from P0M to P{LONGEST_MONTHS}M")
    return int(match[1])


def format_months(months: int) -> str:
    return f"P{months}M"


class WindowEnds(dict[int, int]):
    """Day lost -> the event `end << 7 | code`, where `end` is the day after the window's last.

    Computed once for each day asked for; a dict because it stands in the engine's innermost loop.
    """

    __slots__ = ("_months", "code")

    def __init__(self, months: int, code: int) -> None:
        super().__init__()
        self._months = months
        self.code = code

    def __missing__(self, lost_on: int) -> int:
        end = window_last_day(lost_on, self._months) + 1
        event = self[lost_on] = end << EVENT_BITS | self.code
        return event
