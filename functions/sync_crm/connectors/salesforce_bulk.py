"""Query jobs of Salesforce's Bulk API 2.0."""

import csv
from collections.abc import Sequence
from datetime import timedelta
from io import StringIO
from typing import Literal

from stageline.crm_ports import Crm
from stageline.domain.crm_errors import CrmRefused
from stageline.domain.crm_messages import CrmReply, CrmRequest
from stageline.domain.crm_records import PlaceLost

MEANWHILE = timedelta(seconds=15)
# Jobs are kept for a week, and read with the version of the API that made them.
_LOST = frozenset({400, 404, 409, 410})
_UNFINISHED = frozenset({"UploadComplete", "InProgress"})

type Line = Sequence[str]


class QueryJobs:
    """`url` is where query jobs are."""

    def __init__(self, crm: Crm, url: str) -> None:
        self._crm = crm
        self._url = url

    def create(self, soql: str) -> str | None:
        """Return the id of a new job; None where Salesforce lets us have none."""
        body = {"operation": "queryAll", "query": soql}
        try:
            reply = self._crm.send(CrmRequest(method="POST", url=self._url, json=body))
        except CrmRefused:
            return None
        return str(reply.data["id"])

    def state(self, job: str) -> Literal["running", "done", "failed"]:
        """Return how far a job is. Raises PlaceLost."""
        state = self._of(CrmRequest(url=f"{self._url}/{job}")).data["state"]
        if state in _UNFINISHED:
            return "running"
        return "done" if state == "JobComplete" else "failed"

    def lines(
        self, job: str, locator: str | None, columns: Line, most: int
    ) -> tuple[Sequence[Line], str | None]:
        """Return a set of results and the locator of the next (None: that was all).

        Raises PlaceLost.
        """
        query = {"maxRecords": str(most)} | ({"locator": locator} if locator else {})
        reply = self._of(
            CrmRequest(
                url=f"{self._url}/{job}/results",
                query=query,
                headers={"Accept": "text/csv"},
                media="csv",
            )
        )
        lines = [line for line in csv.reader(StringIO(reply.data, newline="")) if line]
        # It is not said whether sets after the first have a header, too. "Id" is no id.
        if lines and lines[0][0] == "Id":
            header, *lines = lines
            if [name.lower() for name in header] != [name.lower() for name in columns]:
                raise PlaceLost
        if any(len(line) != len(columns) for line in lines):
            raise PlaceLost
        following = reply.headers.get("sforce-locator", "null")
        return lines, None if following in ("", "null") else following

    def _of(self, request: CrmRequest) -> CrmReply:
        try:
            return self._crm.send(request)
        except CrmRefused as error:
            if error.status in _LOST:
                raise PlaceLost from error
            raise
