"""What callers do to deals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal

from stageline.domain.beside import NOTHING_BESIDE, Beside
from stageline.domain.deal import Deal, Outcome, Terms, faults, new_deal
from stageline.domain.errors import AlreadyExists, Invalid, NotFound, OutcomeConflict, Stale
from stageline.domain.roster import Roster
from stageline.domain.stamp import Source, Stamp
from stageline.ports import Accounts, Deals
from stageline.use_cases.again import again, expect_revision
from stageline.use_cases.custom_values import Customs, bare

MOST_LINKED = 50


def create_deal(
    deals: Deals,
    accounts: Accounts,
    deal_id: str,
    terms: Terms,
    status: Outcome,
    closed_on: date | None,
    *,
    account_id: str | None,
    customs: Customs,
    custom: Mapping[str, Any] | None = None,
    tags: Sequence[str] = (),
    source: Source,
    today: date,
    stamp: Stamp,
) -> Deal:
    """Store a new deal; without an account it counts for no stage and is listed as unassigned.

    `custom` and `tags` as sent. Safe to repeat with the same `deal_id` and `source.hash`: returns
    the deal as it is, whatever has become of the account. Raises AlreadyExists when the id was used
    for something else, ValueNotUnique, Invalid.
    """
    terms = replace(terms, **customs.new("deal", custom, tags))
    _refuse_faults(terms, status, closed_on)
    new = new_deal(
        deal_id,
        terms,
        status,
        closed_on,
        account_id=account_id,
        source=source,
        today=today,
        stamp=stamp,
    )
    beside = customs.beside("deal", deal_id, None, terms)

    def attempt() -> Deal:
        try:
            if account_id is not None:
                _check_account(accounts, account_id)
            deals.add([new], beside)
        except (AlreadyExists, Invalid) as error:
            made = deals.find_many([deal_id]).get(deal_id)
            if made is None and isinstance(error, AlreadyExists):
                customs.refuse_taken(beside)
                raise Stale("deal") from error
            if made is None or made.source is None or made.source.hash != source.hash:
                raise
            if made.status == "gone":
                raise NotFound("deal") from None
            return made
        return new

    return again(attempt)


def change_deal(
    deals: Deals,
    accounts: Accounts,
    deal_id: str,
    changes: Mapping[str, Any],
    *,
    customs: Customs,
    expected: int | None,
    today: date,
    stamp: Stamp,
) -> Deal:
    """Change terms of a deal, its `account_id`, or the `closed_on` of its outcome.

    `custom` is merged by key, `tags` are all of them, both as sent. What does not differ is not
    written. Raises NotFound, Stale, Invalid, ValueNotUnique, Pinned.
    """
    terms_changes = {
        name: value for name, value in changes.items() if name not in ("account_id", "closed_on")
    }

    def changed(before: Deal) -> Deal:
        account_id = changes.get("account_id", before.account_id)
        closed_on = changes.get("closed_on", before.closed_on)
        if account_id is not None and account_id != before.account_id:
            _check_account(accounts, account_id)
        terms = replace(
            before.terms, **customs.changed("deal", before.terms, terms_changes, before.pinned)
        )
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

    return _change(deals, deal_id, expected, changed, customs)


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
    deals: Deals,
    deal_id: str,
    *,
    customs: Customs,
    expected: int | None,
    today: date,
    stamp: Stamp,
) -> None:
    """Delete a deal: from today on it counts for nothing; the days before keep what they were.

    Its custom values and tags do not stay, and its unique values are free again. Raises NotFound,
    Stale.
    """

    def changed(before: Deal) -> Deal:
        without = replace(before, terms=bare(before.terms))
        return _with_outcome(without, "gone", None, today, stamp)

    _change(deals, deal_id, expected, changed, customs)


def link_member(
    deals: Deals, roster: Roster, deal_id: str, subject: str, *, is_linked: bool, stamp: Stamp
) -> Deal:
    """Let a member read a deal without owning it, or no longer (S2.31). Safe to repeat.

    Raises NotFound, Invalid when the deal would have too many.
    """
    if is_linked:
        roster.get(subject)

    def changed(before: Deal) -> Deal:
        others = tuple(one for one in before.linked if one != subject)
        linked = (*others, subject) if is_linked else others
        if set(linked) == set(before.linked):
            return before
        if len(linked) > MOST_LINKED:
            raise Invalid("member_id", "too_many", f"a deal has at most {MOST_LINKED} of them")
        return replace(before, linked=linked, changed=stamp, rev=before.rev + 1)

    return _change(deals, deal_id, None, changed)


def _change(
    deals: Deals,
    deal_id: str,
    expected: int | None,
    changed: Callable[[Deal], Deal],
    customs: Customs | None = None,
) -> Deal:
    """Change a deal; without `customs`, neither custom values nor tags."""

    def attempt() -> Deal:
        before = deals.get(deal_id)
        expect_revision("deal", before.rev, expected)
        after = changed(before)
        if after is before:
            return before

        def write(beside: Beside = NOTHING_BESIDE) -> None:
            if after.account_id == before.account_id:
                deals.save([after], beside)
            else:
                deals.move(after, before, beside)

        if customs is None:
            write()
        else:
            beside = customs.beside("deal", deal_id, before.terms, after.terms)
            customs.keep(beside, lambda: write(beside))
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
