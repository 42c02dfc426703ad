"""Verification: all that is stored of accounts and groups, against what their records demand.

It looks both ways: from each record to everything derived from it, and from each derived item to a
record that accounts for it. On a live system the pipeline is always about to write something: what
differs is looked at again after a pause, and only what differs in the same way each time is drift.

Repairs go past the fences of the pipeline, which refuse what is not newer: a row of equal revisions
with other content, a ledger that is gone. So each is conditional on every attribute of what was
read, and what belongs together is written together. The rules:

1. Records are believed. An account or deal that its locator names is never removed; one that cannot
   be read is reported, for a person. Without its account, what was derived from it is removed and
   its deals wait again: the state that an import of the account mends.
2. A ledger is written anew from account and deals. One of a group that the account has left keeps
   the facts it has; if it is gone, those of today take their place, on its days.
3. A value is computed from the ledgers. What its versions said is not rewritten: a difference
   becomes a version recorded now. A version that nobody can have written (its evidence says another
   stage, or it changes nothing) is removed.
4. A row is written over whatever lies there, numbered on from the last event. An event that is lost
   is told from its neighbours and published again.
5. After a repair the groups and rows that follow from it are repaired, too, and it is looked at
   once more: what is still not right counts as drift that was not repaired.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import batched

from stageline.domain.account import Account
from stageline.domain.account_drift import (
    PUBLISHED_WITHIN,
    AccountItems,
    account_drift,
    deal_drift,
    orphan,
)
from stageline.domain.drift import (
    MOST_EXAMPLES,
    Drift,
    Found,
    KeptEvent,
    Kind,
    Locator,
    SearchWord,
    Stored,
    search_words,
    words_of,
)
from stageline.domain.errors import Stale
from stageline.domain.group import Row, StageChanged, Value
from stageline.domain.group_drift import GroupItems, group_drift
from stageline.use_cases.pipeline import Stores, live_members
from stageline.work_ports import Inspection, Outbox

LOOKS = 3
PAUSE_SECONDS = 2.0
_ROUNDS = 6
# So many items share the pauses.
_MET_AT_ONCE = 2_000
_LOOKED_AT_TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked at as one: an account with all that is its own, a group's values, or an item
    that names an account or a deal from elsewhere.
    """

    what: str
    id: str
    item: Stored | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """What verification of one workspace needs. `publish` sends events and returns those left,
    `is_loading` tells whether an import is under way, which settles at its end what it stores.
    """

    stores: Stores
    inspection: Inspection
    outbox: Outbox
    publish: Callable[[Sequence[StageChanged]], Sequence[int]]
    is_loading: Callable[[], bool]
    today: Callable[[], date]
    now: Callable[[], datetime]
    sleep: Callable[[float], None]


def verify_accounts(verifier: Verifier, account_ids: Iterable[str], *, repair: bool) -> Found:
    """Verify these accounts, each with the group that is named after it."""
    ids = list(dict.fromkeys(account_ids))
    subjects = [Subject(what, account_id) for account_id in ids for what in ("account", "group")]
    return _verified(verifier, subjects, repair) + Found(accounts=len(ids))


def verify_part(verifier: Verifier, part: int, of: int, *, repair: bool) -> Found:
    """Verify everything that lies in one of the table's segments."""
    found = Found()
    done: set[Subject] = set()
    for some in batched(verifier.inspection.met(part, of), _MET_AT_ONCE, strict=False):
        subjects = [one for one in dict.fromkeys(_subjects(some)) if one not in done]
        done |= set(subjects)
        kinds = Counter(subject.what for subject in subjects)
        counted = Found(accounts=kinds["account"], groups=kinds["group"], items=len(some))
        found = found + _verified(verifier, subjects, repair) + counted
    return found


def _subjects(met: Iterable[Stored]) -> Iterator[Subject]:
    for item in met:
        match item.kind:
            case "account" | "children" | "home" | "row":
                yield Subject("account", item.owner)
            case "deal" if item.owner:
                yield Subject("account", item.owner)
            case "deal":
                yield Subject("deal", item.name, item)
            case "event":
                yield Subject("events", item.owner)
            case "value" | "ledger" | "version":
                yield Subject("group", item.owner)
            case "locator":
                yield Subject("locator", f"{item.owner}#{item.name}", item)
            case "word":
                yield Subject("word", item.name, item)


def _verified(verifier: Verifier, subjects: Sequence[Subject], repair: bool) -> Found:
    found = Found()
    look = _Look(verifier)
    # Asked before and after: an import that ends in between has settled what was seen before.
    was_loading = verifier.is_loading()
    doubtful = look.doubtful(subjects)
    drifted = {subject: drift for subject in doubtful if (drift := look.at(subject))}
    for _ in range(LOOKS - 1):
        if not drifted:
            break
        verifier.sleep(PAUSE_SECONDS)
        again = {subject: look.at(subject) for subject in drifted}
        drifted = {
            subject: same
            for subject, drift in drifted.items()
            if (same := [one for one in drift if one in again[subject]])
        }
    if drifted and (was_loading or verifier.is_loading()):
        return Found(unsettled=len(drifted))
    for subject, drift in drifted.items():
        found += _repaired(verifier, look, subject, drift) if repair else _told(drift)
    return found


def _told(drift: Iterable[Drift], repaired: bool = False) -> Found:
    drift = list(drift)
    counts: Mapping[Kind, int] = Counter(one.kind for one in drift)
    examples: dict[Kind, list[str]] = {}
    for one in drift:
        examples.setdefault(one.kind, []).append(one.of)
    return Found(
        drift=counts,
        repaired=counts if repaired else {},
        examples={kind: ids[:MOST_EXAMPLES] for kind, ids in examples.items()},
    )


def _repaired(verifier: Verifier, look: "_Look", subject: Subject, drift: Sequence[Drift]) -> Found:
    """Repair until nothing is left to repair, and tell what was found and what is left."""
    left = list(drift)
    for _ in range(_ROUNDS):
        for one in left:
            _mend(verifier, one)
        _carry_on(verifier, look, subject, left)
        left = look.at(subject)
        if not any(one.changes or one.kind == "unsent_event" for one in left):
            break
    return _told([one for one in drift if one not in left], repaired=True) + _told(left)


def _mend(verifier: Verifier, drift: Drift) -> None:
    if drift.kind == "unsent_event":
        _publish(verifier, [drift.seen])
    if not drift.changes:
        return
    try:
        verifier.inspection.write(drift.changes)
    except Stale:
        # Somebody wrote since, or a repair of the same subject: the next look tells.
        return
    written = [one for one in drift.changes if one.before and isinstance(one.after, KeptEvent)]
    # The stream publishes what is new; this was written over something.
    _publish(verifier, [one.after.event for one in written if one.after.unsent])


def _publish(verifier: Verifier, events: Sequence[StageChanged]) -> None:
    if events and not verifier.publish(events):
        verifier.outbox.mark_sent(events)


# What the pipeline raises on an item that somebody has changed by hand.
_NOT_YET_SOUND = (Stale, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def _carry_on(verifier: Verifier, look: "_Look", subject: Subject, drift: Sequence[Drift]) -> None:
    """Let values and rows follow what was repaired, as the stream would."""
    kinds = {one.kind for one in drift}
    if subject.what not in ("account", "group") or kinds <= {"word", "event", "locator"}:
        return
    if "account" in kinds and (parent_id := look.parent_of(subject)):
        # Its children were counted by an index in which one was missing.
        _mend_account(verifier, look, parent_id)
    for root_id in look.roots_of(subject):
        group = Subject("group", root_id)
        behind = look.at(group)
        for one in behind:
            _mend(verifier, one)
        if behind or subject == group:
            _mend_members(verifier, look, root_id)


def _mend_members(verifier: Verifier, look: "_Look", root_id: str) -> None:
    try:
        members = live_members(verifier.stores, root_id)
    except _NOT_YET_SOUND:
        # Something is wrong with a ledger; it is a subject of its own.
        return
    for account_id in members:
        _mend_account(verifier, look, account_id)


def _mend_account(verifier: Verifier, look: "_Look", account_id: str) -> None:
    for _ in range(_ROUNDS):
        behind = look.at(Subject("account", account_id))
        for one in behind:
            _mend(verifier, one)
        if not behind:
            return


def _is_of_a_deal(stored: Stored) -> bool:
    where = stored.content
    return isinstance(where, Locator) and where.kind == "deal" and stored.in_place


def _owner_of(subject: Subject) -> str:
    """Return the record that the subject names."""
    return subject.item.owner if subject.item else subject.id


class _Look:
    """One look at a subject, with strongly consistent reads."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier
        self._stores = verifier.stores
        self._inspection = verifier.inspection
        self._schemes = [evaluator.scheme for evaluator in verifier.stores.evaluators]

    def doubtful(self, subjects: Iterable[Subject]) -> Iterator[Subject]:
        """Yield the subjects that have to be looked at one by one.

        Most of what a table holds are locators and search words: a look at many of them at once
        tells those that are right.
        """
        for some in batched(subjects, _LOOKED_AT_TOGETHER, strict=False):
            together = [one for one in some if one.what in ("locator", "word", "events")]
            right = self._right(together) if together else frozenset()
            yield from (one for one in some if one not in right)

    def _right(self, subjects: Sequence[Subject]) -> frozenset[Subject]:
        places = {
            one.item.owner: one.item.content.account_id
            for one in subjects
            if one.item and one.what == "locator" and _is_of_a_deal(one.item)
        }
        try:
            deals = self._inspection.deals_there(places)
            owners = {_owner_of(one) for one in subjects} - places.keys()
            accounts = self._stores.accounts.find_many(owners)
            rows = [self._stores.rows.rows(owners, scheme.key) for scheme in self._schemes]
        except _NOT_YET_SOUND:
            return frozenset()
        sound = {id_: account for id_, account in accounts.items() if account.account_id == id_}
        needed = {
            word
            for account_id, account in sound.items()
            for word in self._words_needed(account, [found.get(account_id) for found in rows])
        }

        def is_right(one: Subject) -> bool:
            if one.what == "word":
                return one.item is not None and one.item.name in needed
            is_copy = one.item is not None and bool(one.item.name)
            return not is_copy and (_owner_of(one) in deals or _owner_of(one) in sound)

        return frozenset(filter(is_right, subjects))

    def at(self, subject: Subject) -> list[Drift]:
        match subject.what:
            case "account":
                return self._account(subject.id)
            case "events" if self._account_of(subject.id):
                return []
            case "events":
                return [orphan(one) for one in self._inspection.events(subject.id)]
            case "group":
                return self._group(subject.id)
            case _:
                stored = subject.item and self._inspection.again(subject.item)
                return self._alone(stored) if stored else []

    def roots_of(self, subject: Subject) -> list[str]:
        """Return the groups that a repair of the subject may concern, its own among them."""
        account = self._account_of(subject.id) if subject.what == "account" else None
        roots = {one.root_id for one in account.memberships if one.root_id} if account else set()
        return sorted(roots | {subject.id})

    def parent_of(self, subject: Subject) -> str | None:
        account = self._account_of(subject.id)
        return account.parent_id if account else None

    def _alone(self, stored: Stored) -> list[Drift]:
        """Look at an item that names an account or a deal from elsewhere."""
        match stored.kind:
            case "locator":
                return [] if self._is_named(stored) else [orphan(stored)]
            case "word":
                return [] if self._is_needed(stored) else [orphan(stored)]
            case _:
                locators = self._inspection.locators([stored.name])
                is_elsewhere = stored.name in self._elsewhere(None, locators)
                locator = locators.get(stored.name)
                return list(deal_drift(stored, None, None, locator, is_elsewhere))

    def _account(self, account_id: str) -> list[Drift]:
        items = self._items_of(account_id)
        now = self._verifier.now()
        drift = list(account_drift(items, self._schemes, now))
        if items.account is None:
            return drift
        late = now - PUBLISHED_WITHIN
        kept: list[KeptEvent] = [one.content for one in items.events if one.is_sound]
        drift += (
            Drift("unsent_event", account_id, one.event, True)
            for one in kept
            if one.unsent and one.event.at < late
        )
        return drift

    def _items_of(self, account_id: str) -> AccountItems:
        inspection = self._inspection
        own = inspection.account(account_id)
        items = AccountItems(
            account_id=account_id,
            own=own,
            ledgers={},
            values={},
            events=inspection.events(account_id),
            locators={},
            words={},
            elsewhere=frozenset(),
            owner="",
            children=0,
        )
        account = items.account
        deals = [one.name for one in own if one.kind == "deal"]
        locators = inspection.locators([account_id, *deals])
        items = replace(items, locators=locators, elsewhere=self._elsewhere(account_id, locators))
        if account is None:
            return replace(items, words=self._words_of(items))
        roots = dict.fromkeys(one.root_id for one in account.memberships if one.root_id)
        found = {root_id: inspection.ledger(root_id, account_id) for root_id in roots}
        items = replace(
            items,
            ledgers={root_id: ledger for root_id, ledger in found.items() if ledger},
            values=self._values(account.root_id),
            owner=self._stores.owner_of(account.profile.owner_email),
            children=self._children(account_id),
        )
        return replace(items, words=self._words_of(items))

    def _elsewhere(self, account_id: str | None, locators: Mapping[str, Stored]) -> frozenset[str]:
        places = {
            record_id: locator.content.account_id
            for record_id, locator in locators.items()
            if isinstance(locator.content, Locator)
            and locator.content.kind == "deal"
            and locator.content.account_id != account_id
        }
        return frozenset(self._inspection.deals_there(places))

    def _values(self, root_id: str | None) -> dict[str, Value]:
        if root_id is None:
            return {}
        found = {}
        for scheme in self._schemes:
            try:
                value = self._stores.groups.value(root_id, scheme.key)
            except _NOT_YET_SOUND:
                continue
            if value is not None and value.root_id == root_id:
                found[scheme.key] = value
        return found

    def _children(self, account_id: str) -> int:
        children = self._stores.accounts.find_many(self._stores.accounts.children(account_id))
        return sum(child.parent_id == account_id for child in children.values())

    def _words_of(self, items: AccountItems) -> Mapping[SearchWord, Stored]:
        words: set[SearchWord] = set()
        for one in items.own:
            if one.kind == "row" and one.is_sound:
                words |= search_words(one.content)
        for scheme in self._schemes:
            _, wanted = items.rows(scheme)
            words |= search_words(wanted) if wanted else set()
        return self._inspection.words(words)

    def _account_of(self, account_id: str) -> Account | None:
        try:
            account = self._stores.accounts.find(account_id)
        except _NOT_YET_SOUND:
            return None
        return account if account and account.account_id == account_id else None

    def _accounts_of(self, account_ids: Iterable[str]) -> Mapping[str, Account]:
        account_ids = list(account_ids)
        try:
            found = self._stores.accounts.find_many(account_ids)
        except _NOT_YET_SOUND:
            found = {
                account_id: account
                for account_id in account_ids
                if (account := self._account_of(account_id))
            }
        return found

    def _group(self, root_id: str) -> list[Drift]:
        own = self._inspection.group(root_id)
        named = {root_id, *(one.name for one in own if one.kind == "ledger")}
        return list(
            group_drift(
                GroupItems(root_id=root_id, own=own, accounts=self._accounts_of(named)),
                self._stores.evaluators,
                today=self._verifier.today(),
                now=self._verifier.now(),
            )
        )

    def _is_named(self, stored: Stored) -> bool:
        """Tell whether there is anything of the locator's name; if it says so rightly is asked when
        that is looked at.
        """
        where = stored.content
        if stored.name:
            return False
        if isinstance(where, Locator) and where.kind == "deal" and stored.in_place:
            return bool(self._inspection.deals_there({stored.owner: where.account_id}))
        return self._account_of(stored.owner) is not None

    def _is_needed(self, stored: Stored) -> bool:
        """Tell whether a row has the word, or will have it once it is as the account says."""
        account = self._account_of(stored.owner)
        if account is None:
            return False
        rows: list[Row | None] = []
        for scheme in self._schemes:
            with suppress(*_NOT_YET_SOUND):
                rows.append(self._stores.rows.row(stored.owner, scheme.key))
        return stored.name in self._words_needed(account, rows)

    def _words_needed(self, account: Account, rows: Iterable[Row | None]) -> set[str]:
        """Return the names of the words that the account has, by its record or by its rows."""
        needed: set[SearchWord] = set()
        if not account.deleted:
            profile = account.profile
            needed |= words_of(account.account_id, profile.name, profile.domain)
        for row in rows:
            needed |= search_words(row) if row else set()
        return {f"{one.word}#{one.name}#{one.account_id}" for one in needed}
