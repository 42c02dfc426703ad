"""What callers send about erasures."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.body import Body, Id, Instant
from stageline.domain.erasure import MOST_IDS, Ground
from stageline.domain.journal import Way
from stageline.domain.pins import PinnedKind

MOST_TICKED = 2_000

Reason = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=1_000,
        pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$",
    ),
]
FieldName = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}(\.[a-z][a-z0-9_]{0,39})?$")
]
CandidateId = Annotated[
    str,
    StringConstraints(
        pattern=r"^[a-z]{1,10}\.[0-9a-f]{32}\.[a-z][a-z_]{0,39}(\.[a-z][a-z0-9_]{0,39})?$"
    ),
]


class AgeSelection(Body):
    """Contacts by the age of their data: one of both."""

    older_than: str | None = Field(
        None,
        pattern=r"^P([0-9]{1,3}Y)?([0-9]{1,4}M)?([0-9]{1,4}W)?([0-9]{1,5}D)?$",
        description="Than a duration.",
        examples=["P2Y"],
    )
    through: Instant | None = Field(None, description="Whose age began then, or before.")


class NewErasure(Body):
    """About `contact_ids`, a `selection`, or a member: one of them."""

    way: Way = Field(
        description="erase and anonymize satisfy Art. 17 GDPR; mask_selected does not."
    )
    ground: Ground = Field(description="Art. 17(1) GDPR; storage_limitation: Art. 5(1)(e).")
    reason: Reason = Field(description="Forgotten with the person.")
    fields: list[FieldName] = Field(
        default=[],
        max_length=100,
        description="Of mask_selected, besides the name: like phone, tags or custom.region.",
    )
    contact_ids: list[Id] = Field(default=[], max_length=MOST_IDS)
    selection: AgeSelection | None = None
    member_id: Annotated[str, StringConstraints(min_length=1, max_length=128)] | None = None
    received_on: date | None = Field(None, description="Today if left out.")
    due_on: date | None = Field(None, description="At most a month later, which it is if left out.")


class NewApproval(Body):
    preview: str = Field(pattern=r"^[0-9a-f]{64}$", description="The hash of what was shown.")
    candidates: (
        Literal["all", "none"] | Annotated[list[CandidateId], Field(max_length=MOST_TICKED)]
    ) = Field(description="Which texts are blanked, too.")


class NewExtension(Body):
    reason: Reason | None = Field(None, description="Forgotten with the person.")


class NewRelease(Body):
    kind: PinnedKind
    record_id: Id
    fields: list[FieldName] = Field(min_length=1, max_length=100)
