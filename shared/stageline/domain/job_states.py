"""What imports are of, and how far they are: words that cost nothing to import."""

from typing import Literal

type Records = Literal["accounts", "deals", "contacts", "activities"]
type Status = Literal[
    "waiting",
    "reading",
    "storing",
    "linking",
    "settling",
    "verifying",
    "completed",
    "completed_with_errors",
    "refused",
]
type Step = Literal["storing", "linking", "settling", "verifying"]
type Part = Literal["ledgers", "values", "rows"]

FILE_INTEGRATION = "file"
RECORDS: tuple[Records, ...] = ("accounts", "deals", "contacts", "activities")
FINISHED: frozenset[Status] = frozenset({"completed", "completed_with_errors", "refused"})
STEPS: frozenset[Status] = frozenset({"storing", "linking", "settling", "verifying"})
