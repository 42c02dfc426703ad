"""The pipeline for many accounts at once, around the stream: what an import ends with.

The same steps as in `pipeline`, with the same results: each reads versions before inputs, for a
page at once, and writes over them, many in a transaction. Where somebody was first, the step is
taken alone. What is written `in_job` is left out by the stream, so nobody looks at it again when it
was written (DESIGN §3, rule 3): whoever loads so has to go through the steps once more, without.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched
from types import MappingProxyType

from stageline.domain.account import Account
from stageline.domain.account_ledger import parts_of_account
from stageline.domain.deal import Deal
from stageline.domain.errors import Stale
from stageline.domain.group import Home, StoredLedger, Value, Version
from stageline.domain.membership import (
    intervals_by_root,
    ledgers_of_move,
    roots_to_write,
    stored_ledger,
)
from stageline.ports import LedgerChange
from stageline.use_cases.pipeline import (
    Stores,
    end_waiting,
    evaluate_group,
    evaluated,
    refresh_ledger,
    refresh_rows,
)

# Deals of so many accounts are held at once.
_LEDGERS_AT_ONCE = 50
_VALUES_AT_ONCE = 50
# A group is seldom written again at once; so many times would be a fault.
_PASSES = 10


@dataclass(frozen=True, slots=True)
class Loaded:
    """The ids of what the next step has to look at, and how many things were written."""

    ids: Collection[str]
    written: int


@dataclass(frozen=True, slots=True)
class Valued:
    """The accounts that pool into each of the groups now, and how many values were written."""

    members: Mapping[str, Sequence[str]]
    written: int


def settle(stores: Stores, account_ids: Iterable[str], *, today: date, now: datetime) -> None:
    """Bring ledgers, values and rows up to these accounts' records, without waiting for the stream.

    A group whose value was written is looked at once more, since what one worker writes may rest on
    what another was changing meanwhile. Raises Stale.
    """
    account_ids = list(dict.fromkeys(account_ids))
    unsure = load_ledgers(stores, account_ids, in_job=False).ids
    members = dict.fromkeys(account_ids)
    for _ in range(_PASSES):
        loaded = load_values(stores, unsure, today=today, now=now, in_job=False)
        members |= {member: None for some in loaded.members.values() for member in some}
        if not loaded.written:
            break
    else:
        raise Stale("stage")
    refresh_rows(stores, members, now=now)


def load_ledgers(
    stores: Stores,
    account_ids: Iterable[str],
    parts: Mapping[str, Collection[str] | None] = MappingProxyType({}),
    *,
    in_job: bool,
) -> Loaded:
    """① for accounts; returns the groups that they are or were in.

    Groups that an account has left are among them: an earlier try may have ended between the move
    and their evaluation. `parts` says for accounts what has changed, as `refresh_ledger` takes it.
    """
    roots: dict[str, None] = {}
    written = 0
    for some in batched(dict.fromkeys(account_ids), _LEDGERS_AT_ONCE, strict=False):
        more, count = _load_some_ledgers(stores, some, parts, in_job)
        roots |= more
        written += count
    return Loaded(list(roots), written)


def _load_some_ledgers(
    stores: Stores,
    account_ids: Sequence[str],
    parts: Mapping[str, Collection[str] | None],
    in_job: bool,
) -> tuple[dict[str, None], int]:
    # Versions first, then inputs (rule 2).
    homes = stores.groups.homes(account_ids)
    places = [(home.root_id, id_) for id_, home in homes.items() if home.root_id is not None]
    heads = {account_id: head for (_, account_id), head in stores.groups.heads(places).items()}
    accounts = stores.accounts.find_many(account_ids)
    changes: dict[str, LedgerChange] = {}
    alone: list[str] = []
    roots: dict[str, None] = {}
    for account_id, account in accounts.items():
        roots |= dict.fromkeys(e.root_id for e in account.memberships if e.root_id is not None)
        home, live = homes.get(account_id), heads.get(account_id)
        if not _is_simple(account, home, live):
            alone.append(account_id)
            continue
        deals = list(stores.deals.of_account(account_id))
        change = _change(account, home, live, deals)
        if change is None or any(ledger.parts for ledger in change[1]):
            alone += [] if change is None else [account_id]
        else:
            changes[account_id] = change
        end_waiting(stores, account, deals)
    left = stores.groups.save_many(list(changes.values()), in_job=in_job)
    ids = list(changes)
    alone += [ids[index] for index in left]
    for account_id in alone:
        roots |= dict.fromkeys(refresh_ledger(stores, account_id, parts.get(account_id)))
    return roots, len(changes) - len(left)


def _is_simple(account: Account, home: Home | None, live: StoredLedger | None) -> bool:
    """Tell whether the account is new, or where it was with a ledger of one item."""
    if home is None:
        return True
    return home.memberships == account.memberships and live is not None and live.parts is None


def _change(
    account: Account, home: Home | None, live: StoredLedger | None, deals: Sequence[Deal]
) -> LedgerChange | None:
    """Return what to write of the account; None when nothing differs."""
    made = parts_of_account(account, deals, 0)
    if home is None or live is None:
        roots = roots_to_write(None, account.memberships)
        first = Home(account.account_id, account.memberships, 1)
        return first, ledgers_of_move(account.memberships, roots, {}, made)
    days = intervals_by_root(home.memberships)[live.root_id]
    ledger = stored_ledger(live.root_id, made, days, live=True, rev=live.rev + 1)
    return None if ledger.ledger == live.ledger else (None, [ledger])


def load_values(
    stores: Stores, root_ids: Iterable[str], *, today: date, now: datetime, in_job: bool
) -> Valued:
    """② for groups."""
    members: dict[str, Sequence[str]] = {}
    written = 0
    for some in batched(dict.fromkeys(root_ids), _VALUES_AT_ONCE, strict=False):
        for evaluator in stores.evaluators:
            found: dict[str, tuple[Value, Version | None]] = {}
            for root_id in some:
                value, ledgers = stores.groups.valued(root_id, evaluator.scheme.key)
                members[root_id] = [one.ledger.account_id for one in ledgers if one.live]
                after = evaluated(stores, root_id, evaluator, value, ledgers, today=today, now=now)
                if after is not None:
                    found[root_id] = after
            written += _save_values(stores, found, in_job, today, now)
    return Valued(members, written)


def _save_values(
    stores: Stores,
    found: Mapping[str, tuple[Value, Version | None]],
    in_job: bool,
    today: date,
    now: datetime,
) -> int:
    root_ids = list(found)
    left = stores.groups.save_values(list(found.values()), in_job=in_job)
    return (
        len(root_ids)
        - len(left)
        + sum(evaluate_group(stores, root_ids[index], today=today, now=now) for index in left)
    )
