"""Salesforce, read with SOQL over its REST API, and all there is with query jobs of Bulk API 2.0.

Changes are read by SystemModstamp and paged by id: equal instants do not matter, and a page can be
asked for again. Whoever changes meanwhile leaves the window and comes with the next one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import batched
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from stageline.adapters.jwt_bearer import assertion
from stageline.crm_ports import Crm
from stageline.domain.crm_errors import CrmRefused, SignInRefused
from stageline.domain.crm_messages import CrmReply, CrmRequest, Dialect
from stageline.domain.crm_records import Ask, CrmField, CrmPage, CrmRecord
from stageline.domain.crm_token import Token
from stageline.domain.crm_vendors import VENDORS
from stageline.domain.job_states import Records
from sync_crm.connectors.salesforce_bulk import MEANWHILE, QueryJobs
from sync_crm.connectors.salesforce_objects import CURRENCY, FIELDS, OBJECTS, Row, Sobject
from sync_crm.connectors.salesforce_schema import Columns, Org, row_from, row_of
from sync_crm.connectors.salesforce_writing import SalesforceWriting

VERSION = "v62.0"
PAGE = 2000
# An address and its headers may have 16,384 bytes; tokens can be long.
_LONGEST_SOQL = 12_000
_ID = re.compile(r"[0-9A-Za-z]{18}")
_ID_IN_SOQL = len(quote_plus("'001000000000000AAA',"))
# Sessions end after 15 minutes to 24 hours without use, as the org has set it.
_SESSION = timedelta(hours=1)
# The feed does not go back that far, or has too many ids; the sweep finds them.
_FEED_ENDS = frozenset({"INVALID_REPLICATION_DATE", "EXCEEDED_ID_LIMIT"})
_USAGE = re.compile(r"(?<![\w-])api-usage=(\d+)/(\d+)")


def _code(body: Any) -> str:
    if isinstance(body, dict):
        return str(body["error"])
    error = body[0]
    # The same code tells that the day's requests are used up, and of too many at the same time.
    if error["errorCode"] == "REQUEST_LIMIT_EXCEEDED" and "Concurrent" in error["message"]:
        return "CONCURRENT_REQUESTS"
    return str(error["errorCode"])


def daily_left(headers: Mapping[str, str]) -> int | None:
    """Return how many requests the org has left for the day."""
    usage = _USAGE.search(headers.get("sforce-limit-info", ""))
    return max(0, int(usage[2]) - int(usage[1])) if usage else None


DIALECT = Dialect(
    hosts=VENDORS["salesforce"].hosts,
    code=_code,
    quota_spent=frozenset({"REQUEST_LIMIT_EXCEEDED"}),
    throttled=frozenset({"CONCURRENT_REQUESTS"}),
    token_expired=frozenset({"INVALID_SESSION_ID"}),
    quota_left=daily_left,
)


def sign_in(crm: Crm, base_url: str, credentials: Mapping[str, str], now: datetime) -> Token:
    """Return a token for the org at its My Domain URL. Raises CrmError."""
    if "private_key" in credentials:
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": assertion(
                credentials["private_key"],
                issuer=credentials["client_id"],
                subject=credentials["username"],
                audience=base_url,
                now=now,
            ),
        }
    else:
        names = ("client_id", "client_secret")
        form = {"grant_type": "client_credentials"} | {name: credentials[name] for name in names}
    url = f"{base_url}/services/oauth2/token"
    reply = crm.send(CrmRequest(method="POST", url=url, form=form))
    token = reply.data.get("access_token")
    if not isinstance(token, str):
        raise SignInRefused("the CRM gives no token", reply.status)
    return Token.lasting(token, _SESSION, now)


class _Page(NamedTuple):
    """Rows in the order of their ids; where to go on (None: that was all); when it was said."""

    rows: Sequence[Row]
    after: str | None
    at: datetime


class Salesforce:
    """The port `Connector`, and those of writing.

    It asks once which fields there are and whether we may see them.
    """

    fields = FIELDS

    def __init__(self, crm: Crm, base_url: str) -> None:
        self._crm = crm
        self._url = f"{base_url}/services/data/{VERSION}"
        self._jobs = QueryJobs(crm, f"{self._url}/jobs/query")
        self._org = Org(crm, self._url)
        self._writing = SalesforceWriting(crm, self._url, self._org)

    def page(self, ask: Ask) -> CrmPage:
        objects = OBJECTS[ask.records]
        number, place = ask.place or (0, {})
        step = self._all if ask.since is None else self._changed
        page = step(objects[number], ask, place)
        if page.place is not None:
            return replace(page, place=[number, page.place])
        number += 1
        return replace(page, place=[number, {}] if number < len(objects) else None)

    def fetch(
        self, records: Records, ids: Sequence[str], fields: Sequence[str]
    ) -> Sequence[CrmRecord]:
        return [
            self._record(sobject, row, fields, page.at)
            for sobject in OBJECTS[records]
            for page in self._by_id(sobject, self._org.columns(sobject, fields), ids)
            for row in page.rows
        ]

    def count(self, records: Records) -> int | None:
        """Activities are not counted: which there are changes from minute to minute."""
        if records == "activities":
            return None
        soql = f"SELECT COUNT() FROM {OBJECTS[records][0].name}"
        return int(self._get("query", {"q": soql}).data["totalSize"])

    def describe(self, records: Records) -> Sequence[CrmField]:
        return self._org.fields(records)

    def create_account(self, values: Mapping[str, Any], key: str) -> str:
        return self._writing.create(values)

    def find_created(self, values: Mapping[str, Any], key: str, since: datetime) -> str | None:
        return self._writing.find_created(values, since)

    def update_account(self, external_id: str, values: Mapping[str, Any]) -> None:
        self._writing.update(external_id, values)

    def erase_contact(self, external_id: str) -> None:
        self._writing.erase(external_id)

    def _changed(self, sobject: Sobject, ask: Ask, place: Mapping[str, str]) -> CrmPage:
        """Records in the window by id, then those that only the feed of deletions knows."""
        assert ask.since is not None
        since, until = _whole_second(ask.since), _whole_second(ask.until)
        if "feed" in place:
            return self._deleted(sobject, since, until, place["feed"])
        windows = [
            f"({moves} >= {_literal(since)} AND {moves} < {_literal(until)})"
            for moves in ("SystemModstamp", sobject.ends)
            if moves
        ]
        page = self._after(
            sobject,
            self._org.columns(sobject, ask.fields),
            [f"({' OR '.join(windows)})"],
            place.get("after"),
        )
        found = [self._record(sobject, row, ask.fields, until) for row in page.rows]
        if page.after is not None:
            return CrmPage(found, {"after": page.after})
        deleted = self._deleted(sobject, since, until, "")
        return CrmPage([*found, *deleted.records], deleted.place)

    def _deleted(self, sobject: Sobject, since: datetime, until: datetime, after: str) -> CrmPage:
        """Deletions that moved no SystemModstamp, and what is out of the recycle bin already."""
        # Seconds are dropped, and a span has to be longer than a minute.
        span = {
            "start": _literal(since - timedelta(minutes=1)),
            "end": _literal(until + timedelta(minutes=1)),
        }
        try:
            feed = self._get(f"sobjects/{sobject.name}/deleted/", span).data["deletedRecords"]
        except CrmRefused as error:
            if error.code not in _FEED_ENDS:
                raise
            feed = []
        ids = sorted(
            {
                item["id"]
                for item in feed
                if item["id"] > after
                and since <= datetime.fromisoformat(item["deletedDate"]) < until
            }
        )
        pages = self._by_id(sobject, self._org.columns(sobject, ()), ids[:PAGE])
        found = {row["Id"]: row for page in pages for row in page.rows}
        gone = [
            CrmRecord(external_id=one, is_gone=True, merged_into=row.get("MasterRecordId"))
            for one in ids[:PAGE]
            if not (row := found.get(one, {}))
            or (row["IsDeleted"] and datetime.fromisoformat(row["SystemModstamp"]) < since)
        ]
        return CrmPage(gone, {"feed": ids[PAGE - 1]} if len(ids) > PAGE else None)

    def _all(self, sobject: Sobject, ask: Ask, place: Mapping[str, str]) -> CrmPage:
        """A page by id, and if there is more, the rest as a job; by id where that fails."""
        until = _whole_second(ask.until)
        columns = self._org.columns(sobject, ask.fields)
        rows: Iterable[Row]
        rest, wait = None, None
        if "job" in place:
            job, locator = place["job"], place.get("locator")
            state = "done" if locator else self._jobs.state(job)
            if state == "running":
                return CrmPage([], place, MEANWHILE)
            if state == "failed":
                return CrmPage([], {"after": place["after"]})
            lines, locator = self._jobs.lines(job, locator, list(columns), PAGE)
            rows = (row_of(columns, line) for line in lines)
            if locator:
                rest = {**place, "locator": locator}
        else:
            ours = ["IsDeleted = false"]
            ours += [sobject.ours] if sobject.ours else []
            ours += [f"{sobject.ends} < {_literal(until)}"] if sobject.ends else []
            page = self._after(sobject, columns, ours, place.get("after"))
            rows = page.rows
            if page.after is not None:
                rest = {"after": page.after}
                soql = _soql(sobject, columns, [*ours, f"Id > '{page.after}'"])
                if not place and (created := self._jobs.create(soql)):
                    rest, wait = {**rest, "job": created}, MEANWHILE
        records = [self._record(sobject, row, ask.fields, until) for row in rows]
        return CrmPage([record for record in records if not record.is_gone], rest, wait)

    def _after(
        self, sobject: Sobject, columns: Columns, conditions: Sequence[str], after: str | None
    ) -> _Page:
        """Return a page of rows, deleted and archived ones among them."""
        if after is not None:
            conditions = [*conditions, f"Id > '{after}'"]
        soql = f"{_soql(sobject, columns, conditions)} ORDER BY Id LIMIT {PAGE}"
        reply = self._get("queryAll", {"q": soql})
        rows = [row_from(columns, record) for record in reply.data["records"]]
        # Salesforce may give fewer at once than it is asked for.
        more = rows and (len(rows) >= PAGE or not reply.data["done"])
        return _Page(
            rows,
            rows[-1]["Id"] if more else None,
            _said_at(reply.headers),
        )

    def _by_id(self, sobject: Sobject, columns: Columns, ids: Sequence[str]) -> Iterator[_Page]:
        known = [one for one in ids if one.startswith(sobject.prefix) and _ID.fullmatch(one)]
        room = _LONGEST_SOQL - len(quote_plus(_soql(sobject, columns, [])))
        for some in batched(known, max(1, room // _ID_IN_SOQL), strict=False):
            among = ",".join(f"'{one}'" for one in some)
            after: str | None = None
            while True:
                page = self._after(sobject, columns, [f"Id IN ({among})"], after)
                yield page
                after = page.after
                if after is None:
                    break

    def _record(self, sobject: Sobject, row: Row, fields: Iterable[str], at: datetime) -> CrmRecord:
        if row["IsDeleted"] or not sobject.is_ours(row, at):
            return CrmRecord(
                external_id=row["Id"], is_gone=True, merged_into=row.get("MasterRecordId")
            )
        values = {}
        for name in fields:
            derived = sobject.derived.get(name)
            if derived is None and name in row:
                values[name] = row[name]
            elif derived is not None and all(path in row for path in derived.made_of):
                values[name] = derived.value(row)
            elif name == CURRENCY and (currency := self._org.currency()):
                values[name] = currency
        return CrmRecord(
            external_id=row["Id"],
            values=values,
            links={
                ours: (row[path],) if (row[path] or "").startswith(prefix) else ()
                for ours, (path, prefix) in sobject.links.items()
                if path in row
            },
        )

    def _get(self, path: str, query: Mapping[str, str] | None = None) -> CrmReply:
        return self._crm.send(CrmRequest(url=f"{self._url}/{path}", query=query or {}))


CONNECTOR = Salesforce


def _soql(sobject: Sobject, columns: Columns, conditions: Sequence[str]) -> str:
    return f"SELECT {','.join(columns)} FROM {sobject.name} WHERE {' AND '.join(conditions)}"


def _said_at(headers: Mapping[str, str]) -> datetime:
    """Return when an answer was given; if it does not say, whatever has a date is over."""
    said = headers.get("date")
    return parsedate_to_datetime(said) if said else datetime.max.replace(tzinfo=UTC)


def _whole_second(instant: datetime) -> datetime:
    """SOQL does not compare milliseconds."""
    return instant.astimezone(UTC).replace(microsecond=0)


def _literal(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
