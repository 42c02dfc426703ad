"""Accounts, deals, contacts, activities and tasks, one by one and in pages."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from api.answers.base import Shown
from api.body import Id, Money
from stageline.domain.activity import ActivityKind
from stageline.domain.contact import Role


class Source(Shown):
    integration: str
    version: str


Owner = Annotated[
    str | None,
    Field(description="The member with the owner's address, `unassigned` if there is none."),
]
Unreadable = Annotated[
    list[str], Field(description="Fields that your profile hides; they are null here.")
]
ErasableName = Annotated[str | None, Field(description="null when it was erased.")]
Pinned = Annotated[
    list[str],
    Field(description="Fields that were erased; they take nothing until they are released."),
]
type CustomValues = Annotated[
    dict[str, bool | float | str | list[str] | Money],
    Field(description="By key: a text, number, amount, day, flag, option or several options."),
]


class Account(Shown):
    id: Id
    external_id: str | None
    name: ErasableName
    domain: str | None
    industry: str | None
    country: str | None
    owner_email: str | None
    owner: Owner
    created_on: date | None
    in_crm: bool | None
    unreadable: Unreadable = []
    parent_id: Id | None
    awaited_parent_id: Id | None = Field(description="A parent that no file has brought yet.")
    root_id: Id | None = Field(description="The account whose group this one belongs to.")
    first_seen_on: date
    created_at: datetime
    updated_at: datetime
    source: Source | None
    rev: int
    custom: CustomValues
    tags: list[str]
    pinned: Pinned


class Deal(Shown):
    id: Id
    external_id: str | None
    account_id: Id | None
    name: ErasableName
    status: Literal["open", "won", "lost"]
    opened_on: date | None
    closed_on: date | None
    expected_close_on: date | None
    amount: Money | None
    probability: float | None
    owner_email: str | None
    owner: Owner
    unreadable: Unreadable = []
    linked_members: list[str]
    waiting: bool = Field(description="Its account is not there yet; it counts for no stage.")
    first_seen_on: date
    created_at: datetime
    updated_at: datetime
    source: Source | None
    rev: int
    custom: CustomValues
    tags: list[str]
    pinned: Pinned


class Deals(Shown):
    items: list[Deal]
    next_cursor: str | None


class RolesOnAccount(Shown):
    account_id: Id = Field(description="Of an import: maybe one that no file has brought yet.")
    roles: list[Role]


class RolesOnDeal(Shown):
    deal_id: Id
    roles: list[Role]


class Touched(Shown):
    by: str = Field(description="The subject of whoever did it.")
    reason: str


class Contact(Shown):
    id: Id
    external_id: str | None
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    job_title: str | None
    company_name: str | None
    owner_email: str | None
    owner: Owner
    unreadable: Unreadable = []
    lead: bool = Field(description="It has no account yet.")
    accounts: list[RolesOnAccount]
    deals: list[RolesOnDeal]
    gdpr_date: datetime = Field(description="Its age counts from here: created, or touched.")
    touch: Touched | None = Field(description="Who had its age begin anew, and why.")
    pinned: list[str] = Field(description="Fields that were erased, and stay empty.")
    anonymous: bool = Field(description="Nobody any more; it is kept for statistics.")
    created_at: datetime
    updated_at: datetime
    source: Source | None
    rev: int
    custom: CustomValues
    tags: list[str]


class Contacts(Shown):
    items: list[Contact]
    next_cursor: str | None


class Activity(Shown):
    id: Id
    external_id: str | None
    kind: ActivityKind
    occurred_at: datetime
    two_way: bool
    subject: str | None
    text: str | None
    owner_email: str | None
    owner: Owner
    unreadable: Unreadable = []
    account_id: Id | None
    deal_id: Id | None
    contact_ids: list[Id]
    created_at: datetime
    updated_at: datetime
    source: Source | None
    rev: int
    custom: CustomValues
    tags: list[str]
    pinned: Pinned


class Activities(Shown):
    items: list[Activity]
    next_cursor: str | None


class Task(Shown):
    id: Id
    title: ErasableName
    due_on: date
    done: bool
    done_at: datetime | None
    owner_email: str | None
    owner: Owner
    unreadable: Unreadable = []
    account_id: Id | None
    deal_id: Id | None
    contact_id: Id | None
    created_at: datetime
    updated_at: datetime
    rev: int
    custom: CustomValues
    tags: list[str]
    pinned: Pinned


class Tasks(Shown):
    items: list[Task]
    next_cursor: str | None
