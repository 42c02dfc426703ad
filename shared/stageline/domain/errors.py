"""What can be refused, and why.

StagelineError
├── NotFound            unknown, or of another workspace: the same for the caller
│   ├── ParentNotFound
│   └── Erased
├── Invalid             a field that cannot be accepted; names the field and the fix
│   ├── KeyReused
│   └── UrlNotAllowed
├── Conflict            against a rule
│   ├── GroupCycle
│   ├── GroupBusy
│   ├── AccountInUse
│   ├── LinkNotPossible
│   ├── AccountLinked
│   ├── OutcomeConflict
│   ├── CountsPending
│   ├── AlreadyExists
│   ├── ReportingCycle
│   ├── LastAdmin
│   ├── ManagerOfOthers
│   ├── ProfileInUse
│   ├── FieldFixed
│   ├── ValueNotUnique
│   ├── CallInFlight
│   ├── Suppressed
│   ├── Anonymized
│   ├── Pinned
│   ├── ErasureOpen
│   ├── VerificationRunning
│   ├── SyncRunning
│   ├── SyncNotPossible
│   └── VendorFixed
├── Stale               changed since it was read
├── RestoredNotChecked  the table was restored, and may hold people who were erased
├── Forbidden           the caller may see it but not do this
│   ├── FieldNotReadable
│   └── FieldNotWritable
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
        """Further members of the problem document: ids and counts, unless a class says more."""
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


class Erased(NotFound):
    """A person who was erased; only the privacy officer is told so."""

    code = "erased"

    def __init__(self, what: str, request_id: str) -> None:
        super().__init__(what)
        self.detail = f"this {what} was erased"
        self.request_id = request_id

    @property
    def extra(self) -> Mapping[str, object]:
        return {"erasure_id": self.request_id}


class Invalid(StagelineError):
    """A field that cannot be accepted: `field` as the caller wrote it, `reason` a stable code."""

    code = "invalid_field"

    def __init__(self, field: str, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.reason = reason


class KeyReused(Invalid):
    """The Idempotency-Key came with another address or body before."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__(
            "Idempotency-Key", "reused", "was sent with another body; a new call needs a new key"
        )


class UrlNotAllowed(Invalid):
    """Nothing is sent there: not https, not the vendor's, private, or leading elsewhere."""

    code = "url_not_allowed"


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


class LinkNotPossible(Conflict):
    """Two accounts that cannot count as one; `reason` is a stable code."""

    code = "link_not_possible"

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason

    @property
    def extra(self) -> Mapping[str, object]:
        return {"reason": self.reason}


class AccountLinked(Conflict):
    """Records of other sources count for the account."""

    code = "account_linked"

    def __init__(self, account_ids: Sequence[str]) -> None:
        super().__init__("records of other sources are linked with it; end these links first")
        self.account_ids = tuple(account_ids)

    @property
    def extra(self) -> Mapping[str, object]:
        return {"linked": list(self.account_ids)}


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


class FieldFixed(Conflict):
    """What a custom field is stays as it was made."""

    code = "field_fixed"

    def __init__(self, attribute: str) -> None:
        super().__init__(f"the {attribute} of a field does not change; make another field")
        self.attribute = attribute

    @property
    def extra(self) -> Mapping[str, object]:
        return {"field": self.attribute}


class ValueNotUnique(Conflict):
    """Another record has this value of a unique field; `other_id` None: it is not named."""

    code = "value_not_unique"

    def __init__(self, field: str, other_id: str | None) -> None:
        super().__init__(f"another record has this value of {field}, which is unique")
        self.field = field
        self.other_id = other_id

    @property
    def extra(self) -> Mapping[str, object]:
        named = {} if self.other_id is None else {"other_id": self.other_id}
        return {"field": self.field, **named}


class Pinned(Conflict):
    """What stood in this field was erased; it takes nothing until it is released."""

    code = "pinned"

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} was erased here; ask the privacy officer to release it first")
        self.field = field

    @property
    def extra(self) -> Mapping[str, object]:
        return {"field": self.field}


class CallInFlight(Conflict):
    """The first call with this Idempotency-Key has not been answered yet."""

    code = "idempotency_in_flight"
    retry_after_seconds = 1

    def __init__(self) -> None:
        super().__init__("the first call with this Idempotency-Key is being answered; try again")


class Suppressed(Conflict):
    """The person was erased and is not to be stored again. `fields` say by what they are known."""

    code = "suppressed"

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__("this person was erased and is not stored again; ask the privacy officer")
        self.fields = tuple(fields)

    @property
    def extra(self) -> Mapping[str, object]:
        return {"fields": list(self.fields)}


class Anonymized(Conflict):
    """Nothing is said of a contact that is there for statistics only."""

    code = "anonymized"

    def __init__(self) -> None:
        super().__init__("this contact was anonymized and takes no changes; create another one")


class ErasureOpen(Conflict):
    """The contact is about to be erased; until that is decided its age stays as it is."""

    code = "erasure_open"

    def __init__(self, request_id: str) -> None:
        super().__init__("an erasure of this contact was asked for; decide that first")
        self.request_id = request_id

    @property
    def extra(self) -> Mapping[str, object]:
        return {"erasure_id": self.request_id}


class VerificationRunning(Conflict):
    """There is one verification at a time in a workspace."""

    code = "verification_running"

    def __init__(self, job_id: str) -> None:
        super().__init__("a verification is running; follow that one")
        self.job_id = job_id

    @property
    def extra(self) -> Mapping[str, object]:
        return {"job": {"id": self.job_id, "href": f"/v1/verifications/{self.job_id}"}}


class ReportingCycle(Conflict):
    """Somebody would report to themselves, directly or through others."""

    code = "reporting_cycle"

    def __init__(self, chain: Sequence[str]) -> None:
        super().__init__("the member would report to themselves; chain names who to whom")
        self.chain = tuple(chain)

    @property
    def extra(self) -> Mapping[str, object]:
        return {"chain": list(self.chain)}


class LastAdmin(Conflict):
    """A workspace without an administrator could never get one again (S3.24)."""

    code = "last_admin"

    def __init__(self) -> None:
        super().__init__("the workspace needs an administrator; make somebody else one first")


class ManagerOfOthers(Conflict):
    """Whoever reports to a member needs another manager before that member is removed.

    `names` by the ids of those, for the administrator who asked.
    """

    code = "manager_of_others"

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__("others report to this member; give them another manager first")
        self.names = dict(names)

    @property
    def extra(self) -> Mapping[str, object]:
        return {"members": [{"id": id_, "name": name} for id_, name in self.names.items()]}


class ProfileInUse(Conflict):
    code = "profile_in_use"

    def __init__(self, member_ids: Sequence[str]) -> None:
        super().__init__("members have this profile; give them another one first")
        self.member_ids = tuple(member_ids)

    @property
    def extra(self) -> Mapping[str, object]:
        return {"members": list(self.member_ids)}


class SyncRunning(Conflict):
    """An integration has one run at a time."""

    code = "sync_running"

    def __init__(self, run_id: str) -> None:
        super().__init__("a run of this integration is under way; wait until it has ended")
        self.run_id = run_id

    @property
    def extra(self) -> Mapping[str, object]:
        return {"run_id": self.run_id}


class SyncNotPossible(Conflict):
    """The integration is not active, or has no credentials."""

    code = "sync_not_possible"


class AlreadyInCrm(Conflict):
    code = "already_in_crm"

    def __init__(self) -> None:
        super().__init__("the account is in a CRM already")


class VendorFixed(Conflict):
    code = "vendor_fixed"

    def __init__(self) -> None:
        super().__init__("an integration keeps its vendor; make another one, or delete this one")


class Stale(StagelineError):
    """The record was changed since it was read."""

    code = "stale"

    def __init__(self, what: str) -> None:
        super().__init__(f"the {what} was changed since it was read; read it again")
        self.what = what


class RestoredNotChecked(StagelineError):
    """The table is another one than the journal was applied to."""

    code = "restored_not_checked"
    retry_after_seconds = 60

    def __init__(self) -> None:
        super().__init__(
            "the table was restored and may hold people who were erased; "
            "run `stageline privacy restore-check`"
        )


class Forbidden(StagelineError):
    code = "forbidden"


class FieldNotReadable(Forbidden):
    """The caller's profile hides a field that they sort, filter or write by (S3.26)."""

    code = "field_not_readable"

    def __init__(self, field: str) -> None:
        super().__init__(f"your profile does not let you read {field}")
        self.field = field

    @property
    def extra(self) -> Mapping[str, object]:
        return {"field": self.field}


class FieldNotWritable(Forbidden):
    """The caller's profile lets them read the field only (S3.26)."""

    code = "field_not_writable"

    def __init__(self, field: str) -> None:
        super().__init__(f"your profile does not let you write {field}")
        self.field = field

    @property
    def extra(self) -> Mapping[str, object]:
        return {"field": self.field}


class Unauthorized(StagelineError):
    code = "unauthorized"
