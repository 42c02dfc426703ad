"""All members of a workspace, and the rules that hold for them together."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from stageline.domain.errors import (
    AlreadyExists,
    Invalid,
    LastAdmin,
    ManagerOfOthers,
    NotFound,
    ReportingCycle,
)
from stageline.domain.principal import Member


@dataclass(frozen=True)
class Roster:
    """`rev` counts the writes of all members together: whoever decides, decides over all."""

    members: tuple[Member, ...] = ()
    rev: int = 0

    def get(self, subject: str) -> Member:
        """Raises NotFound."""
        found = self._by_subject.get(subject)
        if found is None:
            raise NotFound("member")
        return found

    def find(self, subject: str) -> Member | None:
        return self._by_subject.get(subject)

    def with_member(self, member: Member) -> Self:
        """Return the roster with a member added or changed.

        Raises Invalid (`manager_id`), ReportingCycle, LastAdmin, AlreadyExists (the address).
        """
        others = tuple(one for one in self.members if one.subject != member.subject)
        after = type(self)((*others, member), self.rev + 1)
        after._check_manager(member)
        self._check_admins(after)
        addresses = Counter(one.email.casefold() for one in after.members if one.email)
        if member.email and addresses[member.email.casefold()] > 1:
            raise AlreadyExists("a member with this email exists")
        return after

    def without(self, subject: str) -> Self:
        """Return the roster after a member was removed.

        Raises NotFound, LastAdmin, ManagerOfOthers.
        """
        self.get(subject)
        after = type(self)(
            tuple(one for one in self.members if one.subject != subject), self.rev + 1
        )
        self._check_admins(after)
        if below := {one.subject: one.name for one in self.members if one.manager_id == subject}:
            raise ManagerOfOthers(below)
        return after

    def erased(self, subject: str) -> Self:
        """Return the roster without a member who is erased, whatever becomes of the others."""
        return type(self)(
            tuple(one for one in self.members if one.subject != subject), self.rev + 1
        )

    def subordinates(self, subject: str) -> Iterator[Member]:
        """Yield all who report to a member, and to those, and so on."""
        waiting, seen = [subject], {subject}
        while waiting:
            above = waiting.pop()
            for one in self.members:
                if one.manager_id == above and one.subject not in seen:
                    seen.add(one.subject)
                    waiting.append(one.subject)
                    yield one

    @cached_property
    def _by_subject(self) -> dict[str, Member]:
        return {member.subject: member for member in self.members}

    def _check_manager(self, member: Member) -> None:
        if member.manager_id is None:
            return
        manager = self.find(member.manager_id)
        if manager is None or manager.kind != "person":
            raise Invalid("manager_id", "unknown", "there is no such person among the members")
        chain = [member.subject]
        while manager is not None:
            chain.append(manager.subject)
            if manager.subject in chain[:-1]:
                raise ReportingCycle(chain)
            manager = self.find(manager.manager_id) if manager.manager_id else None

    def _check_admins(self, after: Self) -> None:
        if any(map(_administers, self.members)) and not any(map(_administers, after.members)):
            raise LastAdmin


def _administers(member: Member) -> bool:
    return member.kind == "person" and member.role == "admin" and not member.suspended
