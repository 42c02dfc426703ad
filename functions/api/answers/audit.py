"""Who changed what."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.answers.base import Shown


class AuditEntry(Shown):
    """One write. What it wrote is not kept."""

    kind: str
    id: str
    happened: Literal["created", "changed", "moved", "deleted", "restored"]
    fields: list[str] = Field(description="Names of what differs; none of what was deleted.")
    by: str = Field(description="A subject; `unknown` for a write past the API.")
    request: str | None = Field(description="The id of the request, or of the job.")
    at: datetime
    rev: int | None


class AuditEntries(Shown):
    items: list[AuditEntry] = Field(description="The newest first.")
    next_cursor: str | None
