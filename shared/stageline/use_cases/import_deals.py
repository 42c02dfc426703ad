"""Storing one page of an import of deals."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from stageline.domain.deal import Deal
from stageline.domain.jobs import PageResult
from stageline.domain.records import DealRecord, GoneRecord
from stageline.use_cases.import_custom import CustomRows
from stageline.use_cases.import_decisions import Decision, Import
from stageline.use_cases.import_gone import decide_gone, moved
from stageline.use_cases.import_moved_deals import follow_links
from stageline.use_cases.import_pages import Left, Records, by_id, existing, written
from stageline.use_cases.import_problems import Page, page_of


def store_deals(
    store: Records, deciding: Import, rows: Sequence[DealRecord | GoneRecord], left: Left
) -> Page:
    """Store what differs of these rows (nothing in a dry run), and say what became of them."""
    ids = by_id(rows, store.deal_id)
    accounts = {
        row.account_external_id: store.account_id(row.account_external_id)
        for row in rows
        if not isinstance(row, GoneRecord) and row.account_external_id is not None
    }

    def decided(deal_ids: Iterable[str]) -> Iterator[tuple[str, Decision[Deal]]]:
        standing = store.merged_accounts.standing(accounts.values())
        known = existing(standing.known)
        found = store.deals.find_many(deal_ids)
        for deal_id in deal_ids:
            row, before = ids[deal_id], found.get(deal_id)
            if isinstance(row, GoneRecord):
                yield deal_id, decide_gone(deciding, before, store.hash_of(row))
                continue
            named = [accounts[one] for one in (row.account_external_id,) if one is not None]
            hash_ = store.hash_of(row, standing.redirected(named))
            account_id = standing.ids[named[0]] if named else None
            yield deal_id, deciding.deal(row, deal_id, account_id, known, before, hash_)

    custom = CustomRows(store.customs, "deal", ids)

    def final(deal_ids: Iterable[str]) -> Iterator[tuple[str, Decision[Deal]]]:
        return store.owners.decided(custom.decided(decided(deal_ids)))

    def change(before: Deal, after: Deal) -> None:
        beside = store.beside("deal", after.deal_id, before.terms, after.terms)
        if before.account_id == after.account_id:
            store.deals.save([after], beside)
        else:
            if before.account_id is not None:
                left.note(before.account_id)
            store.deals.move(after, before, beside)

    decisions = written(
        dict(final(list(ids))),
        store.deals.add,
        change,
        lambda deal_id: next(final([deal_id]))[1],
        deciding.job.dry_run,
        beside=lambda one: store.beside_new("deal", one.deal_id, one.terms),
    )
    if not deciding.job.dry_run:
        store.owners.look_again(decisions, store.deals.find_many, change, deciding.stamp)
        named = {
            deal_id: accounts[row.account_external_id]
            for deal_id, row in ids.items()
            if not isinstance(row, GoneRecord) and row.account_external_id is not None
        }
        follow_links(store, deciding, named, decisions)
    counts: Counter[str] = Counter(decision.outcome for decision in decisions.values())
    counts += moved(deciding.job, ids, decisions)
    touched: dict[str, None] = {}
    for deal_id, decision in decisions.items():
        deal = decision.after or decision.before
        if deal is not None and not isinstance(ids[deal_id], GoneRecord):
            counts["unassigned"] += deal.account_id is None
            counts["waiting"] += deal.waiting
        if decision.is_counted:
            both = (deal, decision.before)
            touched |= dict.fromkeys(one.account_id for one in both if one and one.account_id)
    if any(decision.is_counted and decision.before for decision in decisions.values()):
        touched |= dict.fromkeys(left.noted())
    result = PageResult(counts=counts, touched=list(touched))
    return page_of(result, deciding.job, ids, decisions)
