"""A contact: a person, who exists once and may hold roles on several accounts and deals (S3.3).

A lead is a contact without an account yet (S3.7).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, Self, get_args

from stageline.domain.custom_value import Values
from stageline.domain.errors import Invalid
from stageline.domain.personal import Personal, Plain
from stageline.domain.stamp import Source, Stamp

type Role = Literal[
    "decision_maker", "influencer", "champion", "user", "billing", "technical", "other"
]

ROLES: tuple[Role, ...] = get_args(Role.__value__)

# A contact is written together with its links and those it loses, and with the unique values that
# it takes and lets go: a transaction takes 100.
MOST_LINKS = 40


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


@dataclass(frozen=True, slots=True)
class Link:
    """What a contact is to one account or deal; without roles it is not known what."""

    record_id: Plain
    roles: tuple[Role, ...] = ()


type Links = tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A stored contact. `rev` counts its writes; it is the ETag and the fence of every write.

    `accounts` and `deals` are in the order of their ids. An imported one may name an account that
    no file has brought yet.
    """

    contact_id: Plain
    external_id: Personal | None
    person: Person
    accounts: Links = ()
    deals: Links = ()
    deleted: bool = False
    source: Source | None = None
    created_at: datetime
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
        changed=stamp,
    )


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


def faults(person: Person, accounts: Links, deals: Links) -> Iterator[Invalid]:
    """Yield every fault of a contact."""
    if not (person.first_name or person.last_name or person.email):
        yield Invalid("last_name", "missing", "a contact has a last name, first name or e-mail")
    if len(accounts) + len(deals) > MOST_LINKS:
        field = "accounts" if len(accounts) >= len(deals) else "deals"
        yield Invalid(field, "too_many", f"a contact has at most {MOST_LINKS} links")
