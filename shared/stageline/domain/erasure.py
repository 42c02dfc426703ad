"""An erasure request: who is to be forgotten, how, why and by when, and how far that is.

previewing → previewed → approved → checking → erasing → finishing → done; or cancelled while it is
not begun. What changed since the preview leads from checking back to previewed. Done is done as far
as the certificate says: what could not be reached is tried again.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, Literal, Self, get_args

from stageline.domain.calendar import add_months
from stageline.domain.certificate import CertificateState
from stageline.domain.contact import NAME, PERSON_TEXTS
from stageline.domain.erasure_errors import (
    AlreadyExtended,
    OwnRequest,
    PreviewChanged,
    RequestState,
)
from stageline.domain.errors import Invalid
from stageline.domain.journal import JournalEntry, Way
from stageline.domain.personal import Personal, Plain
from stageline.domain.pins import Pin, PinnedKind
from stageline.domain.workspace import Workspace

type Ground = Literal[
    "no_longer_necessary",
    "consent_withdrawn",
    "objection",
    "unlawful",
    "legal_obligation",
    "child_consent",
    "storage_limitation",
]
type Status = Literal[
    "previewing",
    "previewed",
    "approved",
    "checking",
    "erasing",
    "finishing",
    "done",
    "cancelled",
]

WAYS: tuple[Way, ...] = get_args(Way.__value__)
GROUNDS: tuple[Ground, ...] = get_args(Ground.__value__)

# Art. 17 asks for the person to be gone; blanking some fields of a record is less than that.
SATISFIES_ARTICLE_17: frozenset[Way] = frozenset({"erase", "anonymize"})
MOST_SUBJECTS: Final = 100_000
MOST_IDS: Final = 1_000
SUBJECTS_OF_A_PART: Final = 100
# What the rules of this code are: an approval holds for what was decided under them.
POLICY_VERSION: Final = "1"

_UNDER_WAY: frozenset[Status] = frozenset({"checking", "erasing", "finishing"})
_BEFORE: frozenset[Status] = frozenset({"previewing", "previewed", "approved"})


@dataclass(frozen=True, slots=True)
class Selection:
    """Contacts by age: those whose `gdpr_date` is not later than this instant."""

    through: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text in a record that lives on and that seems to name the person."""

    kind: PinnedKind
    record_id: Plain
    field: Plain

    @property
    def candidate_id(self) -> str:
        return f"{self.kind}.{self.record_id}.{self.field}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Up to a hundred of the subjects, and what was found about them. Ids, hashes and numbers.

    `asked`: as selected. `contact_ids`: those of them, and the other records of the same people,
    with their `links` to accounts and deals and the hashes of their `names` and `unique` values.
    `identifiers` will be kept out; of the `shared` ones, whose (id) and which (kind), nothing is:
    others have them, too. `shells`: the anonymous contact that takes the place of each, while that
    is being done. `skipped`: gone, or another request's. `claimed`: whom the part has ever kept
    others away from. Of a member, `asked` says whose records are looked for, and where
    (`domain.owned.Search`).
    """

    number: int
    asked: tuple[Plain, ...]
    contact_ids: tuple[Plain, ...] = ()
    links: tuple[tuple[Plain, Plain, Plain], ...] = ()
    claimed: tuple[Plain, ...] = ()
    names: tuple[Plain, ...] = ()
    unique: tuple[Plain, ...] = ()
    identifiers: tuple[Plain, ...] = ()
    shared: tuple[tuple[Plain, Plain], ...] = ()
    candidates: tuple[Candidate, ...] = ()
    skipped: tuple[Plain, ...] = ()
    counts: Mapping[Plain, int] = field(default_factory=dict)
    shells: Mapping[Plain, Plain] = field(default_factory=dict)
    hash: Plain = ""
    rev: int = 1

    def hashed(self) -> str:
        """Return the hash of all that an approval is about; not of how many rows there are."""
        said = [
            sorted(self.contact_ids),
            sorted(self.identifiers),
            sorted(self.skipped),
            sorted(one.candidate_id for one in self.candidates),
        ]
        return sha256(said)


@dataclass(frozen=True, slots=True)
class PartResult:
    """What was read back of a part: what remains, by store, at that instant.

    `changed`: how many records this round had to change.
    """

    number: int
    remaining: Mapping[Plain, int]
    read_at: datetime
    subjects: int
    suppressed: int
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """What the request would do, over all parts. `hash` names exactly that set."""

    hash: Plain
    made_at: datetime
    subjects: int
    identifiers: int
    shared: int
    candidates: int
    skipped: int
    counts: Mapping[Plain, int]


@dataclass(frozen=True, slots=True)
class Approval:
    """Who let exactly this preview be done, by which rules.

    `ticked`: candidates by id; None: all of them.
    """

    by: Plain
    at: datetime
    preview: Plain
    policy: Plain
    ticked: tuple[Plain, ...] | None

    def is_ticked(self, candidate: Candidate) -> bool:
        return self.ticked is None or candidate.candidate_id in self.ticked


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRequest:
    """A request. `fields`: of mask_selected. Either `contact_ids`, a selection or a member.

    `reason` and `extended_because` may say something of a person, and are gone once the person is.
    `next_at`: when the tick takes it up by itself. `round` counts how often all parts were asked
    for something. `rev` counts its writes and is the fence of each.
    """

    request_id: Plain
    way: Way
    ground: Ground
    reason: Personal | None
    fields: tuple[Plain, ...] = ()
    contact_ids: tuple[Plain, ...] = ()
    selection: Selection | None = None
    member_id: Plain | None = None
    requested_by: Plain
    requested_at: datetime
    received_on: date
    due_on: date
    is_extended: bool = False
    extended_because: Personal | None = None
    status: Status = "previewing"
    parts: int = 0
    round: int = 0
    preview: Preview | None = None
    approval: Approval | None = None
    certificates: int = 0
    certificate_state: CertificateState | None = None
    erased_at: datetime | None = None
    files_removed: int = 0
    unreachable: Mapping[Plain, datetime] = field(default_factory=dict)
    next_at: datetime | None = None
    rev: int = 1

    @property
    def is_bulk(self) -> bool:
        return self.selection is not None or len(self.contact_ids) > 1

    @property
    def is_open(self) -> bool:
        return self.status not in ("done", "cancelled")

    @property
    def is_under_way(self) -> bool:
        return self.status in _UNDER_WAY

    @property
    def is_waiting(self) -> bool:
        """Tell whether something is being erased, or could not be reached."""
        return self.is_under_way or (self.status == "done" and self.certificate_state == "partial")

    @property
    def can_be_cancelled(self) -> bool:
        return self.status in _BEFORE

    @property
    def policy(self) -> str:
        """Return the hash of the rules by which this request is carried out."""
        return policy_of(self.way, self.fields)

    def to(self, status: Status, **changes: Any) -> Self:
        """Return the request in this state, to be stored over this one."""
        return replace(self, status=status, rev=self.rev + 1, **changes)

    def approved(self, by: str, preview: str, ticked: Collection[str] | None, at: datetime) -> Self:
        """Return the request with its preview approved.

        Raises RequestState, PreviewChanged, OwnRequest; Invalid for candidates that are none.
        """
        if self.status not in ("previewed", "approved") or self.preview is None:
            raise RequestState(self.status)
        if self.preview.hash != preview:
            raise PreviewChanged
        if self.is_bulk and by == self.requested_by:
            raise OwnRequest
        chosen = None if ticked is None else tuple(sorted(set(ticked)))
        return self.to("approved", approval=Approval(by, at, preview, self.policy, chosen))

    def extended(self, because: str | None = None) -> Self:
        """Return the request due two months later, once (Art. 12(3)).

        Raises RequestState, AlreadyExtended.
        """
        if not self.is_open:
            raise RequestState(self.status)
        if self.is_extended:
            raise AlreadyExtended
        return self.to(
            self.status,
            due_on=add_months(self.received_on, 3),
            is_extended=True,
            extended_because=because,
        )

    def is_overdue(self, today: date) -> bool:
        """Tell whether the day is over and somebody may still be stored."""
        if self.status == "cancelled" or self.erased_at is not None:
            return False
        return self.due_on < today


def masked_fields(way: Way, fields: Sequence[str]) -> tuple[str, ...]:
    """Return the fields that `mask_selected` blanks, the name always (S2.39). Raises Invalid."""
    if way != "mask_selected":
        if fields:
            raise Invalid("fields", "not_of_this_way", "are chosen for mask_selected only")
        return ()
    for name in fields:
        if name not in PERSON_TEXTS and name != "tags" and not name.startswith("custom."):
            raise Invalid("fields", "unknown", "are fields of a contact, like phone or custom.key")
    return tuple(sorted(NAME.union(fields)))


def policy_of(way: Way, fields: Sequence[str]) -> str:
    return sha256([POLICY_VERSION, way, sorted(fields), sorted(PERSON_TEXTS)])


def preview_of(request: ErasureRequest, parts: Iterable[Part], at: datetime) -> Preview:
    """Return what all parts say together."""
    hashes: list[tuple[int, str]] = []
    counts: dict[str, int] = {}
    subjects = identifiers = shared = candidates = skipped = 0
    for part in parts:
        hashes.append((part.number, part.hash))
        subjects += len(part.contact_ids)
        identifiers += len(part.identifiers)
        shared += len(part.shared)
        candidates += len(part.candidates)
        skipped += len(part.skipped)
        for store, count in part.counts.items():
            counts[store] = counts.get(store, 0) + count
    if request.member_id is not None:
        # Each of the parts looks for the same one.
        subjects = int(skipped == 0)
        identifiers, shared, skipped = (n // len(hashes) for n in (identifiers, shared, skipped))
    hash_ = sha256([request.policy, request.member_id, sorted(hashes)])
    return Preview(hash_, at, subjects, identifiers, shared, candidates, skipped, counts)


def entry_of(workspace: Workspace, request: ErasureRequest, part: Part) -> JournalEntry:
    """Return what the journal says of an approved part before anything of it is erased."""
    approval = request.approval
    assert approval is not None
    ticked = (one for one in part.candidates if approval.is_ticked(one))
    return JournalEntry(
        workspace=workspace,
        request_id=request.request_id,
        # The entry of a member is one, and the same whichever part writes it.
        part=1 if request.member_id is not None else part.number,
        way=request.way,
        approved_by=approval.by,
        approved_at=approval.at,
        policy=approval.policy,
        contact_ids=part.contact_ids,
        member_ids=() if request.member_id is None else (request.member_id,),
        identifiers=part.identifiers,
        names=part.names,
        pins=tuple(Pin(one.kind, one.record_id, one.field) for one in ticked),
        fields=request.fields,
    )


def claimed_by(request: ErasureRequest, part: Part) -> frozenset[str]:
    """Return the ids that a part keeps other requests away from."""
    if request.member_id is not None:
        return frozenset({request.member_id})
    return frozenset({*part.asked, *part.contact_ids, *part.claimed})


def sha256(said: Any) -> str:
    return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode()).hexdigest()
