"""Moves of accounts with children, and the groups they hold, in DynamoDB."""

from collections.abc import Sequence
from datetime import datetime

from stageline.adapters.dynamodb.account_items import account_item
from stageline.adapters.dynamodb.accounts import as_read, under
from stageline.adapters.dynamodb.keys import hold_key, job_key
from stageline.adapters.dynamodb.table import Table, Write, over
from stageline.adapters.dynamodb.works import work_item
from stageline.domain.account import Account
from stageline.domain.move import Hold, Move
from stageline.domain.work import Work
from stageline.domain.workspace import Workspace


class DynamoDbMoves:
    """The port `Moves`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace

    def begin(self, work: Work) -> None:
        new = Write("Put", work_item(self._workspace, work), "attribute_not_exists(PK)")
        self._table.save(
            [new, *(self._take(root_id, work) for root_id in Move.of(work).roots)], "move"
        )

    def hold(self, root_id: str) -> Hold | None:
        item = self._table.get(hold_key(self._workspace, root_id))
        if item is None:
            return None
        return Hold(root_id, item["job"], datetime.fromisoformat(item["taken_at"]))

    def put_under(
        self, work: Work, account: Account, from_parent_id: str | None, parent: Account | None
    ) -> None:
        self._table.save(
            [
                over(work_item(self._workspace, work)),
                over(account_item(self._workspace, account)),
                *under(self._workspace, from_parent_id, parent),
            ],
            "move",
        )

    def carry(self, work: Work, parent: Account, children: Sequence[Account]) -> None:
        held = Write(
            "ConditionCheck",
            hold_key(self._workspace, Move.of(work).to_root_id),
            "job = :job",
            values={":job": work.job_id},
        )
        moved = [over(account_item(self._workspace, child)) for child in children]
        self._table.save([held, as_read(self._workspace, parent), *moved], "move")

    def end(self, work: Work) -> None:
        self._table.save([over(work_item(self._workspace, work)), *self._let_go(work)], "move")

    def withdraw(self, work: Work) -> None:
        key = job_key(self._workspace, work.kind, work.job_id)
        removed = Write("Delete", key, "rev = :read", values={":read": work.rev})
        self._table.save([removed, *self._let_go(work)], "move")

    def _take(self, root_id: str, work: Work) -> Write:
        item = hold_key(self._workspace, root_id) | {
            "job": work.job_id,
            "taken_at": work.requested_at.isoformat(),
        }
        return Write("Put", item, "attribute_not_exists(PK)")

    def _let_go(self, work: Work) -> list[Write]:
        return [
            Write(
                "Delete",
                hold_key(self._workspace, root_id),
                "job = :job",
                values={":job": work.job_id},
            )
            for root_id in Move.of(work).roots
        ]
