"""What is refused of erasures, and why; and the store that does not answer."""

from collections.abc import Mapping

from stageline.domain.errors import Conflict, Forbidden


class StoreUnreachable(Exception):
    """A store did not answer. What it holds is not known to be gone."""


class NotApproved(Conflict):
    """Nothing is erased that the privacy officer has not approved."""

    code = "not_approved"

    def __init__(self) -> None:
        super().__init__("the privacy officer has not approved this preview")


class PreviewChanged(Conflict):
    """More or others would be erased than were shown and approved."""

    code = "preview_changed"

    def __init__(self) -> None:
        super().__init__("what would be erased has changed; look at the new preview and approve it")


class RequestOpen(Conflict):
    """Another request about the same person is not done yet."""

    code = "request_open"

    def __init__(self, request_id: str) -> None:
        super().__init__("another request about this person is open; wait for it or cancel it")
        self.request_id = request_id

    @property
    def extra(self) -> Mapping[str, object]:
        return {"erasure_id": self.request_id}


class MemberActive(Conflict):
    """A member is erased once they are removed from the workspace."""

    code = "member_active"

    def __init__(self) -> None:
        super().__init__("the member is active; remove them from the workspace first")


class RequestState(Conflict):
    """The request is not in a state from which this can be done."""

    code = "request_state"

    def __init__(self, status: str) -> None:
        super().__init__(f"the request is {status}")
        self.status = status

    @property
    def extra(self) -> Mapping[str, object]:
        return {"erasure_status": self.status}


class AlreadyExtended(Conflict):
    """There is one extension (Art. 12(3))."""

    code = "already_extended"

    def __init__(self) -> None:
        super().__init__("the request was extended before; it is done once")


class OwnRequest(Forbidden):
    """Who asks for many to be erased does not approve it, too."""

    code = "own_request"

    def __init__(self) -> None:
        super().__init__("a request about several people is approved by somebody else")


class PersonNeeded(Forbidden):
    """An API client decides nothing about people."""

    code = "person_needed"

    def __init__(self) -> None:
        super().__init__("a person decides this, not an API client")
