"""Contacts by the age of their data, and what came of touching them."""

from typing import Literal

from pydantic import Field

from api.answers.base import Shown
from api.answers.records import Contact
from api.body import Id


class StageOfAccount(Shown):
    account_id: Id
    name: str | None = Field(description="Null once it was erased.")
    stage: str | None
    display: str


class ContactByAge(Contact):
    age_days: int = Field(description="From `gdpr_date` until today, in the workspace's zone.")
    stages: list[StageOfAccount] | None = Field(
        description="Of those of its accounts that are there; null if you may not read accounts."
    )


class ContactsByAge(Shown):
    items: list[ContactByAge]
    next_cursor: str | None


class TouchOfOne(Shown):
    contact_id: Id
    outcome: Literal["touched", "not_found", "anonymized", "erasure_open"]


class Touches(Shown):
    items: list[TouchOfOne] = Field(description="Each contact once, in the order of the call.")
