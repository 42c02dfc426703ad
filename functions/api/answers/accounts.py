"""Rows of the list of accounts, and everything about one account."""

from datetime import date, datetime

from pydantic import Field

from api.answers.base import Fresh, Shown
from api.answers.records import (
    Account,
    Activities,
    Contacts,
    Deals,
    ErasableName,
    Owner,
    Tasks,
    Unreadable,
)
from api.answers.stages import Segment, StageAnswer
from api.body import Id


class Touch(Shown):
    """Of activities that are no notes; null: never. Late by the time the stream takes."""

    first: datetime | None
    last: datetime | None
    last_two_way: datetime | None


class AccountRow(Shown):
    id: Id
    name: ErasableName
    domain: str | None
    owner_email: str | None
    owner: Owner
    in_crm: bool | None
    unreadable: Unreadable = []
    parent_id: Id | None
    root_id: Id | None
    tags: list[str]
    stage: str | None
    display: str
    rank: int
    since: date | None
    next_change_on: date | None
    holds: list[str]
    reason: str | None
    hint: str | None


class AccountRows(Fresh):
    items: list[AccountRow]
    next_cursor: str | None


class Relative(Shown):
    id: Id
    name: ErasableName
    parent_id: Id | None


class Group(Shown):
    root_id: Id | None
    size: int
    members: list[Relative] = Field(description="The first 25 of them.")


class Links(Shown):
    self: str
    deals: str
    contacts: str
    activities: str
    tasks: str
    stage: str
    history: str


class AccountView(Account):
    stages: dict[str, StageAnswer]
    history: dict[str, list[Segment]] = Field(description="By scheme, from the beginning.")
    group: Group
    children: list[Relative] = Field(description="The first 25 of them.")
    deals: Deals | None = Field(description="null when your profile closes deals.")
    contacts: Contacts | None = Field(description="null when your profile closes contacts.")
    activities: Activities | None = Field(description="null when your profile closes activities.")
    tasks: Tasks | None = Field(description="null when your profile closes tasks.")
    touch: Touch | None
    links: Links
