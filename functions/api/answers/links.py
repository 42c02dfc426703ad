"""Links of accounts with records of other sources."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.answers.base import Shown
from api.answers.records import ErasableName, Owner, Unreadable
from api.body import Id


class LinkedRecord(Shown):
    id: Id
    integration: str | None = Field(description="Its source; `api`: it was made by hand.")
    external_id: str | None
    name: ErasableName
    domain: str | None
    owner_email: str | None
    owner: Owner
    in_crm: bool | None = Field(description="Whether its own source has it.")
    unreadable: Unreadable = []


class LinkedRecords(Shown):
    items: list[LinkedRecord]


class LinkProposal(Shown):
    id: Id
    account: LinkedRecord = Field(description="The one that stays.")
    other: LinkedRecord = Field(description="The one that is to count for it.")
    found_at: datetime


class LinkProposals(Shown):
    items: list[LinkProposal]
    next_cursor: str | None


class LinkDecided(Shown):
    id: Id
    decision: Literal["link", "never"]
    job_id: Id | None = Field(description="Of the link: all follows by it.")
