"""The pipeline: records → ① ledger → ② value and version → ③ row and event.

Each step may be run at any time, any number of times, by anybody at once: it reads the version of
what it writes before its inputs, writes only over that version, and writes nothing when nothing
differs. Every write of ① and ② is answered by its own stream record, which runs the step again
(DESIGN §3). All of them raise Stale when others were first again and again.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from itertools import batched

from stageline.domain.account import Account
from stageline.domain.account_ledger import ledger_of_account, parts_of_account
from stageline.domain.chunks import is_too_large
from stageline.domain.deal import Deal
from stageline.domain.evaluation import Evaluator
from stageline.domain.group import (
    Home,
    Origin,
    Row,
    StoredLedger,
    StoredPart,
    Value,
    Version,
)
from stageline.domain.membership import (
    intervals_by_root,
    ledgers_of_move,
    roots_to_write,
    stored_ledger,
)
from stageline.domain.row import following, row_of, row_of_deleted, supersedes
from stageline.domain.scheme import Scheme
from stageline.ports import Accounts, Deals, Groups, RowChange, Rows
from stageline.use_cases.again import again

# BatchGetItem takes 100 keys; four kinds of items are read for each row.
_ROWS_AT_ONCE = 100
_DEALS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Stores:
    """What the pipeline of one workspace reads and writes, and the derived schemes it evaluates.

    `owner_of` turns an owner's address (None: no owner) into its keyed hash. `clock_may_go_back`
    is True where a person sets the day (the local stack).
    """

    accounts: Accounts
    deals: Deals
    groups: Groups
    rows: Rows
    owner_of: Callable[[str | None], str]
    evaluators: Sequence[Evaluator]
    clock_may_go_back: bool = False


def refresh_ledger(
    stores: Stores, account_id: str, parts: Collection[str] | None = None
) -> frozenset[str]:
    """① Bring the account's ledgers and home up to its records; return the groups it touches.

    `parts` says what has changed: deals, by their ids or the beginnings of these; none of them
    (empty): the account itself. Of a ledger in parts only those are then looked at. When the
    account moved, its home and all ledgers concerned are written together (rule 4). Its deals stop
    waiting for it. An account that is not stored has no ledger.
    """
    return again(partial(_refresh_ledger, stores, account_id, parts))


def _refresh_ledger(
    stores: Stores, account_id: str, parts: Collection[str] | None
) -> frozenset[str]:
    groups = stores.groups
    # Versions first, then inputs (rule 2): the home fences moves, the ledger its own content.
    home = groups.home(account_id)
    root_id = home.root_id if home else None
    live = groups.head(root_id, account_id) if root_id else None
    if live and live.digits:
        done = None if parts is None else _refresh_parts(stores, home, live, parts)
        if done is not None:
            return done
        live = groups.ledger(live.root_id, account_id)
    account = stores.accounts.find(account_id)
    if account is None:
        return frozenset()
    if home is None or home.memberships != account.memberships:
        return _move(stores, account, home, live)
    if live is None:
        return frozenset()
    deals = list(stores.deals.of_account(account_id))
    days = intervals_by_root(home.memberships)[live.root_id]
    made = parts_of_account(account, deals, live.digits)
    ledger = stored_ledger(live.root_id, made, days, live=True, rev=live.rev + 1)
    if (ledger.ledger, ledger.parts) != (live.ledger, live.parts):
        groups.save_ledger(ledger)
    end_waiting(stores, account, deals)
    return frozenset([live.root_id])


def _refresh_parts(
    stores: Stores, home: Home | None, live: StoredLedger, parts: Collection[str]
) -> frozenset[str] | None:
    """Bring these parts of a large account's ledger up to date; None: all of it is to be done."""
    root_id, account_id = live.root_id, live.ledger.account_id
    beginnings = {part[: live.digits] for part in parts}
    if any(len(part) < live.digits for part in parts):
        return None
    before = {part: stores.groups.part(root_id, account_id, part) for part in beginnings}
    account = stores.accounts.find(account_id)
    if account is None or home is None or home.memberships != account.memberships:
        return None
    bare = ledger_of_account(account, ())
    if live.parts is None or bare != live.parts.ledgers[""]:
        return None
    for beginning, stored in before.items():
        deals = list(stores.deals.of_account(account_id, beginning))
        ledger = ledger_of_account(account, deals)
        if is_too_large(ledger):
            return None
        said = bare if stored is None or stored.digits != live.digits else stored.ledger
        if ledger != said:
            rev = stored.rev + 1 if stored else 1
            stores.groups.save_part(live, StoredPart(beginning, ledger, live.digits, rev))
        end_waiting(stores, account, deals)
    return frozenset([root_id])


def _move(
    stores: Stores, account: Account, home: Home | None, live: StoredLedger | None
) -> frozenset[str]:
    groups = stores.groups
    roots = roots_to_write(home, account.memberships)
    stored = {live.root_id: live} if live else {}
    for root_id in roots:
        # Only a move writes a ledger that is not live, so the home's revision fences these.
        if root_id not in stored and (ledger := groups.ledger(root_id, account.account_id)):
            stored[root_id] = ledger
    deals = list(stores.deals.of_account(account.account_id))
    made = parts_of_account(account, deals, max((one.digits for one in stored.values()), default=0))
    ledgers = ledgers_of_move(account.memberships, roots, stored, made)
    moved = Home(account.account_id, account.memberships, home.rev + 1 if home else 1)
    groups.move(moved, ledgers)
    end_waiting(stores, account, deals)
    return frozenset(ledger.root_id for ledger in ledgers)


def end_waiting(stores: Stores, account: Account, deals: Iterable[Deal]) -> None:
    if account.deleted:
        return
    arrived = (replace(deal, waiting=False, rev=deal.rev + 1) for deal in deals if deal.waiting)
    for some in batched(arrived, _DEALS_AT_ONCE, strict=False):
        stores.deals.save(some)


def evaluate_group(stores: Stores, root_id: str, *, today: date, now: datetime) -> int:
    """② Bring the group's values up to its ledgers and to `today`; return how many were written."""
    return sum(
        again(partial(_evaluate, stores, root_id, evaluator, today, now))
        for evaluator in stores.evaluators
    )


def _evaluate(
    stores: Stores, root_id: str, evaluator: Evaluator, today: date, now: datetime
) -> bool:
    # The version first, then the inputs (rule 2).
    before, ledgers = stores.groups.valued(root_id, evaluator.scheme.key)
    found = evaluated(stores, root_id, evaluator, before, ledgers, today=today, now=now)
    if found is None:
        return False
    stores.groups.save_value(*found)
    return True


def evaluated(
    stores: Stores,
    root_id: str,
    evaluator: Evaluator,
    before: Value | None,
    ledgers: Iterable[StoredLedger],
    *,
    today: date,
    now: datetime,
) -> tuple[Value, Version | None] | None:
    """Return what `Evaluator.evaluate` makes of a group as it is stored."""
    if before is not None and not stores.clock_may_go_back:
        # Clocks of two machines differ by seconds: around midnight the later day stands.
        today = max(today, before.on)
    pooled = [stored.ledger for stored in ledgers]
    return evaluator.evaluate(root_id, before, pooled, today=today, now=now)


def live_members(stores: Stores, root_id: str) -> list[str]:
    """Return the accounts that pool into the group now, as its ledgers say."""
    return [stored.ledger.account_id for stored in stores.groups.ledgers(root_id) if stored.live]


def settle_account(stores: Stores, account_id: str, *, now: datetime) -> None:
    """① and ③ of an account that a job wrote and will not settle: it began a move, and died.

    What ① writes the stream follows; a move within one group writes nothing there.
    """
    refresh_ledger(stores, account_id)
    refresh_rows(stores, [account_id], now=now)


def refresh_rows(
    stores: Stores, account_ids: Iterable[str], *, now: datetime, origin: Origin = "change"
) -> int:
    """③ Bring the accounts' rows up to account, home and value; return how many were written.

    A row, its search words and, when its stage became another one, its event are written together.
    `origin` is what the event says of why it comes.
    """
    saying = [(evaluator.scheme, now, origin) for evaluator in stores.evaluators]
    return sum(
        _refresh_some(stores, some, *said)
        for some in batched(dict.fromkeys(account_ids), _ROWS_AT_ONCE, strict=False)
        for said in saying
    )


def _refresh_some(
    stores: Stores, account_ids: Sequence[str], scheme: Scheme, now: datetime, origin: Origin
) -> int:
    changes = list(_row_changes(stores, account_ids, scheme, now, origin))
    left = stores.rows.save_many(changes)
    return (
        len(changes)
        - len(left)
        + sum(
            again(partial(_refresh_one, stores, changes[index][0].account_id, scheme, now, origin))
            for index in left
        )
    )


def _refresh_one(
    stores: Stores, account_id: str, scheme: Scheme, now: datetime, origin: Origin
) -> int:
    written = 0
    for change in _row_changes(stores, [account_id], scheme, now, origin):
        stores.rows.save(*change)
        written += 1
    return written


def _row_changes(
    stores: Stores, account_ids: Sequence[str], scheme: Scheme, now: datetime, origin: Origin
) -> Iterator[RowChange]:
    for before, row in _rows(stores, account_ids, scheme):
        if supersedes(row, before):
            after, event = following(row, before, scheme, now, origin)
            yield after, before, event


def _rows(
    stores: Stores, account_ids: Sequence[str], scheme: Scheme
) -> Iterator[tuple[Row | None, Row]]:
    """Yield, for each account that has a row or should have one, that before and that now."""
    # The row is the version, so it is read first (rule 2).
    rows = stores.rows.rows(account_ids, scheme.key)
    accounts = stores.accounts.find_many(account_ids)
    homes = stores.groups.homes(account_ids)
    roots = dict.fromkeys(home.root_id for home in homes.values() if home.root_id)
    values = stores.groups.values(roots, scheme.key)
    for account_id, account in accounts.items():
        home = homes.get(account_id)
        before = rows.get(account_id)
        if account.deleted:
            yield before, row_of_deleted(account, home, scheme)
        elif home and home.root_id and (value := values.get(home.root_id)):
            owner = stores.owner_of(account.profile.owner_email)
            yield before, row_of(account, home, value, scheme, owner)
        # Otherwise the group's first evaluation is still to come, and will come by here.
