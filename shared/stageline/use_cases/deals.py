"""What callers do to deals."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Literal

from stageline.domain.deal import Deal, Outcome, Terms, faults, new_deal
from stageline.domain.errors import AlreadyExists, Invalid, NotFound, OutcomeConflict
from stageline.domain.stamp import Source, Stamp
from stageline.ports import Accounts, Deals
from stageline.use_cases.again import again, expect_revision


def create_deal(
    deals: Deals,
    accounts: Accounts,
    deal_id: str,
    terms: Terms,
    status: Outcome,
    closed_on: date | None,
    *,
    account_id: str | None,
    source: Source,
    today: date,
    stamp: Stamp,
) -> Deal:
    """Store a new deal; without an account it counts for no stage and is listed as unassigned.

    Safe to repeat with the same `deal_id` and `source.hash`: returns the deal as it is, whatever
    has become of the account. Raises AlreadyExists when the id was used for something else,
    Invalid.
    """
    _refuse_faults(terms, status, closed_on)
    deal = new_deal(
        deal_id,
        terms,
        status,
        closed_on,
        account_id=account_id,
        source=source,
        today=today,
        stamp=stamp,
    )
    try:
        if account_id is not None:
            _check_account(accounts, account_id)
        deals.add([deal])
    except (AlreadyExists, Invalid):
        made = deals.find_many([deal_id]).get(deal_id)
        if made is None or made.source is None or made.source.hash != source.hash:
            raise
        if made.status == "gone":
            raise NotFound("deal") from None
        return made
    return deal


def change_deal(
    deals: Deals,
    accounts: Accounts,
    deal_id: str,
    changes: Mapping[str, Any],
    *,
    expected: int | None,
    today: date,
    stamp: Stamp,
) -> Deal:
    """Change terms of a deal, its `account_id`, or the `closed_on` of its outcome.

    What does not differ is not written. Raises NotFound, Stale, Invalid.
    """
    terms_changes = {
        name: value for name, value in changes.items() if name not in ("account_id", "closed_on")
    }

    def changed(before: Deal) -> Deal:
        account_id = changes.get("account_id", before.account_id)
        closed_on = changes.get("closed_on", before.closed_on)
        if account_id is not None and account_id != before.account_id:
            _check_account(accounts, account_id)
        terms = replace(before.terms, **terms_changes)
        status = _outcome(before)
        # An export may leave the close date out; that is no reason to refuse another change.
        undated = before.closed_on is None and closed_on is None
        _refuse_faults(terms, status, closed_on, undated_close=undated)
        return before.changed_to(
            terms,
            status,
            closed_on,
            account_id=account_id,
            today=today,
            stamp=stamp,
            source=before.source,
            waiting=before.waiting and account_id == before.account_id,
        )

    return _change(deals, deal_id, expected, changed)


def close_deal(
    deals: Deals,
    deal_id: str,
    status: Literal["won", "lost"],
    closed_on: date,
    *,
    expected: int | None,
    today: date,
    stamp: Stamp,
) -> Deal:
    """Close a deal as won or lost on a day; a closed one gets the other outcome or day.

    Raises NotFound, Stale, Invalid.
    """

    def changed(before: Deal) -> Deal:
        _refuse_faults(before.terms, status, closed_on)
        return _with_outcome(before, status, closed_on, today, stamp)

    return _change(deals, deal_id, expected, changed)


def reopen_deal(
    deals: Deals, deal_id: str, *, expected: int | None, today: date, stamp: Stamp
) -> Deal:
    """Open a closed deal again, from today on; what it was before stays in its history.

    Raises NotFound, Stale, OutcomeConflict when it is open.
    """

    def changed(before: Deal) -> Deal:
        if before.status == "open":
            raise OutcomeConflict("the deal is open")
        return _with_outcome(before, "open", None, today, stamp)

    return _change(deals, deal_id, expected, changed)


def delete_deal(
    deals: Deals, deal_id: str, *, expected: int | None, today: date, stamp: Stamp
) -> None:
    """Delete a deal: from today on it counts for nothing; the days before keep what they were.

    Raises NotFound, Stale.
    """
    _change(
        deals, deal_id, expected, lambda before: _with_outcome(before, "gone", None, today, stamp)
    )


def _change(
    deals: Deals, deal_id: str, expected: int | None, changed: Callable[[Deal], Deal]
) -> Deal:
    def attempt() -> Deal:
        before = deals.get(deal_id)
        expect_revision("deal", before.rev, expected)
        after = changed(before)
        if after is before:
            return before
        if after.account_id == before.account_id:
            deals.save([after])
        else:
            deals.move(after, before.account_id)
        return after

    return again(attempt, expected=expected)


def _with_outcome(
    deal: Deal,
    status: Literal["open", "won", "lost", "gone"],
    closed_on: date | None,
    today: date,
    stamp: Stamp,
) -> Deal:
    return deal.changed_to(
        deal.terms,
        status,
        closed_on,
        account_id=deal.account_id,
        today=today,
        stamp=stamp,
        source=deal.source,
        waiting=deal.waiting,
    )


def _outcome(deal: Deal) -> Outcome:
    if deal.status == "gone":
        raise NotFound("deal")
    return deal.status


def _refuse_faults(
    terms: Terms, status: Outcome, closed_on: date | None, *, undated_close: bool = False
) -> None:
    for fault in faults(terms, status, closed_on, undated_close=undated_close):
        raise fault


def _check_account(accounts: Accounts, account_id: str) -> None:
    try:
        accounts.get(account_id)
    except NotFound as error:
        raise Invalid("account_id", "unknown", "there is no account with this id") from error
