"""Counts by stage of any day in DynamoDB."""

from collections.abc import Sequence
from datetime import date
from itertools import batched

from stageline.adapters.dynamodb.count_items import (
    asked_from_item,
    asked_item,
    month_from_item,
    month_item,
    month_text,
    run_from_item,
    run_item,
    state_from_item,
    state_item,
)
from stageline.adapters.dynamodb.keys import (
    RUN_PREFIX,
    count_job_key,
    count_months_prefix,
    count_run_key,
    count_set_key,
    count_state_key,
    counts_partition,
    job_key,
)
from stageline.adapters.dynamodb.table import (
    MOST_IN_A_TRANSACTION,
    ConditionFailed,
    Table,
    Write,
    over,
)
from stageline.domain.count_runs import Asked, Run, State
from stageline.domain.counts import Month
from stageline.domain.errors import AlreadyExists, Stale
from stageline.domain.work import Work
from stageline.domain.workspace import Workspace

_UNUSED = "attribute_not_exists(PK) OR uses = :none"


class DynamoDbCounts:
    """The port `Counts`. A set has an item that says how many runs point to it."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def run(self, scheme: str, recorded_on: date) -> Run | None:
        item = self._table.get(count_run_key(self._workspace, scheme, recorded_on.isoformat()))
        return run_from_item(item) if item else None

    def newest(self, scheme: str) -> Run | None:
        items = self._table.query(
            counts_partition(self._workspace, scheme),
            prefix=RUN_PREFIX,
            forward=False,
            page_size=1,
            consistent=True,
        )
        item = next(items, None)
        return run_from_item(item) if item else None

    def add_months(self, scheme: str, set_id: str, months: Sequence[Month]) -> None:
        items = (month_item(self._workspace, scheme, set_id, month) for month in months)
        # A month of changes has less than 10 KB, a transaction takes 4 MB.
        for some in batched(items, MOST_IN_A_TRANSACTION, strict=False):
            try:
                self._table.transact(
                    [Write("Put", item, "attribute_not_exists(PK)") for item in some]
                )
            except ConditionFailed as error:
                raise AlreadyExists("these counts are stored already") from error

    def save_run(
        self, scheme: str, run: Run, before: Run | None, job: Work, *, added: bool
    ) -> None:
        writes = [
            over(run_item(self._workspace, scheme, run)),
            Write(
                "ConditionCheck",
                job_key(self._workspace, job.kind, job.job_id),
                "rev = :rev",
                values={":rev": job.rev},
            ),
        ]
        if before is None or before.set_id != run.set_id:
            is_there = "attribute_not_exists(PK)" if added else "attribute_exists(PK)"
            writes.append(self._use(scheme, run.set_id, 1, is_there))
            if before is not None:
                writes.append(self._use(scheme, before.set_id, -1, "attribute_exists(PK)"))
        self._table.save(writes, "counts")

    def forget(self, scheme: str, set_id: str) -> None:
        # First what runs are counted on, so that none can come to point to what is going.
        key = count_set_key(self._workspace, scheme, set_id)
        try:
            self._table.write(Write("Delete", key, _UNUSED, values={":none": 0}))
        except ConditionFailed:
            return
        months = self._table.query(
            counts_partition(self._workspace, scheme),
            prefix=count_months_prefix(set_id),
            consistent=True,
            only=("PK", "SK"),
        )
        for some in batched(months, MOST_IN_A_TRANSACTION, strict=False):
            self._table.transact([Write("Delete", item) for item in some])

    def months(self, scheme: str, set_id: str, first: int, last: int) -> Sequence[Month]:
        partition = counts_partition(self._workspace, scheme)
        prefix = count_months_prefix(set_id)
        until_first = f"{prefix}{month_text(first)}"
        before = self._table.query(
            partition, between=(prefix, until_first), forward=False, page_size=1, consistent=True
        )
        base = next(before, None)
        if base is None:
            raise Stale("counts")
        found = [month_from_item(base)]
        if month_text(first) < month_text(last):
            # The range begins after the month of `first`: no month has a day "~".
            rest = (f"{until_first}~", f"{prefix}{month_text(last)}")
            found += map(
                month_from_item, self._table.query(partition, between=rest, consistent=True)
            )
        return found

    def state(self, scheme: str) -> State:
        item = self._table.get(count_state_key(self._workspace, scheme))
        return state_from_item(item) if item else State()

    def save_state(self, scheme: str, state: State) -> None:
        self._table.save([over(state_item(self._workspace, scheme, state))], "counts")

    def asked(self, scheme: str, recorded_on: date) -> Asked | None:
        item = self._table.get(count_job_key(self._workspace, scheme, recorded_on.isoformat()))
        return asked_from_item(item) if item else None

    def save_asked(self, scheme: str, recorded_on: date, asked: Asked) -> None:
        item = asked_item(self._workspace, scheme, recorded_on, asked)
        self._table.save([over(item)], "job")

    def _use(self, scheme: str, set_id: str, by: int, condition: str) -> Write:
        """Count one run more or less that points to the set."""
        key = count_set_key(self._workspace, scheme, set_id)
        return Write("Update", key, condition, "ADD uses :by", {":by": by})
