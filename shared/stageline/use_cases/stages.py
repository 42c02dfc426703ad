"""Which stage an account is in, since when, why, and what changes it next: as it is, and as it
was believed to be at an earlier instant.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from stageline.domain.account import Account
from stageline.domain.calendar import to_date
from stageline.domain.errors import Invalid, NotFound
from stageline.domain.evidence import evidence, ids_in, next_change, without_ids
from stageline.domain.explanation import (
    NOT_KNOWN,
    Explanation,
    explain,
    explain_no_stage,
    hidden_hint,
)
from stageline.domain.freshness import Freshness, freshness
from stageline.domain.group import Version, believed
from stageline.domain.integration import Configured
from stageline.domain.ledger import DealFacts, Ledger, build_ledger
from stageline.domain.overlay import overlay_on
from stageline.domain.scheme import Scheme
from stageline.domain.stay import Shown, Stay, shown, stay_on, stays
from stageline.domain.timeline import Timeline, timeline
from stageline.domain.touch import Touch
from stageline.domain.view import AccountView, Beside

if TYPE_CHECKING:
    from stageline.ports import Deals, Groups, Views

JOINS_ANOTHER_GROUP = "ACCOUNT_JOINS_ANOTHER_GROUP"


@dataclass(frozen=True, slots=True)
class Change:
    """From `on` the account is in stage `to`. `reason` and its `text` are None when nobody
    recorded them (as believed at an earlier instant); `ids` are the records behind it.
    """

    on: date
    to: str
    reason: str | None
    text: str | None
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageAnswer:
    """`stage` is None when there is none to show: `reason` says why, the explanation what to do.

    `since` is None when the stage holds from the beginning. `evaluated_at` is when the timeline
    was computed; `freshness` says as of when it is known that nothing has changed since (S0.18).
    """

    account_id: str
    scheme: Scheme
    stage: str | None
    since: date | None
    next_change: Change | None
    as_of: date
    predicted: bool
    reason: str | None
    evaluated_at: datetime | None
    freshness: Freshness
    holds: tuple[str, ...]
    explanation: Explanation
    evidence: Mapping[str, Any] | None

    def ids(self) -> frozenset[str]:
        """Return the ids of the deals and accounts that it names."""
        change = self.next_change.ids if self.next_change else ()
        return frozenset(change) | ids_in(self.evidence or {})

    def without(self, deals: Set[str], accounts: Set[str]) -> Self:
        """Return the answer without the ids of what its reader does not see: told by number."""
        if not deals and not accounts:
            return self
        change = self.next_change
        if change is not None:
            kept = tuple(one for one in change.ids if one not in deals | accounts)
            change = replace(change, ids=kept)
        hint = hidden_hint(len(deals), len(accounts))
        return replace(
            self,
            next_change=change,
            explanation=replace(self.explanation, text=f"{self.explanation.text} {hint}"),
            evidence=self.evidence and without_ids(self.evidence, deals | accounts),
        )


@dataclass(frozen=True, slots=True)
class History:
    """What the account shows day by day, and the versions in which that became known."""

    segments: tuple[Shown, ...]
    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    """A group's timeline with what stands behind it: its ledgers, or the version read."""

    timeline: Timeline
    ledgers: tuple[Ledger, ...]
    version: Version | None
    evaluated_at: datetime


class Reading:
    """One account and its groups, read for one answer: each group at most once.

    With `known_at`, as it was believed at that instant.
    """

    def __init__(
        self,
        account_id: str,
        *,
        views: "Views",
        groups: "Groups",
        deals: "Deals",
        scheme: Scheme,
        known_at: datetime | None = None,
        now: datetime,
        with_beside: bool = False,
    ) -> None:
        """Read the account. Raises NotFound; Invalid when `known_at` lies in the future."""
        if known_at is not None and known_at > now:
            raise Invalid("known_at", "in_the_future", "nothing is known of the future yet")
        self._view = _existing(views.account(account_id, with_beside=with_beside))
        self._views, self._groups, self._deals = views, groups, deals
        self._known_at, self._now = known_at, now
        self._read: dict[str, _Group | None] = {}
        self.scheme = scheme

    @property
    def account(self) -> Account:
        return self._view.account

    @property
    def touch(self) -> Touch:
        return self._view.touch

    @property
    def beside(self) -> Beside | None:
        return self._view.beside

    @cached_property
    def stays(self) -> tuple[Stay, ...]:
        """The groups it has been in, as far as the ledgers have caught up with it."""
        account, home = self._view.account, self._view.home
        memberships = account.memberships[:1] if home is None else home.memberships
        return stays(memberships, self._known_at)

    def members(self) -> tuple[str, ...]:
        """Return the ids of the accounts in its group now, itself among them."""
        now = self.stays[-1]
        group = self._group(now.root_id)
        ledgers = group.ledgers if group else ()
        live = {one.account_id for one in ledgers if one.memberships and not one.memberships[-1][1]}
        return tuple(sorted(live | {self.account.account_id}))

    def answer(self, configured: Configured, *, as_of: date, today: date) -> StageAnswer:
        """Return the stage of the account on a day."""
        day = as_of.toordinal()
        stay = stay_on(self.stays, day)
        group = self._group(stay.root_id) if stay else None
        if stay is None or group is None:
            return self._no_stage(NOT_KNOWN, configured, as_of, today)
        dash = overlay_on(configured.overlay.entries, as_of, self._known_at)
        if dash is not None:
            return self._no_stage(dash, configured, as_of, today)
        segment = group.timeline.at(day)
        proof = self._evidence(group, day)
        stage = self.scheme.stages[segment.stage]
        return StageAnswer(
            account_id=self.account.account_id,
            scheme=self.scheme,
            stage=segment.stage,
            since=to_date(max(stay.first, segment.from_day or 0)),
            next_change=self._next_change(stay, segment.stage, day),
            as_of=as_of,
            predicted=as_of > today,
            reason=None,
            evaluated_at=group.evaluated_at,
            freshness=freshness(configured, self._now),
            holds=tuple(proof["holds"]) if proof else (segment.stage,),
            explanation=(
                explain(self.scheme, proof)
                if proof
                else Explanation(f"{stage.name}.", definition=stage.definition)
            ),
            evidence=proof,
        )

    def history(self, configured: Configured) -> History:
        """Return everything the account has shown and will show, and when that became known."""
        versions = {
            (version.recorded_at, version.rev): version
            for stay in self.stays
            if stay.root_id is not None
            for version in self._versions(stay.root_id)
            if stay.end is None or (version.changed_from or date.min).toordinal() < stay.end
        }
        return History(self.segments(configured), tuple(versions[key] for key in sorted(versions)))

    def segments(self, configured: Configured) -> tuple[Shown, ...]:
        """Return everything the account has shown and will show."""
        found = [(stay, self._group(stay.root_id)) for stay in self.stays]
        timelines = [(stay, group.timeline if group else None) for stay, group in found]
        return shown(timelines, configured.overlay.entries, self._known_at)

    def _group(self, root_id: str | None) -> _Group | None:
        if root_id is None:
            return None
        if root_id not in self._read:
            read = self._as_it_is if self._known_at is None else self._as_believed
            self._read[root_id] = read(root_id)
        return self._read[root_id]

    def _as_it_is(self, root_id: str) -> _Group:
        """Compute the timeline from the ledgers: the stored one may be behind them."""
        value, stored = self._views.group(root_id, self.scheme.key)
        ledgers = tuple(one.ledger for one in stored)
        if self._view.home is None:
            ledgers = (self._ledger_of_its_own(),)
        computed = timeline(self.scheme, ledgers)
        is_stored = value is not None and value.timeline == computed
        evaluated_at = value.evaluated_at if value and is_stored else self._now
        return _Group(computed, ledgers, None, evaluated_at)

    def _ledger_of_its_own(self) -> Ledger:
        """Build what the pipeline is about to store of a new account."""
        account = self.account
        deals = self._deals.of_account(account.account_id)
        return build_ledger(
            account.account_id,
            presence=account.presence,
            created_on=account.profile.created_on,
            deals=[DealFacts(d.deal_id, d.terms.opened_on, d.observations) for d in deals],
        )

    def _as_believed(self, root_id: str) -> _Group | None:
        versions = tuple(self._versions(root_id))
        folded = believed(versions)
        if folded is None:
            return None
        return _Group(folded, (), versions[-1], versions[-1].recorded_at)

    def _versions(self, root_id: str) -> Iterable[Version]:
        return self._groups.versions(root_id, self.scheme.key, self._known_at)

    def _evidence(self, group: _Group, day: int) -> Mapping[str, Any] | None:
        """Return what decides the stage on the day; of a belief, only what was kept of it."""
        if group.version is None:
            return evidence(self.scheme, group.ledgers, day)
        kept_for = group.timeline.at(group.version.on.toordinal())
        return group.version.evidence if kept_for == group.timeline.at(day) else None

    def _next_change(self, stay: Stay, stage: str, day: int) -> Change | None:
        """Return the first later day on which the account is in another stage, in any group."""
        for later in self.stays[self.stays.index(stay) :]:
            group = self._group(later.root_id)
            if group is None:
                return None
            if later.first > day:
                there = group.timeline.at(later.first).stage
                if there != stage:
                    return _moves(later.first, there)
            change = self._change_within(group, max(day, later.first))
            if change and (later.end is None or change.on.toordinal() < later.end):
                return change
        return None

    def _change_within(self, group: _Group, day: int) -> Change | None:
        if group.version is not None:
            following = group.timeline.next_after(day)
            if following is None:
                return None
            return Change(date.fromordinal(following[0]), following[1], None, None, ())
        found = next_change(self.scheme, group.ledgers, group.timeline, day)
        if found is None:
            return None
        return Change(date.fromordinal(found.on), found.to, found.reason, found.text, found.ids)

    def _no_stage(
        self, reason: str, configured: Configured, as_of: date, today: date
    ) -> StageAnswer:
        return StageAnswer(
            account_id=self.account.account_id,
            scheme=self.scheme,
            stage=None,
            since=None,
            next_change=None,
            as_of=as_of,
            predicted=as_of > today,
            reason=reason,
            evaluated_at=None if reason == NOT_KNOWN else self._now,
            freshness=freshness(configured, self._now),
            holds=(),
            explanation=explain_no_stage(reason),
            evidence=None,
        )


def _moves(on: int, to: str) -> Change:
    text = "The account joins another group."
    return Change(date.fromordinal(on), to, JOINS_ANOTHER_GROUP, text, ())


def _existing(view: AccountView | None) -> AccountView:
    if view is None or view.account.deleted:
        raise NotFound("account")
    return view
