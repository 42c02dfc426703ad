"""What can be refused, and why.

StagelineError
├── NotFound            unknown, or of another workspace: the same for the caller
│   └── ParentNotFound
├── Invalid             a field that cannot be accepted; names the field and the fix
├── Conflict            against a rule
│   ├── GroupCycle
│   ├── GroupBusy
│   ├── AccountInUse
│   ├── OutcomeConflict
│   ├── CountsPending
│   ├── AlreadyExists
│   └── VerificationRunning
├── Stale               changed since it was read
├── Forbidden           the caller may see it but not do this
└── Unauthorized        the token does not say who may come in
"""

from collections.abc import Mapping, Sequence


class StagelineError(Exception):
    """Base of all refusals. `code` is stable; `detail` is for people and quotes no input."""

    code = "refused"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    @property
    def extra(self) -> Mapping[str, object]:
        """Further members of the problem document: ids and counts only."""
        return {}


class NotFound(StagelineError):
    code = "not_found"

    def __init__(self, what: str) -> None:
        super().__init__(f"no such {what}")
        self.what = what


class ParentNotFound(NotFound):
    """The account that is to be the parent."""

    def __init__(self) -> None:
        super().__init__("parent account")


class Invalid(StagelineError):
    """A field that cannot be accepted: `field` as the caller wrote it, `reason` a stable code."""

    code = "invalid_field"

    def __init__(self, field: str, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.reason = reason


class Conflict(StagelineError):
    code = "conflict"


class GroupCycle(Conflict):
    """The parent is the account itself or one of its descendants (S0.14)."""

    code = "group_cycle"

    def __init__(self, chain: Sequence[str]) -> None:
        super().__init__("the parent is the account itself or one of its descendants")
        self.chain = tuple(chain)

    @property
    def extra(self) -> Mapping[str, object]:
        return {"chain": list(self.chain)}


class GroupBusy(Conflict):
    """Another account with children is moving out of, into or within one of the groups."""

    code = "group_busy"
    retry_after_seconds = 5

    def __init__(self, job_id: str) -> None:
        super().__init__("accounts of the group are being moved; try again when that is done")
        self.job_id = job_id

    @property
    def extra(self) -> Mapping[str, object]:
        return {"job_id": self.job_id, "retry_after_seconds": self.retry_after_seconds}


class AccountInUse(Conflict):
    """An account that others still need cannot be deleted."""

    code = "account_in_use"

    def __init__(self, children: int, deals: int, contacts: int = 0, open_tasks: int = 0) -> None:
        super().__init__(
            "the account has children, deals, contacts or open tasks; move or delete them first"
        )
        self._uses = {
            "children": children,
            "deals": deals,
            "contacts": contacts,
            "open_tasks": open_tasks,
        }

    @property
    def extra(self) -> Mapping[str, object]:
        return self._uses


class OutcomeConflict(Conflict):
    """The deal is not in a state from which this can be done."""

    code = "outcome_conflict"


class CountsPending(Conflict):
    """The counts are being made; the job says how far they are."""

    code = "counts_pending"

    def __init__(self, job_id: str) -> None:
        super().__init__("the counts are being made; ask again when the job is completed")
        self.job_id = job_id

    @property
    def extra(self) -> Mapping[str, object]:
        return {"job": {"id": self.job_id, "href": f"/v1/jobs/{self.job_id}"}}


class AlreadyExists(Conflict):
    """Another record has this identity, or this idempotency key was used for something else."""

    code = "already_exists"


class VerificationRunning(Conflict):
    """There is one verification at a time in a workspace."""

    code = "verification_running"

    def __init__(self, job_id: str) -> None:
        super().__init__("a verification is running; follow that one")
        self.job_id = job_id

    @property
    def extra(self) -> Mapping[str, object]:
        return {"job": {"id": self.job_id, "href": f"/v1/verifications/{self.job_id}"}}


class Stale(StagelineError):
    """The record was changed since it was read."""

    code = "stale"

    def __init__(self, what: str) -> None:
        super().__init__(f"the {what} was changed since it was read; read it again")
        self.what = what


class Forbidden(StagelineError):
    code = "forbidden"


class Unauthorized(StagelineError):
    code = "unauthorized"
