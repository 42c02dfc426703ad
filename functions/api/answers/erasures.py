"""Erasure requests, whom they are about, and their certificates."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from api.answers.base import Shown
from api.body import Id
from stageline.domain.certificate import CertificateState
from stageline.domain.erasure import Ground, Status
from stageline.domain.journal import Way
from stageline.domain.pins import PinnedKind


class ErasureProgress(Shown):
    step: Literal["select", "look", "check", "erase", "finish"]
    done: int
    of: int


class SelectedByAge(Shown):
    through: datetime


class ErasurePreview(Shown):
    hash: str = Field(description="Names exactly this set; it is what an approval is about.")
    made_at: datetime
    subjects: int
    identifiers: int = Field(description="Keyed hashes that will be kept out.")
    shared: int = Field(description="Identifiers that others have, too; they are not kept out.")
    candidates: int
    skipped: int = Field(description="Asked for, but gone or another request's.")
    counts: dict[str, int] = Field(description="What there is to erase, by store (stores.yaml).")


class ErasureApproval(Shown):
    by: str
    at: datetime
    preview: str
    candidates: Literal["all", "some", "none"]


class CertificateMade(Shown):
    number: int
    state: CertificateState


class Erasure(Shown):
    id: Id
    way: Way
    satisfies_article_17: bool
    ground: Ground
    reason: str | None = Field(description="Null once the person is erased, or it is cancelled.")
    fields: list[str] = Field(description="Of mask_selected.")
    contacts: int = Field(description="How many were asked for by id.")
    selection: SelectedByAge | None
    member_id: str | None
    requested_by: str
    requested_at: datetime
    received_on: date
    due_on: date
    extended: bool
    extended_because: str | None
    overdue: bool = Field(description="The day is over, and it is not done.")
    status: Status
    progress: ErasureProgress | None = Field(
        description="Of one request, while something is being done about it; null in lists."
    )
    parts: int
    preview: ErasurePreview | None
    approval: ErasureApproval | None
    certificate: CertificateMade | None
    erased_at: datetime | None
    unreachable: dict[str, datetime] = Field(description="Stores that do not answer, since when.")
    rev: int


class Erasures(Shown):
    items: list[Erasure]
    next_cursor: str | None


class SharedIdentifier(Shown):
    contact_id: str = Field(description="Of whom; of a removed member their id.")
    kind: Literal["email", "phone", "owner"]


class SubjectsOfPart(Shown):
    part: int
    asked: list[Id]
    contact_ids: list[Id] = Field(description="With other records of the same people.")
    shared: list[SharedIdentifier] = Field(
        description="Identifiers that others have, too, or anybody may: they are not kept out."
    )
    skipped: list[Id] = Field(description="Gone, or another request's.")


class Subjects(Shown):
    items: list[SubjectsOfPart]
    next_cursor: str | None


class Candidate(Shown):
    id: str
    kind: PinnedKind
    record_id: Id
    field: str
    text: str | None = Field(description="As it is now; null if it is gone, or not for you.")
    ticked: bool | None = Field(description="Whether it was approved to be blanked, if approved.")


class Candidates(Shown):
    items: list[Candidate]
    next_cursor: str | None


class CertificateSignature(Shown):
    algorithm: str
    key: str
    public_key: str
    value: str


class CertificateFile(Shown):
    """Keep the bytes: written in another way it is another file, and not valid."""

    certificate: dict[str, Any]
    signature: CertificateSignature


class SigningKey(Shown):
    public_key: str = Field(description="In PEM form.")
    fingerprint: str = Field(description="SHA-256 of the key, in hexadecimal.")


class Released(Shown):
    kind: PinnedKind
    record_id: Id
    pinned: list[str] = Field(description="What is still pinned.")
    rev: int
