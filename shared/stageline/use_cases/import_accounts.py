"""Storing one page of an import of accounts; they come under their parents in a later step."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched

from stageline.domain.account import Account
from stageline.domain.jobs import ImportJob, Link, PageResult
from stageline.domain.records import AccountRecord, GoneRecord
from stageline.ports import Accounts
from stageline.use_cases.import_custom import CustomRows
from stageline.use_cases.import_decisions import Decision, Import
from stageline.use_cases.import_gone import decide_gone, moved, taken_over
from stageline.use_cases.import_linked import with_linked
from stageline.use_cases.import_moved_deals import move_deals
from stageline.use_cases.import_pages import Left, Records, by_id, written
from stageline.use_cases.import_problems import Page, page_of

_CHILDREN_AT_ONCE = 100
type _Rows = Mapping[str, AccountRecord | GoneRecord]


def store_accounts(
    store: Records, deciding: Import, rows: Sequence[AccountRecord | GoneRecord], left: Left
) -> Page:
    """Store what differs of these rows (nothing in a dry run), and say what became of them."""
    ids: _Rows = by_id(rows, store.account_id)
    merged = store.merged_accounts

    def decided(account_ids: Iterable[str]) -> Iterator[tuple[str, Decision[Account]]]:
        found = merged.own(ids[account_id].external_id for account_id in account_ids)
        for account_id in account_ids:
            row, before = ids[account_id], found.of(account_id)
            hash_ = store.hash_of(row)
            if isinstance(row, GoneRecord):
                winner = merged.winner(row, account_id if before is None else before.account_id)
                yield account_id, decide_gone(deciding, before, hash_, winner)
            elif account_id in found.others:
                yield account_id, taken_over()
            else:
                parent = row.parent_external_id
                parent_id = None if parent is None else store.account_id(parent)
                yield account_id, deciding.account(row, account_id, parent_id, before, hash_)

    custom = CustomRows(store.customs, "account", ids)

    def final(account_ids: Iterable[str]) -> Iterator[tuple[str, Decision[Account]]]:
        return store.owners.decided(custom.decided(decided(account_ids)))

    def save(before: Account, after: Account) -> None:
        beside = store.beside("account", after.account_id, before.profile, after.profile)
        store.accounts.save_together(with_linked(store, deciding, before, after), beside)

    decisions = written(
        dict(final(list(ids))),
        store.accounts.add,
        save,
        lambda account_id: next(final([account_id]))[1],
        deciding.job.dry_run,
        beside=lambda one: store.beside_new("account", one.account_id, one.profile),
    )
    stored = {place: one for one in decisions.values() if (place := _place(one)) is not None}
    touched = {
        place: None
        for one in decisions.values()
        if one.is_counted and (place := _place(one)) is not None
    }
    if not deciding.job.dry_run:
        store.owners.look_again(stored, store.accounts.find_many, save, deciding.stamp)
        touched |= dict.fromkeys(move_deals(store, deciding, ids, decisions, left))
    created = [id_ for id_, one in decisions.items() if one.outcome == "created"]
    new = [*created, *(id_ for id_, one in decisions.items() if _goes_on(id_, one))]
    result = PageResult(
        counts=Counter(decision.outcome for decision in decisions.values())
        + moved(deciding.job, ids, decisions),
        touched=list(touched),
        created=created,
        awaited=[id_ for id_ in new if _is_awaited(store, id_, deciding.job)],
        links=[
            link
            for account_id, row in ids.items()
            if not isinstance(row, GoneRecord)
            and (link := _link_of(store, row, decisions[account_id])) is not None
        ],
    )
    return page_of(result, deciding.job, ids, decisions)


def _place(decision: Decision[Account]) -> str | None:
    account = decision.after or decision.before
    return None if account is None else account.account_id


def _goes_on(record_id: str, decision: Decision[Account]) -> bool:
    """Tell whether an account was stored that goes on as another record of the CRM."""
    return decision.is_counted and _place(decision) not in (None, record_id)


def _link_of(store: Records, row: AccountRecord, decision: Decision[Account]) -> Link | None:
    """Return the link that a row's account awaits, since this file or an earlier one.

    Of a CRM also that it is to have no parent any more.
    """
    account = decision.after or decision.before
    if decision.outcome == "superseded" or account is None or account.linked_to is not None:
        return None
    awaited, parent = account.awaited_parent_id, row.parent_external_id
    if awaited is None:
        is_left = "parent_external_id" in row.cleared and decision.is_counted
        if is_left and account.parent_id is not None:
            return Link(account.account_id, None, row.line)
        return None
    is_said = parent is not None and store.account_id(parent) == awaited
    return Link(account.account_id, awaited, row.line if is_said else None)


def _is_awaited(store: Records, account_id: str, job: ImportJob) -> bool:
    """Say whether an earlier file named this new account as a parent."""
    children = store.accounts.children(account_id)
    return any(
        next(awaiting(store.accounts, some, account_id, job), None)
        for some in batched(children, _CHILDREN_AT_ONCE, strict=False)
    )


def awaiting(
    accounts: Accounts, children: Iterable[str], parent_id: str, job: ImportJob
) -> Iterator[Link]:
    """Yield a link for each of the children that awaited this parent before this job."""
    for child in accounts.find_many(children).values():
        is_own = child.source is not None and child.source.version == job.version
        is_there = not child.deleted and child.linked_to is None
        if child.awaited_parent_id == parent_id and is_there and not is_own:
            yield Link(child.account_id, parent_id, None)
