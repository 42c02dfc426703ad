"""Integrations, and how fresh what they brought is."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from api.answers.base import Fresh, Shown
from api.body import Id
from stageline.domain.job_states import Records


class Integration(Shown):
    key: str
    active: bool
    opportunity_pull: bool
    sync: bool
    created_at: datetime
    updated_at: datetime
    rev: int


class Schedule(Shown):
    times: list[str]
    zone: str
    full_every_days: int


class Attention(Shown):
    code: str
    message: str
    vendor_status: int | None = Field(description="Of the CRM's answer.")
    vendor_code: str | None
    records: Records | None = Field(description="What the CRM does not let us read.")
    at: datetime | None


class KindProgress(Shown):
    held: int = Field(description="How many records are here that the CRM has.")
    refused: int
    counted: int | None = Field(description="How many the CRM says that it has.")
    counted_at: datetime | None
    drift: int | None = Field(description="How many too few are here; below 0: too many.")
    read_until: datetime | None = Field(description="What changed before is here.")
    full_at: datetime | None = Field(description="As of when all there is was read.")


class KindsProgress(Shown):
    accounts: KindProgress
    deals: KindProgress
    contacts: KindProgress
    activities: KindProgress


class CrmIntegration(Integration):
    vendor: str
    base_url: str
    sign_in: str | None = Field(description="The way to sign in; null without credentials.")
    schedule: Schedule
    records: list[Records]
    mapping: dict[str, Any] | None = Field(description="For administrators; null for others.")
    health: Literal["ok", "never_ran", "needs_attention", "stale", "failing"]
    attention: Attention | None = Field(description="What is to be done before it can go on.")
    running: Id | None = Field(description="The run under way.")
    as_of: datetime | None = Field(description="What the CRM had then is here.")
    last_started_at: datetime | None
    last_completed_at: datetime | None
    last_run: Id | None
    next_run_at: datetime | None = Field(description="Null: none starts by itself.")
    lag: str | None = Field(description="How old what is here may be: a duration (ISO 8601).")
    failures: int = Field(description="Runs in a row that did not complete.")
    quota_left: int | None = Field(description="Requests that the CRM still takes today.")
    kinds: KindsProgress


class WhyNoStage(Shown):
    reason: str
    text: str
    hint: str


class Integrations(Shown):
    items: list[CrmIntegration | Integration]
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
