"""What callers send: models that validate bodies, and describe them in the API's document."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from api.body import (
    Body,
    Custom,
    Domain,
    Email,
    Id,
    Instant,
    Money,
    Name,
    Phone,
    Probability,
    Roles,
    Tags,
    Text,
    Word,
)
from stageline.domain.activity import MOST_CONTACTS, ActivityKind
from stageline.domain.contact import MOST_LINKS


class NewAccount(Body):
    name: Name
    domain: Domain | None = None
    industry: Word | None = None
    country: Word | None = None
    owner_email: Email | None = None
    created_on: date | None = Field(None, description="When it was created in the CRM.")
    in_crm: bool = True
    parent_id: Id | None = None
    custom: Custom = Field(default_factory=dict)
    tags: Tags = Field(default_factory=list)


class AccountChanges(Body):
    name: Name = Field(default="")
    domain: Domain | None = None
    industry: Word | None = None
    country: Word | None = None
    owner_email: Email | None = None
    created_on: date | None = None
    in_crm: bool = Field(default=True)
    custom: Custom = Field(default_factory=dict)
    tags: Tags | None = None


class NewParent(Body):
    parent_id: Id | None


class NewLink(Body):
    account_id: Id = Field(description="The record of another source that is to count for it.")


class LinkDecision(Body):
    decision: Literal["link", "never"]


class NewDeal(Body):
    name: Name
    status: Literal["open", "won", "lost"] = "open"
    account_id: Id | None = Field(None, description="Without one it counts for no stage.")
    opened_on: date | None = None
    closed_on: date | None = Field(None, description="Needed for a deal that is won or lost.")
    expected_close_on: date | None = None
    amount: Money | None = None
    probability: Probability | None = None
    owner_email: Email | None = None
    custom: Custom = Field(default_factory=dict)
    tags: Tags = Field(default_factory=list)


class DealChanges(Body):
    name: Name = Field(default="")
    account_id: Id | None = None
    opened_on: date | None = None
    closed_on: date | None = Field(None, description="Of a closed deal; see also close, reopen.")
    expected_close_on: date | None = None
    amount: Money | None = None
    probability: Probability | None = None
    owner_email: Email | None = None
    custom: Custom = Field(default_factory=dict)
    tags: Tags | None = None


class RolesOnAccount(Body):
    account_id: Id
    roles: Roles = Field(default=[])


class RolesOnDeal(Body):
    deal_id: Id
    roles: Roles = Field(default=[])


class RolesHeld(Body):
    roles: Roles = Field(description="All of them; none when it is not known what they are.")


class ContactChanges(Body):
    first_name: Word | None = None
    last_name: Word | None = None
    email: Email | None = None
    phone: Phone | None = None
    job_title: Word | None = None
    company_name: Name | None = Field(None, description="Of a lead, which has no account yet.")
    owner_email: Email | None = None
    custom: Custom = Field(default_factory=dict)
    tags: Tags | None = None


class NewContact(ContactChanges):
    accounts: list[RolesOnAccount] = Field([], max_length=MOST_LINKS, description="None: a lead.")
    deals: list[RolesOnDeal] = Field([], max_length=MOST_LINKS)
    tags: Tags = Field(default_factory=list)


Reason = Annotated[Name, Field(description="Why the data is still needed.")]


class NewTouch(Body):
    reason: Reason


class NewTouches(NewTouch):
    contact_ids: list[Id] = Field(min_length=1, max_length=1_000)


class NewActivity(Body):
    kind: ActivityKind
    occurred_at: Instant
    two_way: bool | None = Field(
        None,
        description="Both sides took part: a connected call, a reply. A meeting is, unless said.",
    )
    subject: Name | None = None
    text: Text | None = None
    owner_email: Email | None = Field(None, description="Whose activity it is.")
    account_id: Id | None = Field(None, description="Left out: the account of the deal, if any.")
    deal_id: Id | None = None
    contact_ids: list[Id] = Field([], max_length=MOST_CONTACTS)
    custom: Custom = Field(default_factory=dict)
    tags: Tags = Field(default_factory=list)


class ActivityChanges(Body):
    kind: ActivityKind = Field(default="note")
    occurred_at: Instant = Field(default=datetime(1970, 1, 1, tzinfo=UTC))
    two_way: bool = Field(default=False)
    subject: Name | None = None
    text: Text | None = None
    owner_email: Email | None = None
    account_id: Id | None = None
    deal_id: Id | None = None
    contact_ids: list[Id] = Field(default=[], max_length=MOST_CONTACTS)
    custom: Custom = Field(default_factory=dict)
    tags: Tags | None = None


class NewTask(Body):
    title: Name
    due_on: date
    owner_email: Email | None = Field(None, description="Who is to do it.")
    account_id: Id | None = Field(None, description="Left out: the account of the deal, if any.")
    deal_id: Id | None = None
    contact_id: Id | None = None
    custom: Custom = Field(default_factory=dict)
    tags: Tags = Field(default_factory=list)


class TaskChanges(Body):
    title: Name = Field(default="")
    due_on: date = Field(default=date.min)
    done: bool = Field(default=False)
    owner_email: Email | None = None
    account_id: Id | None = None
    deal_id: Id | None = None
    contact_id: Id | None = None
    custom: Custom = Field(default_factory=dict)
    tags: Tags | None = None


class Closing(Body):
    status: Literal["won", "lost"]
    closed_on: date


class NewImport(Body):
    records: Literal["accounts", "deals", "contacts", "activities"]
    mapping: dict[str, Any] | None = Field(None, description="Columns and values: docs/imports.md.")
    dry_run: bool = False


class IntegrationSwitches(Body):
    active: bool
    opportunity_pull: bool


class IntegrationChanges(Body):
    active: bool = Field(default=True)
    opportunity_pull: bool = Field(default=True)


class NewVerification(Body):
    repair: bool = Field(False, description="Repair what differs, too.")


type RoleName = Literal["viewer", "seller", "manager", "admin", "privacy_officer"]
type TeamName = Literal["inside_sales", "sales", "account_management"]
Levels = dict[str, Literal["none", "read", "write"]]
MemberId = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class NewMember(Body):
    email: Email = Field(description="Records with this owner are theirs.")
    name: Name
    role: RoleName
    team: TeamName | None = None
    manager_id: MemberId | None = Field(None, description="Whom they report to.")
    profile: Key | None = Field(None, description="What they see of records; all without one.")


class NewClient(Body):
    name: Word
    role: RoleName
    scopes: list[str] = Field(min_length=1, max_length=50, examples=[["accounts:read"]])
    expires_at: AwareDatetime = Field(strict=False)
    profile: Key | None = None


class MemberChanges(Body):
    email: Email | None = None
    name: Name = Field(default="")
    role: RoleName = Field(default="viewer")
    team: TeamName | None = None
    manager_id: MemberId | None = None
    profile: Key | None = None
    suspended: bool = Field(default=False)
    scopes: list[str] = Field(default=[], max_length=50)
    expires_at: AwareDatetime | None = Field(default=None, strict=False)


class PreferenceChanges(Body):
    zone: Word | None = Field(None, examples=["Europe/Vienna"])
    locale: Locale | None = Field(None, description="BCP 47", examples=["de-AT"])
    date_format: Literal["YYYY-MM-DD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY"] | None = None


class ProfileBody(Body):
    name: Word
    modules: Levels = Field(default={}, examples=[{"deals": "read"}])
    fields: Levels = Field(default={}, examples=[{"deals.amount": "none"}])


class SettingsChanges(Body):
    ownership: Literal["exclusive", "shared"] = Field(default="exclusive")
    managers_see_subordinates: bool = Field(default=True)


Module = Literal["account", "deal", "contact", "activity", "task"]
FieldType = Literal["text", "number", "money", "date", "boolean", "picklist", "multi_select"]
Options = Annotated[
    list[Word], Field(max_length=100, description="Of a picklist or multi-select, in order.")
]


class NewField(Body):
    module: Module
    key: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="Stays as it is.")
    name: Word = Field(description="What people read.")
    type: FieldType
    required: bool = False
    unique: bool = Field(False, description="For text, number and date; stays as it is.")
    default: Any = Field(None, description="A value of the type, for new records.")
    options: Options = Field(default_factory=list)
    personal: bool | None = Field(
        None, description="Whether values may name somebody; true for text if left out."
    )


class FieldChanges(Body):
    name: Word = Field(default="")
    type: FieldType = Field(default="text", description="Only the one that the field has.")
    required: bool = False
    unique: bool = Field(False, description="Only as the field is.")
    default: Any = Field(None, description="A value of the type; null for none.")
    options: Options = Field(default_factory=list)
    personal: bool = True
    archived: bool = False
