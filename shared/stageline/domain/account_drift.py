"""What must be stored of an account, told from its record and its deals; the rest is drift.

Pure. Records are believed: an account or a deal that its locator names is never removed, and one
that cannot be read is left to a person. Everything else is derived, and written anew or removed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from stageline.domain.account import Account
from stageline.domain.account_ledger import parts_of_account
from stageline.domain.deal import Deal
from stageline.domain.drift import (
    Change,
    ChildrenCount,
    Drift,
    ItemKind,
    KeptEvent,
    Locator,
    SearchWord,
    Stored,
    search_words,
)
from stageline.domain.event_drift import event_drift
from stageline.domain.group import Home, Row, StageChanged, StoredLedger, Value
from stageline.domain.membership import intervals_by_root, stored_ledger
from stageline.domain.row import following, row_of, row_of_deleted
from stageline.domain.scheme import Scheme

# The stream publishes within seconds; what was not published after so long was lost.
PUBLISHED_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountItems:
    """Everything that is stored of one account, and what it is compared with.

    `own` is its partition. `ledgers` and `locators` are by root and by record, `values` those of
    its group by scheme, `words` those that are stored of the ones its rows have or should have.
    `elsewhere`: the deals that lie where their locators say, and here too. `owner` is the keyed
    hash of the owner's address, `children` how many accounts name this one as their parent.
    """

    account_id: str
    own: Sequence[Stored]
    ledgers: Mapping[str, Stored]
    values: Mapping[str, Value]
    events: Sequence[Stored]
    locators: Mapping[str, Stored]
    words: Mapping[SearchWord, Stored]
    elsewhere: frozenset[str]
    owner: str
    children: int

    @property
    def record(self) -> Stored | None:
        return self.only("account")

    @property
    def account(self) -> Account | None:
        return self.record.content if self.record and self.record.is_sound else None

    @property
    def deals(self) -> list[Deal]:
        """The deals that count here: no copies."""
        return [
            one.content
            for one in self.own
            if one.kind == "deal" and one.is_sound and one.content.deal_id not in self.elsewhere
        ]

    @property
    def home(self) -> Home | None:
        stored = self.only("home")
        return stored.content if stored and stored.is_sound else None

    def only(self, kind: ItemKind) -> Stored | None:
        """Return the item of which an account has one."""
        return next((one for one in self.own if one.kind == kind and not one.name), None)

    def rows(self, scheme: Scheme) -> tuple[Stored | None, Row | None]:
        """Return the row of a scheme as it lies, and as it should be (None: cannot be told yet)."""
        stored = next((o for o in self.own if o.kind == "row" and o.name == scheme.key), None)
        account, home, value = self.account, self.home, self.values.get(scheme.key)
        if account is None or home is None or home.memberships != account.memberships:
            return stored, None
        if account.deleted:
            return stored, row_of_deleted(account, home, scheme)
        if value is None:
            return stored, None
        return stored, row_of(account, home, value, scheme, self.owner)


def account_drift(items: AccountItems, schemes: Sequence[Scheme], now: datetime) -> Iterator[Drift]:
    """Yield what is not as account and deals demand."""
    record, account = items.record, items.account
    for stored in items.own:
        if stored.kind == "deal":
            yield from deal_drift(
                stored,
                items.account_id,
                account,
                items.locators.get(stored.name),
                stored.name in items.elsewhere,
            )
    if record is not None and account is None:
        yield from _drift_of_unsound_record(items, record)
    elif account is None:
        # Locator, events, words and ledgers lie elsewhere, and are met there.
        yield from (orphan(stored) for stored in items.own if stored.kind != "deal")
    else:
        if record is not None and not record.exact:
            yield Drift("account", items.account_id, record, account, [Change(record, account)])
        yield from _locator_drift(items, Locator(items.account_id, "account", items.account_id))
        yield from _drift_of_children(items)
        yield from _drift_of_ledgers(items, account)
        for scheme in schemes:
            yield from _drift_of_row(items, account, scheme, now)
        keys = {scheme.key for scheme in schemes}
        for stored in items.own:
            if stored.name and stored.kind != "deal" and stored.name not in keys:
                yield orphan(stored)


def orphan(stored: Stored) -> Drift:
    """Return that nothing accounts for an item."""
    return Drift("orphan", stored.owner, stored, None, [Change(stored, None)])


def deal_drift(
    stored: Stored,
    lies_in: str | None,
    account: Account | None,
    locator: Stored | None,
    is_elsewhere: bool,
) -> Iterator[Drift]:
    """Yield what is wrong with a deal in the partition of an account (None: of no account)."""
    deal: Deal | None = stored.content
    if deal is None:
        yield Drift("unreadable", stored.name, stored, None)
        return
    is_copy = not stored.in_place and deal.account_id == lies_in
    if is_elsewhere or is_copy or deal.deal_id != stored.name:
        yield orphan(stored)
        return
    waiting = deal.waiting
    if account is not None and not account.deleted:
        waiting = False
    elif account is None and lies_in is not None and deal.status != "gone":
        waiting = True
    wanted = replace(deal, account_id=lies_in, waiting=waiting and lies_in is not None)
    if wanted != deal:
        wanted = replace(wanted, rev=deal.rev + 1)
    if wanted != deal or not stored.exact:
        yield Drift("deal", deal.deal_id, stored, wanted, [Change(stored, wanted)])
    where = Locator(deal.deal_id, "deal", lies_in)
    if locator is None or locator.content != where or not locator.exact:
        yield Drift("locator", deal.deal_id, locator, where, [Change(locator, where)])


def _drift_of_unsound_record(items: AccountItems, record: Stored) -> Iterator[Drift]:
    locator = items.locators.get(items.account_id)
    if record.content is not None and locator is None:
        # A copy of another account: no locator has ever named it.
        yield orphan(record)
    else:
        yield Drift("unreadable", items.account_id, record, None)


def _locator_drift(items: AccountItems, where: Locator) -> Iterator[Drift]:
    locator = items.locators.get(where.record_id)
    if locator is None or locator.content != where or not locator.exact:
        yield Drift("locator", where.record_id, locator, where, [Change(locator, where)])


def _drift_of_children(items: AccountItems) -> Iterator[Drift]:
    stored = items.only("children")
    if stored is None and not items.children:
        return
    counted: ChildrenCount | None = stored.content if stored and stored.is_sound else None
    if counted is not None and counted.count == items.children and stored and stored.exact:
        return
    # One more change, so that nobody takes what was read before for what is counted now.
    changes = counted.changes + 1 if counted else items.children + 1
    wanted = ChildrenCount(items.account_id, items.children, changes)
    yield Drift("children", items.account_id, stored, wanted, [Change(stored, wanted)])


def _drift_of_ledgers(items: AccountItems, account: Account) -> Iterator[Drift]:
    """Yield what is wrong with home and ledgers; what a wrong home brings is written with it."""
    drifts = list(_drift_of_each_ledger(items, account))
    stored = items.only("home")
    home = items.home
    if home is None or home.memberships != account.memberships:
        rev = home.rev + 1 if home else 1
        wanted: Home = Home(account.account_id, account.memberships, rev)
        changes = [Change(stored, wanted), *(c for drift in drifts for c in drift.changes)]
        yield Drift("home", account.account_id, stored, wanted, changes)
    elif stored is not None and not stored.exact:
        yield Drift("home", account.account_id, stored, home, [Change(stored, home)])
    yield from drifts


def _drift_of_each_ledger(items: AccountItems, account: Account) -> Iterator[Drift]:
    for root_id, days in intervals_by_root(account.memberships).items():
        live = root_id == account.root_id
        stored = items.ledgers.get(root_id)
        before: StoredLedger | None = stored.content if stored else None
        if before is None and (stored is None or stored.ahead) and not days:
            continue
        if before is None or live:
            digits, rev = (before.digits, before.rev) if before else (0, 1)
            # What a group that the account has left knew then is gone with its ledger.
            parts = parts_of_account(account, items.deals, digits)
            wanted = stored_ledger(root_id, parts, days, live=live, rev=rev)
        else:
            ledger = replace(before.ledger, memberships=days)
            wanted = replace(before, ledger=ledger, live=False)
        if wanted != before:
            wanted = replace(wanted, rev=wanted.rev + 1) if before else wanted
        elif stored is not None and stored.exact:
            continue
        yield Drift("ledger", account.account_id, stored, wanted, [Change(stored, wanted)])


def _drift_of_row(
    items: AccountItems, account: Account, scheme: Scheme, now: datetime
) -> Iterator[Drift]:
    stored, wanted = items.rows(scheme)
    if wanted is None:
        return
    before: Row | None = stored.content if stored and stored.is_sound else None
    events = [one for one in items.events if one.name.startswith(f"{scheme.key}#")]
    kept: list[KeptEvent] = [one.content for one in events if one.is_sound]
    base = _told_last(before, wanted, kept)
    if base is not None:
        wanted = replace(wanted, event_seq=base.event_seq, event_at=base.event_at)
    if stored is not None and wanted == before and stored.exact:
        yield from _drift_of_words(items, wanted)
        yield from event_drift(items.account_id, events, wanted, began=account.created_at, now=now)
        return
    row, event = following(wanted, base, scheme, now)
    changes = [Change(stored, row)]
    if event is not None:
        lies_there = next((one for one in events if _number(one) == event.seq), None)
        changes.append(Change(lies_there, KeptEvent(event, unsent=True)))
    shown = replace(row, event_seq=0, event_at=None)
    yield Drift("row", items.account_id, stored, shown, changes)
    if base is not None and any(one.event.seq == base.event_seq for one in kept):
        began = account.created_at
        yield from event_drift(items.account_id, events, base, began=began, now=now)
    yield from _drift_of_words(items, row, before)


def _number(event: Stored) -> int | None:
    """Return the number that an event lies under, whatever it says."""
    digits = event.name.rpartition("#")[2]
    return int(digits) if digits.isdecimal() else None


def _told_last(before: Row | None, wanted: Row, kept: Sequence[KeptEvent]) -> Row | None:
    """Return the row as its last event left it, as far as stage and numbers go.

    Events with greater numbers than the row's count when they lead to its stage. None without
    either.
    """
    if before is not None and before.event_seq == 0:
        # Nothing was ever told of it.
        before = replace(before, stage=None)
    if not kept:
        return before
    last = kept[-1].event
    if before is not None and (last.seq < before.event_seq or not _leads_to(before, last)):
        numbered = [one.event for one in kept if one.event.seq == before.event_seq]
        if not numbered:
            return before
        last = numbered[0]
    return replace(before or wanted, stage=last.to_stage, event_seq=last.seq, event_at=last.at)


def _leads_to(row: Row, event: StageChanged) -> bool:
    return event.seq == row.event_seq or event.to_stage == row.stage


def _drift_of_words(items: AccountItems, row: Row, before: Row | None = None) -> Iterator[Drift]:
    needed = search_words(row)
    for word in sorted(needed, key=lambda word: word.word):
        stored = items.words.get(word)
        if stored is None or stored.content != word or not stored.exact:
            yield Drift("word", items.account_id, stored, word, [Change(stored, word)])
    for word, stored in items.words.items():
        if before is not None and word not in needed:
            yield orphan(stored)
