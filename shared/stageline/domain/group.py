"""What is stored of a group: where its accounts belong, their ledgers, its value, its versions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from stageline.domain.account import Membership
from stageline.domain.chunks import Parts, parts_of, whole
from stageline.domain.ledger import Ledger
from stageline.domain.personal import Personal, Plain
from stageline.domain.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Home:
    """The memberships that the ledgers of an account have caught up with. `rev` is its fence."""

    account_id: Plain
    memberships: tuple[Membership, ...]
    rev: int

    @property
    def root_id(self) -> str | None:
        return self.memberships[-1].root_id


@dataclass(frozen=True, slots=True)
class StoredLedger:
    """A ledger in the partition of a group; only a live one is written (DESIGN §3, rule 4).

    `parts` is None for one that is stored as one item. Otherwise `rev` is that of the part without
    deals; the others have revisions of their own.
    """

    root_id: Plain
    ledger: Ledger
    live: bool
    rev: int
    parts: Parts | None = None

    @property
    def digits(self) -> int:
        return self.parts.digits if self.parts else 0


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A part of a ledger, with the deals whose ids begin with `part`. `rev` is its fence."""

    part: Plain
    ledger: Ledger
    digits: int
    rev: int


def assembled(head: StoredLedger, parts: Iterable[StoredPart]) -> StoredLedger:
    """Return the ledger of which `head` is the part without deals.

    Parts of another length are leftovers, or not yet in use.
    """
    if head.parts is None:
        return head
    ledgers = {one.part: one.ledger for one in parts if one.digits == head.digits}
    all_parts = parts_of(head.digits, {**head.parts.ledgers, **ledgers})
    return replace(head, ledger=whole(all_parts, head.ledger.memberships), parts=all_parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What one derived scheme says of a group, and the segment that holds `on` a day.

    `since` is None when the stage holds from the beginning; `next_on` is the first day of the next
    segment. `due_on`, no later, is the first day on which the stage or what `holds` changes: under
    it the value stands in the index of due days. `recorded_at` is that of the newest version,
    `evaluated_at` when the timeline was computed. `rev` is its fence.
    """

    root_id: Plain
    scheme: Plain
    scheme_version: int
    timeline: Timeline
    on: date
    stage: Plain
    since: date | None
    holds: tuple[Plain, ...]
    next_on: date | None
    due_on: date | None
    recorded_at: datetime
    evaluated_at: datetime
    rev: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What was believed from `recorded_at` on: from `changed_from` on (None: from the beginning)
    the timeline is `tail`. `evidence` is that of the segment that held `on` the day it was
    recorded. `rev` is that of the value it was written with.
    """

    recorded_at: datetime
    rev: int
    changed_from: date | None
    tail: Timeline
    on: date
    evidence: Mapping[Plain, Any]


def believed(versions: Iterable[Version]) -> Timeline | None:
    """Fold the versions, oldest first: each replaces what follows its first change.

    None without versions: nothing was known.
    """
    folded: Timeline | None = None
    for version in versions:
        if folded is None or version.changed_from is None:
            folded = version.tail
        else:
            folded = folded.spliced(version.changed_from.toordinal(), version.tail)
    return folded


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An account as the lists show it; a pure function of account, home and value.

    Accepts only greater revisions of those three (DESIGN §3, rule 5). A deleted account leaves a
    row without content (`stage` None), so that a late writer meets the fence.
    `owner` is the keyed hash of the owner's address, "-" for none. `event_seq` numbers the
    account's events; `event_at` is the instant of the last one (None: of none, or not known).
    """

    account_id: Plain
    scheme: Plain
    stage: Plain | None
    rank: int
    since: date | None
    next_on: date | None
    holds: tuple[Plain, ...]
    name: Personal
    domain: Personal | None
    owner_email: Personal | None
    owner: Plain
    in_crm: bool
    parent_id: Plain | None
    root_id: Plain | None
    home_rev: int
    value_rev: int
    account_rev: int
    event_seq: int
    event_at: datetime | None = None
    tags: tuple[Personal, ...] = ()


type Origin = Literal["change", "backfill"]
"""Why a stage became another one: something changed; or a first load brought what had been so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageChanged:
    """An account's stage, as its row shows it, became another one. Ids only."""

    account_id: Plain
    seq: int
    scheme: Plain
    scheme_version: int
    from_stage: Plain | None
    to_stage: Plain | None
    since: date | None
    root_id: Plain | None
    at: datetime
    origin: Origin = "change"
