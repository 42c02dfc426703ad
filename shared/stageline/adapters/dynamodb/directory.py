"""Which workspaces there are, and who is a member of which, in DynamoDB.

A member stands twice, written together: by subject, for whoever calls, and among all members of the
workspace, which are read and written as of one revision.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from stageline.adapters.dynamodb.account_items import stamped
from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.keys import (
    MEMBER_PREFIX,
    WORKSPACES_PARTITION,
    member_key,
    membership_key,
    memberships_partition,
    roster_key,
    roster_partition,
    workspace_key,
)
from stageline.adapters.dynamodb.member_items import member_fields, member_from_item
from stageline.adapters.dynamodb.table import Table, Write, over
from stageline.domain.principal import Member, Removed
from stageline.domain.stamp import Stamp
from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    from stageline.domain.roster import Roster


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
            member_from_item(item, Workspace(item["SK"]), subject)
            for item in items
            if "deleted" not in item
        ]

    def add_workspace(self, workspace: Workspace) -> None:
        self._table.put(workspace_key(workspace))

    def addresses(self, workspace: Workspace) -> Mapping[str, str]:
        items = self._table.query(
            roster_partition(workspace),
            prefix=MEMBER_PREFIX,
            consistent=True,
            only=("subject", "email"),
        )
        return {item["email"]: item["subject"] for item in items if "email" in item}

    def roster(self, workspace: Workspace) -> "Roster":
        from stageline.domain.roster import Roster

        rev = 0
        members = []
        for item in self._table.query(roster_partition(workspace), consistent=True):
            if item["SK"].startswith(MEMBER_PREFIX):
                subject = item["SK"].removeprefix(MEMBER_PREFIX)
                members.append(member_from_item(item, workspace, subject))
            else:
                rev = item["rev"]
        return Roster(tuple(members), rev)

    def save_member(self, member: Member, roster: "Roster") -> None:
        fields = member_fields(member)
        self._table.save(
            [
                self._roster(member.workspace, roster),
                over(member_key(member.workspace, member.subject) | fields),
                Write("Put", membership_key(member.subject, member.workspace) | fields),
            ],
            "member",
        )

    def remove_member(self, member: Member, roster: "Roster", stamp: Stamp) -> None:
        key = member_key(member.workspace, member.subject)
        # What is left says who removed the member: a deletion could not.
        left = membership_key(member.subject, member.workspace) | {
            "deleted": True,
            "rev": member.rev + 1,
            **({"email": member.email} if member.email else {}),
            **stamped(stamp),
        }
        self._table.save(
            [
                self._roster(member.workspace, roster),
                Write("Delete", key, "rev = :read", values={":read": member.rev}),
                Write("Put", left),
            ],
            "member",
        )

    def removed(self, workspace: Workspace, subject: str) -> Removed | None:
        item = self._table.get(membership_key(subject, workspace))
        if item is None or "deleted" not in item:
            return None
        return Removed(subject, item.get("email"), item["rev"])

    def forget(self, workspace: Workspace, removed: Removed, stamp: Stamp) -> None:
        if removed.email is None:
            return
        left = membership_key(removed.subject, workspace) | {
            "deleted": True,
            "rev": removed.rev + 1,
            **stamped(stamp),
        }
        self._table.save([over(left)], "member")

    def _roster(self, workspace: Workspace, roster: "Roster") -> Write:
        item: Item = roster_key(workspace) | {"rev": roster.rev}
        return over(item)
