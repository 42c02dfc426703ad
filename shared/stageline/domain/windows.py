"""Windows of whole calendar months, written as ISO 8601 durations (S0.8)."""

import re
from typing import Final

from stageline.domain.calendar import window_last_day

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
    """First day -> the day after the window's last, computed once for each day asked for.

    A dict because it stands in the engine's innermost loop; there are only so many days.
    """

    __slots__ = ("_months",)

    def __init__(self, months: int) -> None:
        super().__init__()
        self._months = months

    def __missing__(self, first_day: int) -> int:
        end = self[first_day] = window_last_day(first_day, self._months) + 1
        return end
