"""What the audit needs from the outside world."""

from collections.abc import Iterator
from typing import Protocol

from stageline.domain.audit import AuditEntry, Span


class AuditLog(Protocol):
    """What was done in one workspace. Nothing in it is ever changed."""

    def add(self, entry: AuditEntry) -> None:
        """Keep an entry; one that is there already stays as it is."""
        ...

    def newest(
        self, span: Span, *, after: str | None, page: int
    ) -> Iterator[tuple[str, AuditEntry]]:
        """Yield `(sort key, entry)` of what is asked for, the newest first, lazily.

        `after` is the key that the page before ended with; `page` entries are expected to be read.
        """
        ...
