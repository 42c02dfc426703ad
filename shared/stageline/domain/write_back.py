"""What is written to a CRM: each attempt, how it stands and what the CRM has answered."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, Self

from stageline.domain.account import Account
from stageline.domain.personal import Personal, Plain

type What = Literal["create_account", "stage", "erase_contact"]

type WriteStatus = Literal["queued", "sending", "done", "refused", "failed"]
"""Refused: it would be refused again. Failed: the CRM did not answer, and may be asked again."""

# The integration of what callers make.
BY_HAND = "api"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteBack:
    """One thing that is to be written to a CRM, about the record `record_id`.

    `sent_at`: since when a request may have done it whose outcome is not known. `external_id`: what
    the CRM calls the record. `code` and `vendor_status` are the CRM's, or say ours why not.
    `request_id`: the erasure whose command it is. `value` is the stage; `is_conflict`: somebody had
    written another one in the CRM.
    """

    write_id: Plain
    integration: Plain
    what: What
    record_id: Plain
    status: WriteStatus = "queued"
    attempts: int = 0
    vendor_status: int | None = None
    code: Plain | None = None
    external_id: Personal | None = field(default=None, repr=False)
    request_id: Plain | None = None
    value: Plain | None = None
    is_conflict: bool = False
    requested_by: Plain
    requested_at: datetime
    sent_at: datetime | None = None
    moved_at: datetime
    rev: int = 1

    @property
    def is_finished(self) -> bool:
        return self.status in ("done", "refused", "failed")

    def moved(self, at: datetime, **changes: object) -> Self:
        return replace(self, **changes, moved_at=at, rev=self.rev + 1)  # type: ignore[arg-type]

    def again(self, at: datetime) -> Self:
        """Return what has failed as it is tried once more; what may be done is looked for."""
        status: WriteStatus = "queued" if self.sent_at is None else "sending"
        return self.moved(at, status=status, attempts=0, vendor_status=None, code=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written of an account to one CRM.

    `creating`: the write that made it there. `stage`: what both sides had when it was written last.
    """

    account_id: Plain
    integration: Plain
    creating: Plain | None = None
    stage: Plain | None = None
    rev: int = 0

    def changed(self, **changes: object) -> Self:
        return replace(self, **changes, rev=self.rev + 1)  # type: ignore[arg-type]


def is_known_to_a_crm(account: Account) -> bool:
    """Tell whether a CRM, or a file of one, has the account; what callers say of theirs is none."""
    source = account.source
    return account.in_crm and source is not None and source.integration != BY_HAND
