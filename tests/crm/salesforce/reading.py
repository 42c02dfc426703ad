"""Query with its pages, and the lists of deleted and updated records."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from tests.crm.salesforce import ids
from tests.crm.salesforce.call import Call, reply
from tests.crm.salesforce.errors import Refusal, malformed_query, not_found
from tests.crm.salesforce.fields import Row
from tests.crm.salesforce.options import Options
from tests.crm.salesforce.org import BIN_KEEPS, Org
from tests.crm.salesforce.query import Query, visible
from tests.crm.salesforce.store import instant_of, stamp
from tests.crm.server import Reply

SMALLEST, LARGEST = 200, 2000
CURSOR_LIVES = timedelta(days=2)
UPDATED_KEEPS = timedelta(days=30)
MOST_IDS = 600_000
_BATCH = re.compile(r"\s*batchSize\s*=\s*(\d+)\s*")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)")


@dataclass(slots=True)
class _Cursor:
    query: Query
    rows: list[Row]
    size: int
    opened: datetime
    path: str
    given: set[int]


class Reading:
    def __init__(self, org: Org, options: Options) -> None:
        self._org = org
        self._options = options
        self._cursors: dict[str, _Cursor] = {}
        self._numbers = count(1)

    def query(self, call: Call) -> Reply:
        return self._first(call, "query", deleted=False)

    def query_all(self, call: Call) -> Reply:
        return self._first(call, "queryAll", deleted=True)

    def _first(self, call: Call, path: str, *, deleted: bool) -> Reply:
        text = call.param("q")
        if not text:
            raise malformed_query("A query string has to be specified")
        query = Query(self._org.store, text, deleted=deleted)
        rows = query.rows()
        if query.select.counted == "":
            return reply({"totalSize": len(rows), "done": True, "records": []})
        if query.select.counted:
            _, value = query.paths.value(query.select.counted)
            found = sum(value(row) is not None for row in rows)
            record = {"attributes": {"type": "AggregateResult"}, "expr0": found}
            return reply({"totalSize": 1, "done": True, "records": [record]})
        size = self._batch(call)
        cursor = _Cursor(query, rows, size, self._org.clock.now(), path, set())
        locator = ids.make_id("0r8", next(self._numbers))
        if len(rows) > size:
            self._cursors[locator] = cursor
        return self._page(call, locator, cursor, 0)

    def more(self, call: Call) -> Reply:
        locator, _, offset = call.args[0].rpartition("-")
        cursor = self._cursors.get(locator)
        now = self._org.clock.now()
        if cursor is None or not offset.isdigit() or now - cursor.opened >= CURSOR_LIVES:
            raise _invalid_locator()
        at = int(offset)
        if at % cursor.size or at >= len(cursor.rows):
            raise _invalid_locator()
        if self._options.locators_once and at in cursor.given:
            raise _invalid_locator()
        cursor.given.add(at)
        return self._page(call, locator, cursor, at)

    def _page(self, call: Call, locator: str, cursor: _Cursor, at: int) -> Reply:
        end = at + cursor.size
        more = end < len(cursor.rows)
        body: dict[str, object] = {"totalSize": len(cursor.rows), "done": not more}
        if more:
            body["nextRecordsUrl"] = f"{call.root}/{cursor.path}/{locator}-{end}"
        rows = cursor.rows[at:end]
        body["records"] = [cursor.query.shown(row, call.root) for row in rows]
        return reply(body)

    def _batch(self, call: Call) -> int:
        """A wish: there is no guarantee that the batch has this size."""
        header = call.request.headers.get("sforce-query-options", "")
        match = _BATCH.fullmatch(header)
        size = min(max(int(match.group(1)), SMALLEST), LARGEST) if match else LARGEST
        return size * 3 // 4 if self._options.smaller_batches else size

    def deleted(self, call: Call) -> Reply:
        name, start, end = self._span(call)
        kind = self._org.types[name]
        if not kind.deletable:
            raise Refusal(400, "INVALID_TYPE", f"{name} is not replicateable")
        now = self._org.clock.now()
        start = max(start, now - BIN_KEEPS)
        found = [(key, at) for key, at in self._org.deletions(name) if start <= at < end]
        _few_enough(len(found))
        first = self._org.last_purge.get(name, self._org.created)
        return reply(
            {
                "deletedRecords": [{"id": key, "deletedDate": stamp(at)} for key, at in found],
                "earliestDateAvailable": stamp(_minute(first)),
                "latestDateCovered": stamp(min(end, _minute(now))),
            }
        )

    def updated(self, call: Call) -> Reply:
        name, start, end = self._span(call)
        now = self._org.clock.now()
        start = max(start, now - UPDATED_KEEPS)
        rows = self._org.store.rows(name)
        found = [
            key
            for at, key in self._org.store.window(name, stamp(start), stamp(end))
            if at < stamp(end) and not rows[key].get("IsDeleted")
        ]
        _few_enough(len(found))
        return reply({"ids": found, "latestDateCovered": stamp(min(end, _minute(now)))})

    def _span(self, call: Call) -> tuple[str, datetime, datetime]:
        """Seconds are dropped; the start lies before the end."""
        try:
            name = visible(self._org.store, call.args[0]).name
        except Refusal as error:
            raise not_found() from error
        found = []
        for param in ("start", "end"):
            text = call.param(param)
            if not text:
                raise Refusal(400, "MISSING_ARGUMENT", f"missing required argument: {param}")
            if not _INSTANT.fullmatch(text):
                raise Refusal(400, "INVALID_ARGUMENT_TYPE", f"{param}: invalid dateTime: {text}")
            found.append(_minute(datetime.fromisoformat(text)))
        start, end = found
        if start >= end:
            message = "startDate cannot be the same value as, or later than, endDate"
            raise Refusal(400, "INVALID_REPLICATION_DATE", message)
        return name, start, end


def _minute(instant: datetime) -> datetime:
    return instant_of(stamp(instant)).replace(second=0)


def _few_enough(number: int) -> None:
    if number > MOST_IDS:
        message = "too many ids: choose a start and an end that are closer together"
        raise Refusal(400, "EXCEEDED_ID_LIMIT", message)


def _invalid_locator() -> Refusal:
    return Refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
