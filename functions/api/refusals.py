"""What only the door refuses: requests that cannot be read, callers that cannot come in."""

from collections.abc import Mapping, Sequence

from stageline.domain.errors import Forbidden, Invalid, StagelineError, Unauthorized


class Unreadable(StagelineError):
    """The body is no JSON in UTF-8."""

    code = "body_unreadable"


class BodyTooLarge(StagelineError):
    code = "body_too_large"


class WrongContentType(StagelineError):
    code = "content_type_unsupported"


class CursorInvalid(StagelineError):
    """Not made by us for this caller, workspace and query."""

    code = "cursor_invalid"

    def __init__(self) -> None:
        super().__init__("the cursor is not one of this list; begin again without it")


class IfMatchNeeded(StagelineError):
    code = "if_match_missing"

    def __init__(self) -> None:
        super().__init__("say which revision you change: If-Match with the ETag of your last read")


class NoSuchRoute(StagelineError):
    code = "no_such_route"

    def __init__(self) -> None:
        super().__init__("there is nothing at this address")


class MethodNotAllowed(StagelineError):
    code = "method_not_allowed"

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(f"this address answers {', '.join(allowed)}")
        self.allowed = tuple(allowed)


class NoAccessToken(Unauthorized):
    code = "no_access_token"


class NoMembership(Unauthorized):
    code = "no_membership"


class MembershipSuspended(Unauthorized):
    code = "membership_suspended"


class ClientExpired(Unauthorized):
    code = "client_expired"


class RoleMayNot(Forbidden):
    code = "role_may_not"


class ScopeMissing(Forbidden):
    """The API client lacks a scope; it is named."""

    code = "scope_missing"

    def __init__(self, scope: str) -> None:
        super().__init__(f"the API client needs the scope {scope}")
        self.scope = scope

    @property
    def extra(self) -> Mapping[str, object]:
        return {"scope": self.scope}


class RecordNotYours(Forbidden):
    """The caller may read the record, but not do this to it."""

    code = "record_not_yours"


class ModuleClosed(Forbidden):
    """The caller's profile closes the module, or lets them read it only (S3.25)."""

    code = "module_closed"


class WorkspaceNeeded(Invalid):
    """The caller is a member of several workspaces and named none."""

    code = "workspace_needed"

    def __init__(self, header: str, workspaces: Sequence[str]) -> None:
        super().__init__(header, "missing", f"name one of your workspaces in {header}")
        self.workspaces = tuple(workspaces)

    @property
    def extra(self) -> Mapping[str, object]:
        return {"workspaces": list(self.workspaces)}


class InvalidFields(Invalid):
    """Several fields at fault, as (field, code, message)."""

    def __init__(self, faults: Sequence[tuple[str, str, str]]) -> None:
        field, reason, message = faults[0]
        super().__init__(field, reason, message)
        self.faults = tuple(faults)
