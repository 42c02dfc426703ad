"""A task: something to be done by a day."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import ClassVar, Self

from stageline.domain.activity import About
from stageline.domain.custom_value import Values
from stageline.domain.errors import Invalid
from stageline.domain.personal import Personal, Plain
from stageline.domain.pins import Pinnable, blanked, decided_afresh
from stageline.domain.stamp import Source, Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDo:
    """What a caller may say about a task. `owner_email`: who is to do it."""

    title: Personal
    due_on: date
    owner_email: Personal | None = None
    custom: Values = field(default_factory=dict)
    tags: tuple[Personal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Pinnable):
    """A stored task; it is open until `done_at`. It is about one contact at most.

    `rev` counts its writes; it is the ETag and the fence of every write. `pinned` are fields that
    take nothing: `domain.pins`. `erased`: a person was erased whose it was; deleted for good, about
    nothing.
    """

    DESCRIBED: ClassVar[str] = "to_do"

    task_id: Plain
    to_do: ToDo
    about: About
    done_at: datetime | None = None
    deleted: bool = False
    erased: bool = False
    pinned: tuple[Plain, ...] = ()
    source: Source | None = None
    created_at: datetime
    changed: Stamp
    rev: int = 1

    @property
    def is_open(self) -> bool:
        return self.done_at is None and not self.deleted

    def changed_to(self, to_do: ToDo, about: About, *, is_done: bool, stamp: Stamp) -> Self:
        """Return the task as it is after a change; itself when nothing differs."""
        to_do = blanked(to_do, self.pinned)
        done_at = (self.done_at or stamp.at) if is_done else None
        if (to_do, about, done_at) == (self.to_do, self.about, self.done_at):
            return self
        return replace(
            self, to_do=to_do, about=about, done_at=done_at, changed=stamp, rev=self.rev + 1
        )

    def gone(self, stamp: Stamp) -> Self:
        """Return what stays of a deleted task: that it was there, without any text."""
        to_do = ToDo(title="", due_on=self.to_do.due_on)
        return replace(self, to_do=to_do, deleted=True, changed=stamp, rev=self.rev + 1)

    def without(self, contact_id: str, other_id: str | None, *, stamp: Stamp) -> Self:
        """Return what remains when a person leaves the task; itself when it is not about them.

        `other_id` (None: nothing) takes their place. All texts of the task are about them, and go;
        when it is due, and whether it is done, stays. What is about nothing any more is erased.
        """
        if contact_id not in self.about.contact_ids:
            return self
        source = decided_afresh(self.source)
        about = self.about.without(contact_id, other_id)
        if about == About():
            gone = self.gone(stamp)
            return replace(gone, about=about, pinned=(), erased=True, source=source)
        return self._after(
            stamp,
            about=about,
            to_do=replace(self.to_do, title="", custom={}, tags=()),
            pinned=tuple(sorted({*self.pinned, "title"})),
            source=source,
        )


def new_task(task_id: str, to_do: ToDo, about: About, *, source: Source, stamp: Stamp) -> Task:
    return Task(
        task_id=task_id,
        to_do=to_do,
        about=about,
        source=source,
        created_at=stamp.at,
        changed=stamp,
    )


def faults(about: About) -> Iterator[Invalid]:
    if not (about.account_id or about.deal_id or about.contact_ids):
        yield Invalid("account_id", "missing", "a task is about an account, a deal or a contact")
