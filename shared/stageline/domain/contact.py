"""A contact: a person, who exists once and may hold roles on several accounts and deals (S3.3).

A lead is a contact without an account yet (S3.7).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import ClassVar, Literal, Self, get_args

from stageline.domain.custom_value import Values
from stageline.domain.errors import Invalid
from stageline.domain.personal import Personal, Plain
from stageline.domain.pins import Pinnable, blanked
from stageline.domain.stamp import Source, Stamp

type Role = Literal[
    "decision_maker", "influencer", "champion", "user", "billing", "technical", "other"
]

ROLES: tuple[Role, ...] = get_args(Role.__value__)

# A contact is written together with its links and those it loses, with the unique values that it
# takes and lets go, and with what finds and guards its identifiers: a transaction takes 100.
MOST_LINKS = 35


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What a caller or a source may say about a contact. `company_name` is that of a lead."""

    first_name: Personal | None = None
    last_name: Personal | None = None
    email: Personal | None = None
    phone: Personal | None = None
    job_title: Personal | None = None
    company_name: Personal | None = None
    owner_email: Personal | None = None
    custom: Values = field(default_factory=dict)
    tags: tuple[Personal, ...] = ()

    @property
    def sort_by(self) -> str:
        """What a list of people is sorted by, and stands in keys: names, the last one first."""
        return " ".join(filter(None, (self.last_name, self.first_name)))


PERSON_TEXTS: frozenset[str] = frozenset(
    one.name for one in fields(Person) if one.name not in ("custom", "tags")
)
NAME: frozenset[str] = frozenset({"first_name", "last_name"})
"""What S2.39 calls the name: always among the fields that are masked."""


@dataclass(frozen=True, slots=True)
class Touched:
    """Who had the contact's age begin anew, and why (S2.41)."""

    by: Plain
    reason: Personal


@dataclass(frozen=True, slots=True)
class Link:
    """What a contact is to one account or deal; without roles it is not known what."""

    record_id: Plain
    roles: tuple[Role, ...] = ()


type Links = tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(Pinnable):
    """A stored contact. `rev` counts its writes; it is the ETag and the fence of every write.

    `accounts` and `deals` are in the order of their ids. An imported one may name an account that
    no file has brought yet. Its age is counted from `gdpr_date` (S2.40), which `touch` moves.
    `pinned` fields stay blank, whatever is said of them. `erased_by` is the request that erased the
    person: what is left keeps them from coming back. An `is_anonymous` one is nobody any more.
    `merged_into`: the contact that stands for a deleted one, since the CRM has merged both.
    """

    DESCRIBED: ClassVar[str] = "person"

    contact_id: Plain
    external_id: Personal | None
    person: Person
    accounts: Links = ()
    deals: Links = ()
    deleted: bool = False
    merged_into: Plain | None = None
    source: Source | None = None
    created_at: datetime
    gdpr_date: datetime
    touch: Touched | None = None
    pinned: tuple[Plain, ...] = ()
    erased_by: Plain | None = None
    is_anonymous: bool = False
    changed: Stamp
    rev: int = 1

    @property
    def is_lead(self) -> bool:
        return not self.accounts

    def changed_to(
        self,
        person: Person,
        *,
        accounts: Links,
        deals: Links,
        source: Source | None,
        stamp: Stamp,
    ) -> Self:
        """Return the contact as it is after a change; itself when nothing differs."""
        person = blanked(person, self.pinned)
        after = (person, accounts, deals, source)
        if after == (self.person, self.accounts, self.deals, self.source):
            return self
        return replace(
            self,
            person=person,
            accounts=accounts,
            deals=deals,
            source=source,
            changed=stamp,
            rev=self.rev + 1,
        )

    def touched(self, reason: str, stamp: Stamp) -> Self:
        """Return the contact as young as can be, and otherwise as it was (S2.41)."""
        touch = Touched(stamp.by, reason)
        return replace(self, gdpr_date=stamp.at, touch=touch, changed=stamp, rev=self.rev + 1)

    def erased(self, request_id: str, stamp: Stamp) -> Self:
        """Return what is left of somebody who was erased: that nobody may come back here.

        Neither dates nor the source stay: they could tell who it was.
        """
        return replace(
            self,
            external_id=None,
            person=Person(),
            accounts=(),
            deals=(),
            deleted=True,
            merged_into=None,
            source=None,
            created_at=stamp.at,
            gdpr_date=stamp.at,
            touch=None,
            pinned=(),
            erased_by=request_id,
            is_anonymous=False,
            changed=stamp,
            rev=self.rev + 1,
        )

    def anonymous(self, contact_id: str, stamp: Stamp) -> Self:
        """Return a new contact with the links of this one and nothing that tells who it was.

        For statistics: its id is random, its age is known by the month.
        """
        month = self.created_at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        return replace(
            self,
            contact_id=contact_id,
            external_id=None,
            person=Person(),
            source=None,
            created_at=month,
            gdpr_date=month,
            touch=None,
            pinned=(),
            is_anonymous=True,
            changed=stamp,
            rev=1,
        )

    def gone(self, stamp: Stamp) -> Self:
        """Return what stays of a deleted contact: nothing of the person, and no links.

        An older import finds it, and does not bring the person back.
        """
        return replace(
            self,
            external_id=None,
            person=Person(),
            accounts=(),
            deals=(),
            deleted=True,
            touch=None,
            changed=stamp,
            rev=self.rev + 1,
        )


def new_contact(
    contact_id: str,
    person: Person,
    *,
    accounts: Links = (),
    deals: Links = (),
    external_id: str | None = None,
    source: Source | None = None,
    stamp: Stamp,
) -> Contact:
    return Contact(
        contact_id=contact_id,
        external_id=external_id,
        person=person,
        accounts=accounts,
        deals=deals,
        source=source,
        created_at=stamp.at,
        gdpr_date=stamp.at,
        changed=stamp,
    )


def tombstone(contact_id: str, request_id: str, stamp: Stamp) -> Contact:
    """Return what keeps somebody away who is not here (any more) under this id."""
    return replace(new_contact(contact_id, Person(), stamp=stamp).erased(request_id, stamp), rev=1)


def links_of(roles: Mapping[str, Iterable[Role]]) -> Links:
    """Return links by the ids of what is linked, each role once, in one order."""
    return tuple(
        Link(record_id, tuple(role for role in ROLES if role in set(theirs)))
        for record_id, theirs in sorted(roles.items())
    )


def linked(links: Links, record_id: str, roles: Iterable[Role]) -> Links:
    """Return the links with these roles on one record, whatever they were before."""
    return links_of({link.record_id: link.roles for link in links} | {record_id: roles})


def unlinked(links: Links, record_id: str) -> Links:
    return tuple(link for link in links if link.record_id != record_id)


def faults(
    person: Person, accounts: Links, deals: Links, pinned: Collection[str] = ()
) -> Iterator[Invalid]:
    """Yield every fault of a contact; one whose name is `pinned` needs none."""
    if not NAME.intersection(pinned) and not (
        person.first_name or person.last_name or person.email
    ):
        yield Invalid("last_name", "missing", "a contact has a last name, first name or e-mail")
    if len(accounts) + len(deals) > MOST_LINKS:
        field = "accounts" if len(accounts) >= len(deals) else "deals"
        yield Invalid(field, "too_many", f"a contact has at most {MOST_LINKS} links")
