"""Which external ids a file has had so far, in flat memory."""

import hashlib
import sqlite3
from contextlib import closing
from types import TracebackType
from typing import Self


class SeenIds:
    """Remembers on which line an id came first. Holds digests, in a private temporary database
    that goes to disk when it no longer fits its cache. To be closed.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        with closing(self._database.cursor()) as cursor:
            for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-16384"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.execute("CREATE TABLE seen (id BLOB PRIMARY KEY, line INTEGER) WITHOUT ROWID")
            cursor.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()

    def first_line(self, external_id: str, line: int) -> int:
        """Return the line on which the id came first: `line` when it is new."""
        digest = hashlib.blake2b(external_id.encode(), digest_size=16).digest()
        added = self._database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (digest, line))
        if added.rowcount:
            return line
        found = self._database.execute("SELECT line FROM seen WHERE id = ?", (digest,)).fetchone()
        return int(found[0])
