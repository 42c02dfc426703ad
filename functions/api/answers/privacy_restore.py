"""Whether the API answers, and checks of a restored table."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.answers.base import Shown
from api.body import Id


class Health(Shown):
    status: Literal["ok", "fenced"] = Field(
        description="fenced: the table was restored, and is to be checked first."
    )


class RestoreCheckProgress(Shown):
    entries: int = Field(description="Of the journal, of all workspaces, when the check began.")
    applied: int
    read_back: int


class RestoreCheck(Shown):
    """Completed: nobody who was erased is in the table. Failed: what remains, by store."""

    id: Id
    kind: Literal["restore_check"]
    status: Literal["running", "completed", "failed"]
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None
    progress: RestoreCheckProgress
    remaining: dict[str, int]
    unknown_workspaces: int = Field(
        description="Have entries and are not in the table; their entries are applied, too."
    )
