"""One look at what verification compares: reads it, and asks the domain what differs."""

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
    Drift,
    KeptEvent,
    Locator,
    SearchWord,
    Stored,
    search_words,
    words_of,
)
from stageline.domain.errors import Stale
from stageline.domain.group import Row, StageChanged, Value
from stageline.domain.group_drift import GroupItems, group_drift
from stageline.use_cases.pipeline import Stores
from stageline.work_ports import Inspection, Outbox

_LOOKED_AT_TOGETHER = 500
# What the pipeline raises on an item that somebody has changed by hand.
NOT_YET_SOUND = (Stale, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


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


def _is_of_a_deal(stored: Stored) -> bool:
    where = stored.content
    return isinstance(where, Locator) and where.kind == "deal" and stored.in_place


def _owner_of(subject: Subject) -> str:
    """Return the record that the subject names."""
    return subject.item.owner if subject.item else subject.id


class Look:
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
        except NOT_YET_SOUND:
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
            except NOT_YET_SOUND:
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
        except NOT_YET_SOUND:
            return None
        return account if account and account.account_id == account_id else None

    def _accounts_of(self, account_ids: Iterable[str]) -> Mapping[str, Account]:
        account_ids = list(account_ids)
        try:
            found = self._stores.accounts.find_many(account_ids)
        except NOT_YET_SOUND:
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
            with suppress(*NOT_YET_SOUND):
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
