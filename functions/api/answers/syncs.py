"""Runs of integrations with a CRM."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from api.answers.base import Shown
from api.answers.integrations import Attention
from api.body import Id
from stageline.domain.job_states import Records, Status

type Stopped = Literal["quota", "unavailable", "refused"]


class SyncReading(Shown):
    records: Records
    job_id: str
    pages: int = Field(description="Asked of the CRM.")
    rows: int
    missing: int | None = Field(description="How many that were not seen are looked at.")
    is_through: bool
    stopped: Stopped | None
    status: Status | None = Field(description="Of the import that stores them.")
    counts: dict[str, int]


class SyncPart(Shown):
    records: Records
    job_id: str
    counts: dict[str, int]
    stopped: Stopped | None = Field(description="Why it goes on with the next run.")


class SyncRun(Shown):
    id: Id
    integration: str
    mode: Literal["changes", "full", "retry", "leave"]
    status: Literal["running", "completed", "completed_with_errors", "partial", "failed"]
    requested_by: str
    requested_at: datetime
    moved_at: datetime
    finished_at: datetime | None
    left: list[Records] = Field(description="What is still to be read.")
    reading: SyncReading | None
    parts: list[SyncPart] = Field(description="What was read, in this order.")
    attention: Attention | None


class SyncRuns(Shown):
    items: list[SyncRun]
    next_cursor: str | None


class RefusedRecord(Shown):
    records: Records
    external_id: str | None = Field(description="In the CRM; null for somebody who was erased.")
    field: str
    code: str
    message: str
    seen_at: datetime


class RefusedRecords(Shown):
    items: list[RefusedRecord]
    next_cursor: str | None


class CrmWrite(Shown):
    id: Id
    integration: str
    what: Literal["create_account", "stage", "erase_contact"]
    record_id: str = Field(description="Of the account or contact.")
    status: Literal["queued", "sending", "done", "refused", "failed"]
    attempts: int = Field(description="Requests to the CRM that may have changed something.")
    vendor_status: int | None
    code: str | None = Field(description="The CRM's, or ours why it was not asked.")
    value: str | None = Field(description="The stage that was written.")
    conflict: bool = Field(description="Somebody had written another stage there.")
    requested_by: str
    requested_at: datetime
    moved_at: datetime


class CrmWrites(Shown):
    items: list[CrmWrite]
    next_cursor: str | None


class DeletedIntegration(Shown):
    run: SyncRun | None = Field(description="When it has ended, the integration is gone.")


class Misfit(Shown):
    path: str = Field(description="In the mapping.")
    code: str
    message: str
    near: list[str] = Field(description="Names that may have been meant.")


class NoticedInRows(Shown):
    code: str
    message: str
    count: int
    columns: list[str]


class Preview(Shown):
    records: Records
    rows: list[dict[str, Any]] = Field(description="As they would be stored.")
    refused: list[dict[str, Any]]
    warnings: list[NoticedInRows]
    filled: dict[str, int] = Field(description="In how many rows a field has a value.")


class CheckResult(Shown):
    fits: bool
    problems: list[Misfit]
    hints: list[Misfit]
    previews: list[Preview]


class MappingCheck(Shown):
    id: Id
    integration: str
    status: Literal["running", "completed", "failed"]
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None
    attention: Attention | None = Field(description="Why there is no result.")
    result: CheckResult | None
