"""What must be stored of a group, told from its ledgers; the rest is drift. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from stageline.domain.account import Account
from stageline.domain.account_drift import orphan
from stageline.domain.drift import Change, Drift, Kind, PlacedVersion, Stored
from stageline.domain.evaluation import Evaluator, says
from stageline.domain.evidence import stage_from_evidence
from stageline.domain.group import Value, Version
from stageline.domain.ledger import Ledger
from stageline.domain.membership import intervals_by_root
from stageline.domain.steps import Interval
from stageline.domain.timeline import Timeline, timeline

# What is due today, or since yesterday, is the due-date tick's.
_LEFT_TO_THE_TICK = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupItems:
    """The partition of a group, and those of the accounts named in it that are stored."""

    root_id: str
    own: Sequence[Stored]
    accounts: Mapping[str, Account]

    @property
    def lacks_its_own(self) -> bool:
        """Tell whether the ledger of the account that the group is named after is lost."""
        names = {one.name for one in self.own if one.kind == "ledger"}
        return bool(self._days(self.root_id)) and self.root_id not in names

    def days_of(self, ledger: Stored) -> tuple[Interval, ...]:
        """Return the days on which the account of a ledger is in this group."""
        return self._days(ledger.name)

    def is_due(self, ledger: Stored) -> bool:
        """Tell whether a ledger is one of an account that is, or was, in this group."""
        account = self.accounts.get(ledger.name)
        return account is not None and any(
            entry.root_id == self.root_id for entry in account.memberships
        )

    def _days(self, account_id: str) -> tuple[Interval, ...]:
        account = self.accounts.get(account_id)
        found = intervals_by_root(account.memberships) if account else {}
        return found.get(self.root_id, ())


def group_drift(
    items: GroupItems, evaluators: Sequence[Evaluator], *, today: date, now: datetime
) -> Iterator[Drift]:
    """Yield what is not as the group's ledgers demand; an unsound ledger is its account's drift.

    `today` None: the day of the value, which nobody moves on.
    """
    ledgers: list[Ledger] = []
    can_be_told = not items.lacks_its_own
    for stored in items.own:
        if stored.kind == "ledger" and stored.ahead:
            can_be_told = can_be_told and not items.days_of(stored)
        elif stored.kind == "ledger":
            if not items.is_due(stored) or (stored.content and not stored.in_place):
                yield orphan(stored)
            elif stored.content is not None:
                ledgers.append(stored.content.ledger)
            else:
                can_be_told = False
    keys = {evaluator.scheme.key for evaluator in evaluators}
    is_nobodys = items.root_id not in items.accounts and not ledgers
    for stored in items.own:
        scheme = stored.name.split("#")[0]
        if stored.kind in ("value", "version") and (is_nobodys or scheme not in keys):
            yield orphan(stored)
    if is_nobodys or not can_be_told:
        return
    for evaluator in evaluators:
        yield from _Values(items, evaluator, ledgers, today, now).drift()


@dataclass(frozen=True, slots=True)
class _Values:
    """The value of one scheme and its versions."""

    items: GroupItems
    evaluator: Evaluator
    ledgers: Sequence[Ledger]
    today: date
    now: datetime

    def drift(self) -> Iterator[Drift]:
        key, root_id = self.evaluator.scheme.key, self.items.root_id
        stored = next((o for o in self.items.own if o.kind == "value" and o.name == key), None)
        before: Value | None = stored.content if stored and stored.is_sound else None
        believed: Timeline | None = None
        last: Version | None = None
        for one in self.items.own:
            if one.kind != "version" or one.name.split("#")[0] != key:
                continue
            found = self._version(one, believed)
            after = self._believed(believed, found) if found else None
            if found is None or after is None:
                yield Drift("version", root_id, one, None, [Change(one, None)])
                continue
            believed, last = after, found
            placed = PlacedVersion(root_id, key, found)
            if placed != one.content or not one.exact:
                yield Drift("version", root_id, one, placed, [Change(one, placed)])
        wanted_value, version = self._wanted(before, believed, last)
        if wanted_value is None:
            return
        if (
            before is not None
            and version is None
            and says(before) == says(wanted_value)
            and before.recorded_at == wanted_value.recorded_at
        ):
            if stored is not None and not stored.exact:
                yield Drift("value", root_id, stored, says(before), [Change(stored, before)])
            return
        changes = [Change(stored, wanted_value)]
        if version is not None:
            changes.append(Change(None, PlacedVersion(root_id, key, version)))
        for kind in self._wrong(before, believed, wanted_value):
            yield Drift(kind, root_id, stored, says(wanted_value), changes)

    def _version(self, stored: Stored, before: Timeline | None) -> Version | None:
        """Return a version as it should be; the first one from the beginning.

        Of the days before it, it says what is known now.
        """
        if not stored.is_sound:
            return None
        version: Version = stored.content.version
        if before is not None or version.changed_from is None:
            return version
        known = timeline(self.evaluator.scheme, self.ledgers)
        whole = known.spliced(version.changed_from.toordinal(), version.tail)
        return replace(version, changed_from=None, tail=whole)

    def _believed(self, before: Timeline | None, version: Version) -> Timeline | None:
        """Return what was believed from this version on; None for one that nobody can have written:
        it changes nothing, or its evidence says something else.
        """
        after = version.tail
        if before is not None and version.changed_from is not None:
            after = before.spliced(version.changed_from.toordinal(), version.tail)
        return after if after != before and self._proves(version, after) else None

    def _proves(self, version: Version, believed: Timeline) -> bool:
        scheme = self.evaluator.scheme
        try:
            if version.evidence["scheme"]["version"] != scheme.version:
                return True
            proven = stage_from_evidence(scheme, version.evidence)
            return proven == believed.at(version.on.toordinal()).stage
        except (KeyError, TypeError, ValueError):
            return False

    def _wanted(
        self, before: Value | None, believed: Timeline | None, last: Version | None
    ) -> tuple[Value | None, Version | None]:
        """Return the value as it should be, and the version that is missing, if one is.

        What the versions say was believed is what a new one changes: history tells when it became
        known.
        """
        day = self._day(before)
        rev = max(before.rev if before else 0, last.rev if last else 0)
        if believed is None or last is None:
            found = self.evaluator.evaluate(
                self.items.root_id, None, self.ledgers, today=day, now=self.now
            )
            if found is None:
                return None, None
            value, version = found
            value = replace(value, rev=rev + 1)
            return value, version and replace(version, rev=rev + 1)
        base = replace(
            before or self._blank(day), timeline=believed, recorded_at=last.recorded_at, rev=rev
        )
        found = self.evaluator.evaluate(
            self.items.root_id, base, self.ledgers, today=day, now=self.now
        )
        return found or (replace(base, rev=rev + 1), None)

    def _day(self, before: Value | None) -> date:
        if before is None:
            return self.today
        if self.today < before.on:
            return before.on
        if before.due_on is not None and before.due_on <= self.today:
            is_late = before.due_on < self.today - _LEFT_TO_THE_TICK
            return self.today if is_late else before.on
        return self.today

    def _blank(self, day: date) -> Value:
        return Value(
            root_id=self.items.root_id,
            scheme=self.evaluator.scheme.key,
            scheme_version=0,
            timeline=Timeline(()),
            on=day,
            stage="",
            since=None,
            holds=(),
            next_on=None,
            due_on=None,
            recorded_at=self.now,
            evaluated_at=self.now,
            rev=0,
        )

    def _wrong(
        self, before: Value | None, believed: Timeline | None, wanted: Value
    ) -> Iterator[Kind]:
        """Yield which is wrong: the value, its timeline, its versions."""
        right = wanted.timeline
        is_version_wrong = believed != right and (before is None or believed != before.timeline)
        if is_version_wrong:
            yield "version"
        if before is not None and before.timeline != right:
            yield "timeline"
        elif before is None or says(before) != says(wanted) or not is_version_wrong:
            yield "value"
