"""The mapping document: which of a CRM's fields are read as ours, and what their values mean.

Everything in it is optional; where it says nothing, what the connector says of the vendor's own
objects holds. docs/mapping.md has it by example. Who asks for no mapping does not import this.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from stageline.domain.activity import ActivityKind
from stageline.domain.currency import CURRENCIES
from stageline.domain.custom_field import MOST_FIELDS
from stageline.domain.deal import Outcome
from stageline.domain.errors import Invalid
from stageline.domain.job_states import Records
from stageline.domain.personal import PersonalData

# It lies beside the integration, which many requests read.
LONGEST: Final = 50_000
_LONGEST_PATH: Final = 200
_CUSTOM: Final = "custom."

type AccountField = Literal[
    "name", "domain", "industry", "country", "owner_email", "created_on", "in_crm"
]
type DealField = Literal[
    "name",
    "status",
    "stage",
    "opened_on",
    "closed_on",
    "expected_close_on",
    "amount",
    "currency",
    "probability",
    "owner_email",
]
type ContactField = Literal[
    "first_name", "last_name", "email", "phone", "job_title", "company_name", "owner_email"
]
type ActivityField = Literal["kind", "occurred_at", "two_way", "subject", "text", "owner_email"]


def _known(currency: str) -> str:
    if currency not in CURRENCIES:
        raise ValueError("a currency is an ISO 4217 code, like EUR")
    return currency


Theirs = Annotated[str, Field(min_length=1, max_length=200)]
Key = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Currency = Annotated[str, AfterValidator(_known)]
Address = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254), PersonalData()]
User = Annotated[str, Field(min_length=1, max_length=254), PersonalData()]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class _Values(_Model):
    """Their value → ours, whatever the case. `custom`: of custom fields, as "custom.<key>"."""

    custom: dict[Key, dict[str, Text | bool]] = {}

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        named = {name: ours for name, ours in given.items() if not _is_custom(name)}
        custom = {name[len(_CUSTOM) :]: v for name, v in given.items() if _is_custom(name)}
        return named | ({"custom": custom} if custom else {})


class AccountValues(_Values):
    industry: dict[str, Text] = {}
    country: dict[str, Text] = {}
    in_crm: dict[str, bool] = {}


class DealValues(_Values):
    currency: dict[str, Currency] = {}


class ContactValues(_Values):
    pass


class ActivityValues(_Values):
    kind: dict[str, ActivityKind] = {}
    two_way: dict[str, bool] = {}


class AccountDefaults(_Model):
    """What a record says where its field is empty or not read."""

    industry: Text | None = None
    country: Text | None = None
    in_crm: bool | None = None


class DealDefaults(_Model):
    """`currency` is that of an amount without one."""

    currency: Currency | None = None


class ContactDefaults(_Model):
    pass


class ActivityDefaults(_Model):
    kind: ActivityKind | None = None
    two_way: bool | None = None


class Stage(_Model):
    """What it means that a deal is in a stage of a pipeline; it wins over what the CRM says."""

    outcome: Outcome
    probability: Annotated[Decimal, Field(ge=0, le=1, decimal_places=4)] | None = None


class _Section(_Model):
    """`custom`: the key of our custom field → theirs."""

    custom: Annotated[dict[Key, Theirs], Field(max_length=MOST_FIELDS)] = {}


class AccountWrite(_Model):
    """What is written to the CRM's account: `stage` is the field that the stage goes into."""

    stage: Theirs | None = None


class AccountMapping(_Section):
    """`fields`: ours → theirs; null: not read, whatever the connector would."""

    fields: dict[AccountField, Theirs | None] = {}
    write: AccountWrite = AccountWrite()
    values: AccountValues = AccountValues()
    defaults: AccountDefaults = AccountDefaults()


class DealMapping(_Section):
    """`stages`: as the CRM stores the stage. `probability`: how the field named here counts it."""

    fields: dict[DealField, Theirs | None] = {}
    values: DealValues = DealValues()
    defaults: DealDefaults = DealDefaults()
    stages: dict[Text, Stage] = {}
    probability: Literal["fraction", "percent"] = "fraction"


class ContactMapping(_Section):
    fields: dict[ContactField, Theirs | None] = {}
    values: ContactValues = ContactValues()
    defaults: ContactDefaults = ContactDefaults()


class ActivityMapping(_Section):
    """`bodies`: texts of e-mails, notes and so on are read, too."""

    fields: dict[ActivityField, Theirs | None] = {}
    values: ActivityValues = ActivityValues()
    defaults: ActivityDefaults = ActivityDefaults()
    bodies: bool = False


type Section = AccountMapping | DealMapping | ContactMapping | ActivityMapping


class CrmMapping(_Model):
    """`owners`: the address or id of their user → the address of our member, where they differ."""

    accounts: AccountMapping = AccountMapping()
    deals: DealMapping = DealMapping()
    contacts: ContactMapping = ContactMapping()
    activities: ActivityMapping = ActivityMapping()
    owners: dict[User, Address] = {}

    def section(self, records: Records) -> Section:
        found: Section = getattr(self, records)
        return found


def read_mapping(given: str | Mapping[str, Any] | None) -> CrmMapping:
    """Return the document, of JSON or of what JSON was; None: one that says nothing.

    Raises Invalid with the path of the first fault.
    """
    if given is None:
        return CrmMapping()
    try:
        text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
        if len(text) > LONGEST:
            raise Invalid("mapping", "too_large", f"has at most {LONGEST:,} characters as JSON")
        return CrmMapping.model_validate(json.loads(text))
    except ValidationError as error:
        faults = error.errors(include_input=False, include_context=False, include_url=False)
        raise _invalid(faults[0]["loc"], faults[0]["type"], faults[0]["msg"]) from None
    except (ValueError, TypeError, RecursionError) as error:
        raise Invalid("mapping", "malformed", "is a JSON object; see docs/mapping.md") from error


def fields_of(records: Records, mapping: CrmMapping, defaults: Mapping[str, str]) -> dict[str, str]:
    """Return ours → theirs of what is read of these records, custom fields apart.

    `defaults` are those of the connector, of which a mapping replaces or drops some.
    """
    section = mapping.section(records)
    named: Mapping[Any, str | None] = section.fields
    fields = {ours: theirs for ours, theirs in {**defaults, **named}.items() if theirs is not None}
    if isinstance(section, ActivityMapping) and not section.bodies:
        fields.pop("text", None)
    return fields


def asked_fields(
    records: Records, mapping: CrmMapping, defaults: Mapping[str, str]
) -> tuple[str, ...]:
    """Return the CRM's names of all fields that are to be read of these records."""
    fields = fields_of(records, mapping, defaults).values()
    return tuple(sorted({*fields, *mapping.section(records).custom.values()}))


def _is_custom(name: object) -> bool:
    return isinstance(name, str) and name.startswith(_CUSTOM)


def _invalid(location: Sequence[int | str], kind: str, message: str) -> Invalid:
    path = ".".join(["mapping", *_shown(location)])[:_LONGEST_PATH]
    is_name = location[-1:] == ("[key]",) and location[-3:-2] == ("fields",)
    if kind == "extra_forbidden" or is_name:
        return Invalid(path, "unknown_field", "is no field here")
    return Invalid(path, kind, message.removeprefix("Value error, "))


def _shown(location: Sequence[int | str]) -> Iterator[str]:
    """Yield the parts of a path that may be repeated: of owners not who they are."""
    for part in location:
        if part != "[key]":
            yield str(part)
        if part == "owners":
            return
