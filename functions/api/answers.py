"""What callers get: models that describe the answers in the API's document.

Nothing imports them at run time; the tests validate answers against the document.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from api.bodies import FieldType, Id, Levels, Module, Money, RoleName, TeamName
from stageline.domain.activity import ActivityKind
from stageline.domain.contact import Role


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


class Source(Shown):
    integration: str
    version: str


Owner = Annotated[
    str | None,
    Field(description="The member with the owner's address, `unassigned` if there is none."),
]
Unreadable = Annotated[
    list[str], Field(description="Fields that your profile hides; they are null here.")
]
type CustomValues = Annotated[
    dict[str, bool | float | str | list[str] | Money],
    Field(description="By key: a text, number, amount, day, flag, option or several options."),
]


class Account(Shown):
    id: Id
    external_id: str | None
    name: str
    domain: str | None
    industry: str | None
    country: str | None
    owner_email: str | None
    owner: Owner
    created_on: date | None
    in_crm: bool | None
    unreadable: Unreadable = []
    parent_id: Id | None
    awaited_parent_id: Id | None = Field(description="A parent that no file has brought yet.")
    root_id: Id | None = Field(description="The account whose group this one belongs to.")
    first_seen_on: date
    created_at: datetime
    updated_at: datetime
    source: Source | None
    rev: int
    custom: CustomValues
    tags: list[str]


class Deal(Shown):
    id: Id
    external_id: str | None
    account_id: Id | None
    name: str
    status: Literal["open", "won", "lost"]
    opened_on: date | None
    closed_on: date | None
    expected_close_on: date | None
    amount: Money | None
    probability: float | None
    owner_email: str | None
    owner: Owner
    unreadable: Unreadable = []
    linked_members: list[str]
    waiting: bool = Field(description="Its account is not there yet; it counts for no stage.")
    first_seen_on: date
    created_at: datetime
    updated_at: datetime
    source: Source | None
    rev: int
    custom: CustomValues
    tags: list[str]


class Deals(Shown):
    items: list[Deal]
    next_cursor: str | None


class RolesOnAccount(Shown):
    account_id: Id = Field(description="Of an import: maybe one that no file has brought yet.")
    roles: list[Role]


class RolesOnDeal(Shown):
    deal_id: Id
    roles: list[Role]


class Contact(Shown):
    id: Id
    external_id: str | None
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    job_title: str | None
    company_name: str | None
    owner_email: str | None
    owner: Owner
    unreadable: Unreadable = []
    lead: bool = Field(description="It has no account yet.")
    accounts: list[RolesOnAccount]
    deals: list[RolesOnDeal]
    created_at: datetime
    updated_at: datetime
    source: Source | None
    rev: int
    custom: CustomValues
    tags: list[str]


class Contacts(Shown):
    items: list[Contact]
    next_cursor: str | None


class Activity(Shown):
    id: Id
    external_id: str | None
    kind: ActivityKind
    occurred_at: datetime
    two_way: bool
    subject: str | None
    text: str | None
    owner_email: str | None
    owner: Owner
    unreadable: Unreadable = []
    account_id: Id | None
    deal_id: Id | None
    contact_ids: list[Id]
    created_at: datetime
    updated_at: datetime
    source: Source | None
    rev: int
    custom: CustomValues
    tags: list[str]


class Activities(Shown):
    items: list[Activity]
    next_cursor: str | None


class Task(Shown):
    id: Id
    title: str
    due_on: date
    done: bool
    done_at: datetime | None
    owner_email: str | None
    owner: Owner
    unreadable: Unreadable = []
    account_id: Id | None
    deal_id: Id | None
    contact_id: Id | None
    created_at: datetime
    updated_at: datetime
    rev: int
    custom: CustomValues
    tags: list[str]


class Tasks(Shown):
    items: list[Task]
    next_cursor: str | None


class Touch(Shown):
    """Of activities that are no notes; null: never. Late by the time the stream takes."""

    first: datetime | None
    last: datetime | None
    last_two_way: datetime | None


class AccountRow(Shown):
    id: Id
    name: str
    domain: str | None
    owner_email: str | None
    owner: Owner
    in_crm: bool | None
    unreadable: Unreadable = []
    parent_id: Id | None
    root_id: Id | None
    tags: list[str]
    stage: str | None
    display: str
    rank: int
    since: date | None
    next_change_on: date | None
    holds: list[str]
    reason: str | None
    hint: str | None


class Fresh(Shown):
    current_as_of: datetime | None = Field(
        description="Since then nothing has changed that is not shown; null before the first tick."
    )
    stale: bool = Field(description="It is older than 24 hours, or null.")


class AccountRows(Fresh):
    items: list[AccountRow]
    next_cursor: str | None


class SchemeReference(Shown):
    key: str
    version: int


class NextChange(Shown):
    on: date
    to: str
    display: str
    reason: str | None
    text: str | None
    ids: list[Id]


class FactEvidence(Shown):
    fact: str
    within: str | None = None
    count: int
    deal_ids: list[Id] = []
    account_ids: list[Id] = []


class Evidence(Shown):
    on: date | None
    scheme: SchemeReference
    facts: list[FactEvidence]
    holds: list[str]
    stage: str
    decided_by: Literal["ONLY_ONE_HELD", "PRECEDENCE"]


class Explanation(Shown):
    text: str
    definition: str | None
    evidence: Evidence | None


class StageAnswer(Fresh):
    account_id: Id
    stage: str | None = Field(description="Null when there is none to show: see `reason`.")
    display: str
    rank: int
    since: date | None = Field(description="Null when the stage holds from the beginning.")
    next_change: NextChange | None
    as_of: date
    predicted: bool
    reason: str | None
    hint: str | None
    evaluated_at: datetime | None
    scheme: SchemeReference
    holds: list[str]
    explanation: Explanation


class Relative(Shown):
    id: Id
    name: str
    parent_id: Id | None


class Group(Shown):
    root_id: Id | None
    size: int
    members: list[Relative] = Field(description="The first 25 of them.")


class Links(Shown):
    self: str
    deals: str
    contacts: str
    activities: str
    tasks: str
    stage: str
    history: str


class Segment(Shown):
    stage: str | None
    display: str
    rank: int
    reason: str | None
    root_id: Id | None
    from_: date | None = Field(alias="from", description="Null from the beginning.")
    to: date | None = Field(description="Its last day; null when no end is known.")
    predicted: bool


class AccountView(Account):
    stages: dict[str, StageAnswer]
    history: dict[str, list[Segment]] = Field(description="By scheme, from the beginning.")
    group: Group
    children: list[Relative] = Field(description="The first 25 of them.")
    deals: Deals | None = Field(description="null when your profile closes deals.")
    contacts: Contacts | None = Field(description="null when your profile closes contacts.")
    activities: Activities | None = Field(description="null when your profile closes activities.")
    tasks: Tasks | None = Field(description="null when your profile closes tasks.")
    touch: Touch | None
    links: Links


class RecordedVersion(Shown):
    recorded_at: datetime
    changed_from: date | None


class History(Shown):
    account_id: Id
    scheme: SchemeReference
    segments: list[Segment]
    versions: list[RecordedVersion] = Field(description="The newest first.")
    next_cursor: str | None


class Stage(Shown):
    key: str
    name: str
    category: Literal["succeeded", "in_progress", "not_succeeded"]
    rank: int
    colour: str
    definition: str
    when: dict[str, Any]


class NoStage(Shown):
    display: Literal["-"]
    rank: int


class Scheme(Shown):
    key: str
    version: int
    name: str
    subject: str
    stages: list[Stage]
    precedence: list[str]
    no_stage: NoStage


class CountsOfDay(Shown):
    as_of: date
    predicted: bool
    reason: str | None = Field(description="Why there are no stages: all are `-`, or not known.")
    accounts: dict[str, int] = Field(description="By stage; `-` alone when there are none to show.")
    groups: dict[str, int] = Field(description="An account without relatives is a group of one.")


class Counts(CountsOfDay):
    scheme: SchemeReference
    known_at: datetime | None
    counted_at: datetime


class CountsOfRange(Shown):
    scheme: SchemeReference
    known_at: datetime | None
    counted_at: datetime
    from_: date = Field(alias="from")
    to: date
    items: list[CountsOfDay] = Field(description="Every day of the range.")


class CountsAnswer(RootModel[Counts | CountsOfRange]):
    """One day, or every day of a range."""


class Integration(Shown):
    key: str
    active: bool
    opportunity_pull: bool
    sync: bool
    created_at: datetime
    updated_at: datetime
    rev: int


class WhyNoStage(Shown):
    reason: str
    text: str
    hint: str


class Integrations(Shown):
    items: list[Integration]
    no_stage: WhyNoStage | None


class LastImport(Shown):
    job_id: Id
    status: Literal["completed", "completed_with_errors"]
    completed_at: datetime


class LastImports(Shown):
    accounts: LastImport | None
    deals: LastImport | None
    contacts: LastImport | None
    activities: LastImport | None


class IntegrationFreshness(Fresh):
    key: str
    active: bool
    last_import: LastImports = Field(description="They do not count: files are brought.")


class Tick(Shown):
    completed_at: datetime | None
    through: date | None = Field(description="Its day, in the workspace's zone.")


class Freshness(Fresh):
    stale_after: str = Field(description="A duration (ISO 8601).")
    tick: Tick
    integrations: list[IntegrationFreshness]


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
    kind: Literal["move", "counts", "verification"]
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


class Preferences(Shown):
    zone: str | None
    locale: str | None
    date_format: str | None


class Member(Shown):
    id: str
    kind: Literal["person", "client"]
    name: str
    email: str | None
    role: RoleName
    team: TeamName | None
    manager_id: str | None
    profile: str | None
    scopes: list[str]
    expires_at: datetime | None
    suspended: bool
    preferences: Preferences
    created_at: datetime | None
    rev: int


class Members(Shown):
    items: list[Member]


class NewClientAnswer(Member):
    user_name: str
    secret: str | None = Field(
        description="Nobody keeps it: null when the same Idempotency-Key comes again."
    )


class MyAccess(Shown):
    modules: Levels
    fields: Levels


class Me(Member):
    workspace: str
    access: MyAccess


class AccessProfile(Shown):
    key: str
    name: str
    modules: Levels
    fields: Levels
    rev: int


class AccessProfiles(Shown):
    items: list[AccessProfile]


class Settings(Shown):
    zone: str
    ownership: Literal["exclusive", "shared"]
    managers_see_subordinates: bool
    rev: int


class CustomField(Shown):
    module: Module
    key: str
    name: str
    type: FieldType
    required: bool
    unique: bool
    default: bool | float | str | list[str] | Money | None
    options: list[str]
    personal: bool
    archived: bool = Field(description="Shown nowhere; its values are kept.")
    created_at: datetime
    updated_at: datetime
    rev: int


class CustomFields(Shown):
    items: list[CustomField]
