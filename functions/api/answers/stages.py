"""Stages of accounts, why they are, what they were, and how many accounts each has."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field, RootModel

from api.answers.base import Fresh, Shown
from api.body import Id


class SchemeReference(Shown):
    key: str
    version: int


class NextChange(Shown):
    on: date
    to: str
    display: str
    reason: str | None
    text: str | None
    ids: list[Id]


class FactEvidence(Shown):
    fact: str
    within: str | None = None
    count: int
    deal_ids: list[Id] = []
    account_ids: list[Id] = []


class Evidence(Shown):
    on: date | None
    scheme: SchemeReference
    facts: list[FactEvidence]
    holds: list[str]
    stage: str
    decided_by: Literal["ONLY_ONE_HELD", "PRECEDENCE"]


class Explanation(Shown):
    text: str
    definition: str | None
    evidence: Evidence | None


class StageAnswer(Fresh):
    account_id: Id
    stage: str | None = Field(description="Null when there is none to show: see `reason`.")
    display: str
    rank: int
    since: date | None = Field(description="Null when the stage holds from the beginning.")
    next_change: NextChange | None
    as_of: date
    predicted: bool
    reason: str | None
    hint: str | None
    evaluated_at: datetime | None
    scheme: SchemeReference
    holds: list[str]
    explanation: Explanation


class Segment(Shown):
    stage: str | None
    display: str
    rank: int
    reason: str | None
    root_id: Id | None
    from_: date | None = Field(alias="from", description="Null from the beginning.")
    to: date | None = Field(description="Its last day; null when no end is known.")
    predicted: bool


class RecordedVersion(Shown):
    recorded_at: datetime
    changed_from: date | None


class History(Shown):
    account_id: Id
    scheme: SchemeReference
    segments: list[Segment]
    versions: list[RecordedVersion] = Field(description="The newest first.")
    next_cursor: str | None


class Stage(Shown):
    key: str
    name: str
    category: Literal["succeeded", "in_progress", "not_succeeded"]
    rank: int
    colour: str
    definition: str
    when: dict[str, Any]


class NoStage(Shown):
    display: Literal["-"]
    rank: int


class Scheme(Shown):
    key: str
    version: int
    name: str
    subject: str
    stages: list[Stage]
    precedence: list[str]
    no_stage: NoStage


class CountsOfDay(Shown):
    as_of: date
    predicted: bool
    reason: str | None = Field(description="Why there are no stages: all are `-`, or not known.")
    accounts: dict[str, int] = Field(description="By stage; `-` alone when there are none to show.")
    groups: dict[str, int] = Field(description="An account without relatives is a group of one.")


class Counts(CountsOfDay):
    scheme: SchemeReference
    known_at: datetime | None
    counted_at: datetime


class CountsOfRange(Shown):
    scheme: SchemeReference
    known_at: datetime | None
    counted_at: datetime
    from_: date = Field(alias="from")
    to: date
    items: list[CountsOfDay] = Field(description="Every day of the range.")


class CountsAnswer(RootModel[Counts | CountsOfRange]):
    """One day, or every day of a range."""
