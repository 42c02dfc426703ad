"""Which workspaces there are, and who is a member of which, in DynamoDB."""

from collections.abc import Iterator, Sequence

from stageline.adapters.dynamodb.keys import (
    WORKSPACES_PARTITION,
    membership_key,
    memberships_partition,
    workspace_key,
)
from stageline.adapters.dynamodb.table import Table
from stageline.domain.principal import Member
from stageline.domain.workspace import Workspace


class DynamoDbDirectory:
    """The port `Directory`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def workspaces(self) -> Iterator[Workspace]:
        items = self._table.query(WORKSPACES_PARTITION, consistent=True)
        return (Workspace(item["SK"]) for item in items)

    def memberships(self, subject: str) -> Sequence[Member]:
        items = self._table.query(memberships_partition(subject), consistent=True)
        return [
            Member(subject, Workspace(item["SK"]), item["role"], item.get("suspended", False))
            for item in items
        ]

    def add_workspace(self, workspace: Workspace) -> None:
        self._table.put(workspace_key(workspace))

    def save_member(self, member: Member) -> None:
        self._table.put(
            membership_key(member.subject, member.workspace)
            | {"role": member.role, "suspended": member.suspended}
        )
