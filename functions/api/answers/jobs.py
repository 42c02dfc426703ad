"""Imports, verifications and other jobs."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field, RootModel

from api.answers.base import Shown
from api.body import Id


class RefusedRow(Shown):
    line: int | None = Field(description="From 1, the heading is one; null: the whole file.")
    column: str | None
    code: str
    message: str
    chain: list[Id] = []


class Problems(Shown):
    items: list[RefusedRow]
    next_cursor: str | None


class ImportCounts(Shown):
    read: int
    refused: int
    created: int
    changed: int
    unchanged: int
    superseded: int
    linked: int
    unassigned: int
    waiting: int
    corrected: int = Field(description="What verifying had to write.")


class ImportProgress(Shown):
    pages: int
    total: int
    done: int


class ImportWarning(Shown):
    code: str
    message: str
    count: int
    columns: list[str]


class Import(Shown):
    id: Id
    kind: Literal["import"]
    integration: str
    records: Literal["accounts", "deals", "contacts", "activities"]
    dry_run: bool
    status: Literal[
        "waiting",
        "reading",
        "storing",
        "linking",
        "settling",
        "verifying",
        "completed",
        "completed_with_errors",
        "refused",
    ]
    requested_by: str
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    upload_until: datetime
    counts: ImportCounts
    problems: int
    progress: ImportProgress
    warnings: list[ImportWarning]
    refusal: RefusedRow | None


class Imports(Shown):
    items: list[Import]
    next_cursor: str | None


class UploadForm(Shown):
    """POST these fields, and then the file as `file`, to the address."""

    url: str
    fields: dict[str, str]
    most_bytes: int


class ImportWithUpload(Import):
    upload: UploadForm


class Work(Shown):
    """A job that is no import: what it was asked to do, how far it is, what came of it."""

    id: Id
    kind: Literal["move", "link", "counts", "verification", "restore_check"]
    status: Literal["running", "completed", "failed"]
    asked: dict[str, Any]
    progress: dict[str, int]
    result: dict[str, Any]
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None


class VerificationProgress(Shown):
    parts: int
    done: int


class Verification(Shown):
    """What differed, by kind, and how much of it was repaired; while it runs, as far as it is."""

    id: Id
    kind: Literal["verification"]
    status: Literal["running", "completed", "failed"]
    repair: bool
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None
    progress: VerificationProgress
    accounts: int
    groups: int
    items: int
    unsettled: int = Field(description="What differs, and an import that runs is to settle.")
    drift: dict[str, int] = Field(description="Every kind is there; all are 0 when all is well.")
    repaired: dict[str, int]
    examples: dict[str, list[str]] = Field(description="Ids of the first 20 of a kind.")


class Job(RootModel[Import | Work]):
    """A job of whatever kind; the `kind` tells which."""
