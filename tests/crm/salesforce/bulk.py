"""Query jobs of Bulk API 2.0: results as CSV, in sets that a locator names."""

import base64
import csv
import gzip
import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from tests.crm.salesforce import ids
from tests.crm.salesforce.call import Call, empty, reply
from tests.crm.salesforce.errors import Refusal, not_found
from tests.crm.salesforce.options import Options
from tests.crm.salesforce.org import Org
from tests.crm.salesforce.query import Query, unsupported_in_bulk
from tests.crm.salesforce.store import stamp
from tests.crm.server import Reply

KEPT = timedelta(days=7)
DELIMITERS = {
    "BACKQUOTE": "`",
    "CARET": "^",
    "COMMA": ",",
    "PIPE": "|",
    "SEMICOLON": ";",
    "TAB": "\t",
}
ENDINGS = {"LF": "\n", "CRLF": "\r\n"}


@dataclass(slots=True)
class _Job:
    id: str
    operation: str
    query: Query
    rows: list[list[Any]]
    created: datetime
    version: str
    delimiter: str
    ending: str
    polls_left: int
    state: str = "UploadComplete"
    error: str | None = None

    def info(self) -> dict[str, Any]:
        at = stamp(self.created)
        info: dict[str, Any] = {
            "id": self.id,
            "operation": self.operation,
            "object": self.query.kind.name,
            "createdById": ids.make_id("005", 1),
            "createdDate": at,
            "systemModstamp": at,
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
            "lineEnding": self.ending,
            "columnDelimiter": self.delimiter,
        }
        if self.error:
            info["errorMessage"] = self.error
        return info

    def report(self) -> dict[str, Any]:
        done = len(self.rows) if self.state == "JobComplete" else 0
        return self.info() | {
            "jobType": "V2Query",
            "numberRecordsProcessed": done,
            "retries": 0,
            "totalProcessingTime": 1,
        }


class Bulk:
    def __init__(self, org: Org, options: Options) -> None:
        self.failure: str | None = None
        self._org = org
        self._options = options
        self._jobs: dict[str, _Job] = {}
        self._numbers = count(1)

    @property
    def today(self) -> int:
        day_ago = self._org.clock.now() - timedelta(days=1)
        return sum(job.created > day_ago for job in self._jobs.values())

    def create(self, call: Call) -> Reply:
        body = call.record()
        operation = body.get("operation")
        if operation not in ("query", "queryAll"):
            raise _invalid(f"Unsupported operation: {operation}")
        delimiter = body.get("columnDelimiter", "COMMA")
        ending = body.get("lineEnding", "LF")
        if delimiter not in DELIMITERS or ending not in ENDINGS:
            raise _invalid("Unsupported columnDelimiter or lineEnding")
        try:
            deleted = operation == "queryAll"
            query = Query(self._org.store, str(body.get("query", "")), deleted=deleted)
        except Refusal as error:
            if error.status != 400:
                raise
            raise Refusal(400, "API_ERROR", f"{error.code}: {error.message}") from error
        problem = unsupported_in_bulk(query)
        if problem:
            raise Refusal(400, "API_ERROR", f"not supported in Bulk Query: {problem}")
        job = _Job(
            ids.make_id("750", next(self._numbers)),
            operation,
            query,
            [query.cells(row) for row in query.rows()],
            self._org.clock.now(),
            call.version,
            delimiter,
            ending,
            self._options.bulk_polls,
        )
        self._jobs[job.id] = job
        return reply(job.info())

    def every(self, call: Call) -> Reply:
        records = [job.info() for job in self._jobs.values()]
        return reply({"done": True, "records": records, "nextRecordsUrl": None})

    def info(self, call: Call) -> Reply:
        """Each look brings the job a step on."""
        job = self._job(call)
        if job.state in ("UploadComplete", "InProgress"):
            if self.failure:
                job.state, job.error = "Failed", self.failure
            elif job.polls_left:
                job.state = "InProgress"
                job.polls_left -= 1
            else:
                job.state = "JobComplete"
        return reply(job.report())

    def abort(self, call: Call) -> Reply:
        job = self._job(call)
        if call.record().get("state") != "Aborted":
            raise _invalid("state can only be set to Aborted")
        if job.state not in ("UploadComplete", "InProgress"):
            raise Refusal(400, "INVALIDJOBSTATE", f"a job in state {job.state} is not aborted")
        job.state = "Aborted"
        return reply(job.info())

    def delete(self, call: Call) -> Reply:
        job = self._job(call)
        if job.state in ("UploadComplete", "InProgress"):
            raise Refusal(400, "INVALIDJOBSTATE", f"a job in state {job.state} is not deleted")
        del self._jobs[job.id]
        return empty()

    def results(self, call: Call) -> Reply:
        job = self._job(call)
        if job.state != "JobComplete":
            message = (
                "can only download query results of successfully completed bulk job with status: "
                f"JOB_COMPLETE. Current status: {job.state}"
            )
            raise Refusal(412, "JOB_NOT_COMPLETE", message)
        if job.version != call.version:
            raise Refusal(409, "VERSION_CONFLICT", f"the job was created with v{job.version}")
        at = _offset(call.param("locator"), len(job.rows))
        end = at + self._set_size(call.param("maxRecords"))
        rows = job.rows[at:end]
        text = io.StringIO()
        writer = csv.writer(
            text,
            delimiter=DELIMITERS[job.delimiter],
            lineterminator=ENDINGS[job.ending],
            quoting=csv.QUOTE_ALL,
        )
        if not at or self._options.bulk_header_on_each_page:
            writer.writerow(job.query.header())
        writer.writerows([[_cell(value) for value in row] for row in rows])
        headers = {
            "Content-Type": "text/csv",
            "Sforce-NumberOfRecords": str(len(rows)),
            "Sforce-Locator": _locator(end) if end < len(job.rows) else "null",
        }
        body = text.getvalue().encode()
        if "gzip" in call.request.headers.get("accept-encoding", ""):
            return Reply(200, gzip.compress(body, 1), headers | {"Content-Encoding": "gzip"})
        return Reply(200, body, headers)

    def _job(self, call: Call) -> _Job:
        job = self._jobs.get(ids.normal(call.args[0]) or "")
        if job is None or self._org.clock.now() - job.created >= KEPT:
            raise not_found()
        return job

    def _set_size(self, wanted: str | None) -> int:
        if wanted is None:
            return self._options.bulk_page
        if not wanted.isdigit() or not int(wanted):
            raise _invalid(f"maxRecords: {wanted}")
        return int(wanted)


def _locator(at: int) -> str:
    return base64.b64encode(str(at).encode()).decode().rstrip("=")


def _offset(locator: str | None, rows: int) -> int:
    if locator is None:
        return 0
    try:
        at = int(base64.b64decode(locator + "=" * (-len(locator) % 4)))
    except ValueError as error:
        raise _invalid(f"locator: {locator}") from error
    if not 0 < at < rows:
        raise _invalid(f"locator: {locator}")
    return at


def _cell(value: Any) -> str:
    """Not as in JSON: instants end in Z, numbers have a fraction, nothing is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(float(value))
    text = str(value)
    return text.removesuffix("+0000") + "Z" if text.endswith(".000+0000") else text


def _invalid(message: str) -> Refusal:
    return Refusal(400, "INVALIDJOB", f"InvalidJob : {message}")
