"""Whose a record is: the address of a member, which is forgotten when the member is."""

from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from stageline.domain.account import Account
from stageline.domain.activity import Activity
from stageline.domain.contact import Contact
from stageline.domain.deal import Deal
from stageline.domain.personal import Personal, Plain
from stageline.domain.task import Task

type Ownable = Account | Deal | Contact | Activity | Task
type OwnedStore = Literal["account", "deal", "contact", "activity", "task", "list row"]
type Places = Literal["accounts", "contacts", "deleted", "unassigned"]


@dataclass(frozen=True, slots=True)
class Owned:
    """An item that names an owner; `store` as in stores.yaml. A list row has its account's id."""

    store: OwnedStore
    record_id: Plain
    owner_email: Personal


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some of the places where records lie, in the order of an index: after one, through another.

    An empty text is an open end: what is new lies in a stretch, too.
    """

    places: Places
    shard: int
    after: Plain = ""
    through: Plain = ""

    def to_text(self) -> str:
        return f"{self.places}/{self.shard}/{self.after}/{self.through}"

    @classmethod
    def from_text(cls, text: str) -> Self:
        places, shard, after, through = text.split("/")
        known: Any = places
        return cls(known, int(shard), after, through)


@dataclass(frozen=True, slots=True)
class Search:
    """What a part of a member's erasure looks for, and where. It is what the part was `asked`.

    `owner` stands for the member's address in the keys of indexes.
    """

    member_id: Plain
    owner: Plain
    stretches: tuple[Stretch, ...]

    def to_texts(self) -> tuple[str, ...]:
        return (self.member_id, self.owner, *(one.to_text() for one in self.stretches))

    @classmethod
    def from_texts(cls, texts: tuple[str, ...]) -> Self:
        member_id, owner, *stretches = texts
        return cls(member_id, owner, tuple(map(Stretch.from_text, stretches)))


def owner_of(record: Ownable) -> str | None:
    found: str | None = getattr(record, record.DESCRIBED).owner_email
    return found


def without_owner[Record: Ownable](record: Record) -> Record:
    """Return the record as nobody's, of the same revision."""
    described = replace(getattr(record, record.DESCRIBED), owner_email=None)
    nobodys: Record = replace(record, **{record.DESCRIBED: described})
    return nobodys
