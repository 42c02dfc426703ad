"""What a route is, and the parameters that several routes take."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from api.parameters import Day, Number, Parameter
from stageline.domain.access import Module
from stageline.domain.permissions import Action

CURSOR = Parameter("cursor", "Where the page before ended: its `next_cursor`.", longest=4_000)
LIMIT = Number("limit", "How many at most.", least=1, most=200, otherwise=50)
AS_OF = Day("as_of", "The day asked about; today if left out. A later day is predicted.")
OWNER = Parameter("owner", "The owner's address; `-` for records without owner.", longest=254)
AUDIT_SPAN = (
    Day("from", "The first day, in the workspace's zone; the beginning if left out."),
    Day("to", "The last day, in the workspace's zone; today if left out."),
)

# A stage is an account's; what concerns all records of a workspace is a setting.
MODULE_OF_TAG: Mapping[str, Module | None] = {
    "Accounts": "accounts",
    "Activities": "activities",
    "Audit": "settings",
    "Contacts": "contacts",
    "Custom fields": "settings",
    "Deals": "deals",
    "Documents": None,
    "Freshness": "accounts",
    "Imports": "imports",
    "Integrations": "settings",
    "Jobs": None,
    "Me": None,
    "Members": "members",
    "Privacy": "privacy",
    "Profiles": "members",
    "Settings": "settings",
    "Stages": "accounts",
    "Tasks": "tasks",
    "Verifications": "settings",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`handler` is `module:function` in `api.routes`, `body` and `answer` models of `api.bodies`
    and `api.answers`. `action` None: public, without token. `by_job`: what takes longer is answered
    with 202 and a job. `erasable`: the privacy officer is told who was erased. `passes_fence`: also
    while a restored table was not checked; what is public shows nothing of the table, and passes.
    """

    method: str
    path: str
    handler: str
    summary: str
    tag: str
    action: Action | None = "read"
    parameters: tuple[Parameter, ...] = ()
    body: str | None = None
    answer: str | None = None
    status: int = 200
    if_match: Literal["needed", "possible"] | None = None
    idempotent: bool = False
    conflicts: bool = False
    by_job: bool = False
    erasable: bool = False
    passes_fence: bool = False

    @property
    def module(self) -> Module | None:
        """What profiles and scopes open or close it by; None: open to every member."""
        return MODULE_OF_TAG[self.tag]
