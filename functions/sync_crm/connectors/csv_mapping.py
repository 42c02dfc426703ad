"""The mapping file: how an export that is not ours names its columns and writes its values."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stageline.domain.activity import ActivityKind
from stageline.domain.contact import Role
from stageline.domain.currency import CURRENCIES
from stageline.domain.job_states import Records
from sync_crm.connectors.csv_cells import date_pattern
from sync_crm.connectors.csv_text import refuse

type AccountColumn = Literal[
    "external_id",
    "name",
    "parent_external_id",
    "domain",
    "industry",
    "country",
    "owner_email",
    "created_on",
    "in_crm",
]
type ContactColumn = Literal[
    "external_id",
    "first_name",
    "last_name",
    "email",
    "phone",
    "job_title",
    "company_name",
    "owner_email",
    "account_external_id",
    "roles",
]
type ActivityColumn = Literal[
    "external_id",
    "kind",
    "occurred_at",
    "two_way",
    "subject",
    "text",
    "owner_email",
    "account_external_id",
    "deal_external_id",
    "contact_external_id",
]
type DealColumn = Literal[
    "external_id",
    "account_external_id",
    "name",
    "status",
    "opened_on",
    "closed_on",
    "expected_close_on",
    "amount",
    "currency",
    "probability",
    "owner_email",
]
Heading = Annotated[str, Field(min_length=1, max_length=1_000)]
Text = Annotated[str, Field(min_length=1, max_length=1_000)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class AccountValues(_Model):
    """For each column their value → ours, whatever the case. Only columns that name nobody."""

    industry: dict[str, Text] = {}
    country: dict[str, Text] = {}
    in_crm: dict[str, bool] = {}


class DealValues(_Model):
    status: dict[str, Literal["open", "won", "lost"]] = {}
    currency: dict[str, Currency] = {}


class AccountDefaults(_Model):
    """What a row says where its cell is empty or its column is missing."""

    industry: Text | None = None
    country: Text | None = None
    in_crm: bool | None = None


class DealDefaults(_Model):
    status: Literal["open", "won", "lost"] | None = None
    currency: Currency | None = None


class _Section(_Model):
    """`ignore`: columns left out knowingly, of which no warning is given."""

    ignore: tuple[Heading, ...] = ()
    delimiter: Literal[",", ";", "\t"] | None = None
    date_format: str | None = None
    date_formats: tuple[str, ...] = ()
    decimal: Literal[",", "."] | None = None

    @property
    def dates(self) -> Sequence[str]:
        return (*([self.date_format] if self.date_format else []), *self.date_formats)

    @model_validator(mode="after")
    def _dates_are_understood(self) -> Self:
        for form in self.dates:
            date_pattern(form)
        return self


class AccountSection(_Section):
    """`columns`: ours → theirs; null: the column of our name is not read either."""

    columns: dict[AccountColumn, Heading | None] = {}
    values: AccountValues = AccountValues()
    defaults: AccountDefaults = AccountDefaults()


class DealSection(_Section):
    columns: dict[DealColumn, Heading | None] = {}
    values: DealValues = DealValues()
    defaults: DealDefaults = DealDefaults()
    probability: Literal["fraction", "percent"] = "fraction"

    @model_validator(mode="after")
    def _currencies_exist(self) -> Self:
        default = [self.defaults.currency] if self.defaults.currency else []
        if not CURRENCIES.issuperset([*self.values.currency.values(), *default]):
            raise ValueError("a currency is an ISO 4217 code, like EUR")
        return self


class ContactValues(_Model):
    roles: dict[str, Role] = {}


class ActivityValues(_Model):
    kind: dict[str, ActivityKind] = {}
    two_way: dict[str, bool] = {}


class NoDefaults(_Model):
    pass


class ActivityDefaults(_Model):
    kind: ActivityKind | None = None
    two_way: bool | None = None


class ContactSection(_Section):
    """`values: roles` are for each role in a cell."""

    columns: dict[ContactColumn, Heading | None] = {}
    values: ContactValues = ContactValues()
    defaults: NoDefaults = NoDefaults()


class ActivitySection(_Section):
    columns: dict[ActivityColumn, Heading | None] = {}
    values: ActivityValues = ActivityValues()
    defaults: ActivityDefaults = ActivityDefaults()


type Section = AccountSection | DealSection | ContactSection | ActivitySection


class MappingFile(_Model):
    accounts: AccountSection = AccountSection()
    deals: DealSection = DealSection()
    contacts: ContactSection = ContactSection()
    activities: ActivitySection = ActivitySection()


def section_of(mapping: str | None, records: Records) -> Section:
    """Return what a mapping (JSON) says of these records. Raises FileRefused (mapping_invalid)."""
    try:
        document = MappingFile.model_validate(json.loads(mapping) if mapping else {})
    except ValidationError as error:
        refuse("mapping_invalid", _described(error))
    section: Section = getattr(document, records)
    return section


def values_of(section: Section) -> Mapping[str, Mapping[str, object]]:
    """Return for each column their values (folded) and ours."""
    return {
        column: {theirs.strip().casefold(): ours for theirs, ours in values.items()}
        for column, values in section.values.model_dump().items()
    }


def _described(error: ValidationError) -> str:
    """Return where the mapping is wrong and how: paths of the document, none of its values."""
    faults = error.errors(include_input=False, include_context=False, include_url=False)
    places = [
        f"{'.'.join(str(part) for part in fault['loc'] if part != '[key]') or 'the mapping'}: "
        f"{fault['msg'].removeprefix('Value error, ')}"
        for fault in faults[:5]
    ]
    more = f"; and {len(faults) - 5} more" if len(faults) > 5 else ""
    return "; ".join(places) + more
