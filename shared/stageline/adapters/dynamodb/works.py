"""Jobs that are no imports, in DynamoDB."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice

from stageline.adapters.dynamodb.account_items import text
from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.keys import (
    PARTS_PREFIX,
    job_details_partition,
    job_index,
    job_key,
    job_part_key,
    job_partition,
    only_job_key,
)
from stageline.adapters.dynamodb.table import ConditionFailed, Table, Write, over
from stageline.domain.drift import Found
from stageline.domain.errors import AlreadyExists, NotFound
from stageline.domain.work import KINDS, Kind, Work
from stageline.domain.workspace import Workspace

_KEPT = timedelta(days=90)


class DynamoDbWorks:
    """The port `Works`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def add(self, work: Work) -> None:
        try:
            self._table.put(work_item(self._workspace, work), "attribute_not_exists(PK)")
        except ConditionFailed as error:
            raise AlreadyExists("a job with this identity exists") from error

    def get(self, job_id: str) -> Work:
        found = self._table.batch_get(job_key(self._workspace, kind, job_id) for kind in KINDS)
        if not found:
            raise NotFound("job")
        return work_from_item(found[0])

    def save(self, work: Work) -> None:
        self._table.save([over(work_item(self._workspace, work))], "job")

    def add_only(self, work: Work) -> None:
        writes = [
            Write("Put", work_item(self._workspace, work), "attribute_not_exists(PK)"),
            Write("Put", self._only(work), "attribute_not_exists(PK)"),
        ]
        try:
            self._table.transact(writes)
        except ConditionFailed as error:
            raise AlreadyExists("a job of this kind is running") from error

    def running(self, kind: Kind) -> Work | None:
        item = self._table.get(only_job_key(self._workspace, kind))
        return self.get(item["job"]) if item else None

    def end(self, work: Work) -> None:
        mine = {":job": work.job_id}
        writes = [
            over(work_item(self._workspace, work)),
            Write("Delete", self._only(work), "job = :job", values=mine),
        ]
        self._table.save(writes, "job")

    def save_part(self, work: Work, number: int, found: Found) -> None:
        key = job_part_key(self._workspace, work.kind, work.job_id, number)
        item = {"number": number, "expires_at": _expires_at(work)} | found_values(found) | key
        with suppress(ConditionFailed):
            self._table.put(item, "attribute_not_exists(PK)")

    def parts(self, work: Work) -> Mapping[int, Found]:
        partition = job_details_partition(self._workspace, work.kind, work.job_id)
        items = self._table.query(partition, prefix=PARTS_PREFIX, consistent=True)
        return {item["number"]: found_from_item(item) for item in items}

    def _only(self, work: Work) -> Item:
        return only_job_key(self._workspace, work.kind) | {"job": work.job_id}

    def latest(self, kind: Kind, limit: int) -> Sequence[Work]:
        items = self._table.query(
            job_partition(self._workspace, kind), index=1, forward=False, page_size=limit
        )
        return [work_from_item(item) for item in islice(items, limit)]


def work_item(workspace: Workspace, work: Work) -> Item:
    requested_at = work.requested_at.isoformat(timespec="microseconds")
    item: Item = job_key(workspace, work.kind, work.job_id) | {
        "id": work.job_id,
        "kind": work.kind,
        "asked": dict(work.asked),
        "requested_by": work.requested_by,
        "requested_at": requested_at,
        "status": work.status,
        "progress": dict(work.progress),
        "result": dict(work.result),
        "finished_at": text(work.finished_at),
        "rev": work.rev,
        "expires_at": _expires_at(work),
    }
    item |= job_index(workspace, work.kind, work.job_id, requested_at)
    return {name: value for name, value in item.items() if value is not None}


def work_from_item(item: Item) -> Work:
    finished_at = item.get("finished_at")
    return Work(
        job_id=item["id"],
        kind=item["kind"],
        asked=item["asked"],
        requested_by=item["requested_by"],
        requested_at=datetime.fromisoformat(item["requested_at"]),
        status=item["status"],
        progress=item["progress"],
        result=item["result"],
        finished_at=None if finished_at is None else datetime.fromisoformat(finished_at),
        rev=item["rev"],
    )


def found_values(found: Found) -> Item:
    return {
        "accounts": found.accounts,
        "groups": found.groups,
        "items": found.items,
        "unsettled": found.unsettled,
        "drift": dict(found.drift),
        "repaired": dict(found.repaired),
        "examples": {kind: list(ids) for kind, ids in found.examples.items()},
    }


def found_from_item(item: Item) -> Found:
    return Found(
        accounts=item["accounts"],
        groups=item["groups"],
        items=item["items"],
        unsettled=item["unsettled"],
        drift=item["drift"],
        repaired=item["repaired"],
        examples=item["examples"],
    )


def _expires_at(work: Work) -> int:
    return int((work.requested_at + _KEPT).timestamp())
