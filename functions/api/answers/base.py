"""What all answers have in common."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class Shown(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """RFC 9457. `code` is stable; further members depend on it."""

    model_config = ConfigDict(extra="allow")

    class Fault(Shown):
        field: str
        code: str
        message: str

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    field: str = ""
    errors: list[Fault] = []


class Fresh(Shown):
    current_as_of: datetime | None = Field(
        description="Since then nothing has changed that is not shown; null before the first tick."
    )
    stale: bool = Field(description="It is older than 24 hours, or null.")
