"""What callers send: models that validate bodies, and describe them in the API's document."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]
Word = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]
Domain = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        to_lower=True,
        max_length=253,
        pattern=r"^[^\s\x00-\x1f\x7f/@:.]+(\.[^\s\x00-\x1f\x7f/@:.]+)+$",
    ),
]
Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        max_length=254,
        pattern=r"^[^\s\x00-\x1f\x7f@]+@[^\s\x00-\x1f\x7f@]+$",
    ),
]
Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Probability = Annotated[Decimal, Field(ge=0, le=1, decimal_places=4)]


class Body(BaseModel):
    """Strict (a date is a text, a flag no text), closed, and silent about what it refused."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False
    )

    def sent(self) -> dict[str, Any]:
        """Return the fields that were sent, null ones too (RFC 7396)."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Money(Body):
    amount: Decimal = Field(max_digits=20, decimal_places=6, examples=["1234.50"])
    currency: str = Field(max_length=3, description="ISO 4217", examples=["EUR"])


class NewAccount(Body):
    name: Name
    domain: Domain | None = None
    industry: Word | None = None
    country: Word | None = None
    owner_email: Email | None = None
    created_on: date | None = Field(None, description="When it was created in the CRM.")
    in_crm: bool = True
    parent_id: Id | None = None


class AccountChanges(Body):
    name: Name = Field(default="")
    domain: Domain | None = None
    industry: Word | None = None
    country: Word | None = None
    owner_email: Email | None = None
    created_on: date | None = None
    in_crm: bool = Field(default=True)


class NewParent(Body):
    parent_id: Id | None


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


class DealChanges(Body):
    name: Name = Field(default="")
    account_id: Id | None = None
    opened_on: date | None = None
    closed_on: date | None = Field(None, description="Of a closed deal; see also close, reopen.")
    expected_close_on: date | None = None
    amount: Money | None = None
    probability: Probability | None = None
    owner_email: Email | None = None


class Closing(Body):
    status: Literal["won", "lost"]
    closed_on: date


class NewImport(Body):
    records: Literal["accounts", "deals"]
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
