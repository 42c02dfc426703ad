"""What callers ask of the audit: the newest entries first, in pages."""

from dataclasses import dataclass
from typing import NamedTuple

from stageline.audit_ports import AuditLog
from stageline.domain.audit import AuditEntry, Kind, Span

# How many entries a page looks at for those that fit.
MOST_READ = 1_000


@dataclass(frozen=True, slots=True)
class Criteria:
    """`by` and `kind` pick entries out of the span; None: all of them."""

    span: Span
    by: str | None = None
    kind: Kind | None = None

    def fits(self, entry: AuditEntry) -> bool:
        return self.by in (None, entry.by) and self.kind in (None, entry.kind)


class Page(NamedTuple):
    """`following` is where the next page begins, None after the last entry."""

    entries: tuple[AuditEntry, ...]
    following: str | None


def list_entries(log: AuditLog, criteria: Criteria, after: str | None, limit: int) -> Page:
    """Return up to `limit` entries; after many that do not fit, a page ends early."""
    shown: list[AuditEntry] = []
    last = None
    found = log.newest(criteria.span, after=after, page=limit + 1)
    for number, (key, entry) in enumerate(found):
        if len(shown) == limit or number == MOST_READ:
            return Page(tuple(shown), last)
        if criteria.fits(entry):
            shown.append(entry)
        last = key
    return Page(tuple(shown), None)
