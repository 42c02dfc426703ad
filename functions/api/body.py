"""What bodies have in common: their base, and the kinds of values in them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from stageline.domain.activity import LONGEST_TEXT
from stageline.domain.contact import ROLES, Role
from stageline.domain.tags import MOST_TAGS

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
Phone = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=50, pattern=r"^[^\x00-\x1f\x7f]*[0-9]"),
]
Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT, pattern=r"^[^\x00]*$")]
Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Probability = Annotated[Decimal, Field(ge=0, le=1, decimal_places=4)]
Roles = Annotated[list[Role], Field(max_length=len(ROLES))]


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is no instant in UTC") from error


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]


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


Custom = Annotated[
    dict[str, Any], Field(description="Values of custom fields by key; null removes one.")
]
Tags = Annotated[
    list[str], Field(max_length=MOST_TAGS, description="All of them; case does not count.")
]
