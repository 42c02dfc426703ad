"""An activity: a call, meeting, e-mail or note, with whom, and whether both sides took part."""

from collections.abc import Iterator, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import ClassVar, Literal, Self, get_args

from stageline.domain.custom_value import Values
from stageline.domain.errors import Invalid
from stageline.domain.personal import Personal, Plain
from stageline.domain.pins import Pinnable, blanked, decided_afresh
from stageline.domain.stamp import Source, Stamp

type ActivityKind = Literal["call", "meeting", "email", "note"]

KINDS: tuple[ActivityKind, ...] = get_args(ActivityKind.__value__)

# An activity is written together with an item for each of its contacts, those it loses too.
MOST_CONTACTS = 20
LONGEST_TEXT = 10_000
_EARLIEST_YEAR = 1900
# What files would say again of an activity with somebody who was erased.
_OF_A_PERSON = ("external_id", "subject", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What a caller or a source may say about an activity. `occurred_at` is in UTC.

    `two_way`: a connected call, a reply, a meeting; not an attempt (S4.13). `owner_email`: whose
    activity it is.
    """

    kind: ActivityKind
    occurred_at: datetime
    two_way: bool = False
    subject: Personal | None = None
    text: Personal | None = None
    owner_email: Personal | None = None
    custom: Values = field(default_factory=dict)
    tags: tuple[Personal, ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """What an activity or a task is about. One about a lead names no account."""

    account_id: Plain | None = None
    deal_id: Plain | None = None
    contact_ids: tuple[Plain, ...] = ()

    def without(self, contact_id: str, other_id: str | None) -> Self:
        """Return the same with another contact in the place of one; None: with none."""
        left = (other_id if one == contact_id else one for one in self.contact_ids)
        return replace(self, contact_ids=tuple(dict.fromkeys(one for one in left if one)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity(Pinnable):
    """A stored activity. `rev` counts its writes; it is the ETag and the fence of every write.

    `pinned` are fields that take nothing: `domain.pins`. `erased`: a person was erased whose it
    was; deleted for good, about nothing, and no import brings it back.
    """

    DESCRIBED: ClassVar[str] = "happening"

    activity_id: Plain
    external_id: Personal | None
    happening: Happening
    about: About
    deleted: bool = False
    erased: bool = False
    pinned: tuple[Plain, ...] = ()
    source: Source | None = None
    created_at: datetime
    changed: Stamp
    rev: int = 1

    @property
    def is_touch(self) -> bool:
        """Whether somebody tried to reach the customer, or was reached by them; notes tell."""
        return not self.deleted and self.happening.kind != "note"

    def changed_to(
        self, happening: Happening, about: About, *, source: Source | None, stamp: Stamp
    ) -> Self:
        """Return the activity as it is after a change; itself when nothing differs."""
        happening = blanked(happening, self.pinned)
        if (happening, about, source) == (self.happening, self.about, self.source):
            return self
        return replace(
            self,
            happening=happening,
            about=about,
            source=source,
            changed=stamp,
            rev=self.rev + 1,
        )

    def gone(self, stamp: Stamp) -> Self:
        """Return what stays of a deleted activity: that it was there, without any text."""
        was = self.happening
        happening = Happening(kind=was.kind, occurred_at=was.occurred_at, two_way=was.two_way)
        return replace(
            self,
            external_id=None,
            happening=happening,
            deleted=True,
            changed=stamp,
            rev=self.rev + 1,
        )

    def without(
        self,
        contact_id: str,
        other_id: str | None,
        *,
        shells: Set[str] = frozenset(),
        stamp: Stamp,
    ) -> Self:
        """Return what remains when a person leaves the activity; itself when they are not on it.

        `other_id` (None: nothing) takes their place; that and `shells` stand for nobody. Unless
        somebody else is on it, all of its texts are about who leaves: they go, and no import brings
        them back. Kind, time and account stay: touches of the account depend on them. What is about
        nothing any more is erased.
        """
        if contact_id not in self.about.contact_ids:
            return self
        source = decided_afresh(self.source)
        about = self.about.without(contact_id, other_id)
        if about.account_id is None and not about.contact_ids:
            gone = self.gone(stamp)
            return replace(gone, about=About(), pinned=(), erased=True, source=source)
        if set(about.contact_ids) - shells - {other_id}:
            return self._after(stamp, about=about)
        return self._after(
            stamp,
            about=about,
            external_id=None,
            happening=replace(self.happening, subject=None, text=None, custom={}, tags=()),
            pinned=tuple(sorted({*self.pinned, *_OF_A_PERSON})),
            source=source,
        )


def new_activity(
    activity_id: str,
    happening: Happening,
    about: About,
    *,
    external_id: str | None = None,
    source: Source | None = None,
    stamp: Stamp,
) -> Activity:
    return Activity(
        activity_id=activity_id,
        external_id=external_id,
        happening=happening,
        about=about,
        source=source,
        created_at=stamp.at,
        changed=stamp,
    )


def faults(happening: Happening, about: About, today: date) -> Iterator[Invalid]:
    """Yield every fault of an activity that is stored `today`, in whatever zone that is."""
    if happening.kind == "note" and happening.two_way:
        yield Invalid("two_way", "not_of_a_note", "a note reaches nobody; is it a call, a meeting?")
    if happening.occurred_at.year < _EARLIEST_YEAR:
        yield Invalid("occurred_at", "out_of_range", f"is in {_EARLIEST_YEAR} or later")
    if happening.occurred_at.date() > today + timedelta(days=1):
        yield Invalid("occurred_at", "in_the_future", "what is still to be done is a task")
    if about.account_id is None and not about.contact_ids:
        yield Invalid("account_id", "missing", "an activity is about an account or a contact")
    if len(about.contact_ids) > MOST_CONTACTS:
        yield Invalid("contact_ids", "too_many", f"at most {MOST_CONTACTS} contacts")
