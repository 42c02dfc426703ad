"""An account: a company, its place in a group, and whether it is in the CRM."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import ClassVar, Self

from stageline.domain.custom_value import Values
from stageline.domain.personal import Personal, Plain
from stageline.domain.pins import Pinnable, blanked
from stageline.domain.spells import PresenceObservation, observe_presence
from stageline.domain.stamp import Source, Stamp


@dataclass(frozen=True, slots=True)
class Membership:
    """From a day on (None: from the beginning) the account pools into the group of `root_id`.

    None as `root_id`: into none, the account is deleted.
    """

    root_id: Plain | None
    from_day: date | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Linked:
    """A record of another source that is about the same company, by the id it has here.

    `in_crm`: whether that source has it.
    """

    account_id: Plain
    integration: Plain
    in_crm: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a caller or a source may say about an account.

    A company may be a sole trader, so whatever could name one is marked personal.
    """

    name: Personal
    domain: Personal | None = None
    industry: Plain | None = None
    country: Plain | None = None
    owner_email: Personal | None = None
    created_on: date | None = None
    custom: Values = field(default_factory=dict)
    tags: tuple[Personal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Pinnable):
    """A stored account. `rev` counts its writes; it is the ETag and the fence of every write.

    `awaited_parent_id` names a parent that was not stored when this account arrived.
    `pinned` are fields that take nothing: `domain.pins`. `merged_into`: the account that stands for
    it, since the CRM has merged both. `linked` are records of other sources that count for it;
    `linked_to`: the account that this one counts for. `own_in_crm`: what its own source says, for
    those that are linked; `presence` is then what all say, or nothing for one that counts for
    another.
    """

    DESCRIBED: ClassVar[str] = "profile"

    account_id: Plain
    external_id: Personal | None
    profile: Profile
    parent_id: Plain | None = None
    awaited_parent_id: Plain | None = None
    memberships: tuple[Membership, ...]
    presence: tuple[PresenceObservation, ...]
    first_seen_on: date
    deleted: bool = False
    merged_into: Plain | None = None
    linked: tuple[Linked, ...] = ()
    linked_to: Plain | None = None
    own_in_crm: bool | None = None
    pinned: tuple[Plain, ...] = ()
    source: Source | None = None
    created_at: datetime
    changed: Stamp
    rev: int = 1

    @property
    def root_id(self) -> str | None:
        """The group the account belongs to now: its own id when it has no parent."""
        return self.memberships[-1].root_id

    @property
    def in_crm(self) -> bool:
        return self.presence[-1].in_crm

    @property
    def said_in_crm(self) -> bool:
        """Whether its own source has it."""
        return self.in_crm if self.own_in_crm is None else self.own_in_crm

    @property
    def goes_on_as(self) -> str | None:
        """The account that is meant by whoever names this one."""
        return self.merged_into or self.linked_to

    def changed_to(
        self, profile: Profile, *, in_crm: bool, today: date, stamp: Stamp, source: Source | None
    ) -> Self:
        """Return the account as it is after a change seen `today`; itself when nothing differs.

        `in_crm` is what its own source says.
        """
        profile = blanked(profile, self.pinned)
        after = replace(self, profile=profile, source=source)._present(in_crm, today)
        return self if after == self else replace(after, changed=stamp, rev=self.rev + 1)

    def with_links(
        self, linked: Iterable[Linked], linked_to: str | None, *, today: date, stamp: Stamp
    ) -> Self:
        """Return the account linked with these, or to another; itself when nothing differs."""
        ordered = tuple(sorted(linked, key=lambda one: one.account_id))
        after = replace(self, linked=ordered, linked_to=linked_to)
        after = after._present(self.said_in_crm, today)
        return self if after == self else replace(after, changed=stamp, rev=self.rev + 1)

    def _present(self, own: bool, today: date) -> Self:
        in_crm = self.linked_to is None and (own or any(one.in_crm for one in self.linked))
        return replace(
            self,
            presence=observe_presence(self.presence, in_crm, today),
            own_in_crm=own if self.linked or self.linked_to else None,
        )

    def moved_to(
        self, parent_id: str | None, root_id: str | None, *, today: date, stamp: Stamp
    ) -> Self:
        """Return the account, which has no children, under another parent.

        The first parent ever seen holds from the beginning; a later one from `today` (DESIGN: the
        engine).
        """
        from_day = today if self.had_parent or root_id is None else None
        return self.put_under(parent_id, root_id, from_day, stamp)

    def joins_on(self, parent_id: str | None, today: date) -> date | None:
        """Return the day since when the account, which has children, is in its parent's group.

        It was the root of a group, and history before a move stays with the group that had it: from
        `today`. From the beginning (None) only if the first parent ever seen was awaited: then
        nothing depends on how an export was split into files.
        """
        is_awaited = parent_id is not None and parent_id == self.awaited_parent_id
        return None if is_awaited and not self.had_parent else today

    def put_under(
        self, parent_id: str | None, root_id: str | None, from_day: date | None, stamp: Stamp
    ) -> Self:
        """Return the account under another parent, from that day on in the parent's group."""
        moved = self.in_group(root_id, from_day, stamp)
        return replace(moved, parent_id=parent_id, awaited_parent_id=None)

    def in_group(self, root_id: str | None, from_day: date | None, stamp: Stamp) -> Self:
        """Return the account in another group from that day on. The same changes no membership."""
        memberships = self.memberships
        if root_id != self.root_id:
            memberships = (*memberships, Membership(root_id, from_day, stamp.at))
        return replace(self, memberships=memberships, changed=stamp, rev=self.rev + 1)

    @property
    def had_parent(self) -> bool:
        return any(entry.root_id != self.account_id for entry in self.memberships)


def new_account(
    account_id: str,
    profile: Profile,
    *,
    in_crm: bool,
    external_id: str | None = None,
    awaited_parent_id: str | None = None,
    source: Source | None = None,
    today: date,
    stamp: Stamp,
) -> Account:
    """Return an account first seen `today`, in a group of its own."""
    return Account(
        account_id=account_id,
        external_id=external_id,
        profile=profile,
        awaited_parent_id=awaited_parent_id,
        memberships=(Membership(account_id, None, stamp.at),),
        presence=(PresenceObservation(in_crm, today),),
        first_seen_on=today,
        source=source,
        created_at=stamp.at,
        changed=stamp,
    )
