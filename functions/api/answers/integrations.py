"""Integrations, and how fresh what they brought is."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from api.answers.base import Fresh, Shown
from api.body import Id


class Integration(Shown):
    key: str
    active: bool
    opportunity_pull: bool
    sync: bool
    created_at: datetime
    updated_at: datetime
    rev: int


class WhyNoStage(Shown):
    reason: str
    text: str
    hint: str


class Integrations(Shown):
    items: list[Integration]
    no_stage: WhyNoStage | None


class LastImport(Shown):
    job_id: Id
    status: Literal["completed", "completed_with_errors"]
    completed_at: datetime


class LastImports(Shown):
    accounts: LastImport | None
    deals: LastImport | None
    contacts: LastImport | None
    activities: LastImport | None


class IntegrationFreshness(Fresh):
    key: str
    active: bool
    last_import: LastImports = Field(description="They do not count: files are brought.")


class Tick(Shown):
    completed_at: datetime | None
    through: date | None = Field(description="Its day, in the workspace's zone.")


class Freshness(Fresh):
    stale_after: str = Field(description="A duration (ISO 8601).")
    tick: Tick
    integrations: list[IntegrationFreshness]
