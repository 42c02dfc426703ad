"""Why a stage changes on a day: the next change, with its reason and the records behind it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from stageline.domain.facts import AccountOnDay, account_on, counts_for
from stageline.domain.ledger import Ledger
from stageline.domain.scheme import Scheme
from stageline.domain.spells import Spell
from stageline.domain.timeline import Timeline

type ChangeReason = Literal[
    "DEAL_WON",
    "DEAL_OPENS",
    "DEAL_REOPENED",
    "DEAL_LOST",
    "DEAL_DELETED",
    "WINDOW_ENDS",
    "ACCOUNT_JOINS",
    "ACCOUNT_LEAVES",
    "ACCOUNT_ENTERS_CRM",
    "ACCOUNT_LEAVES_CRM",
]

# When several things happen on one day, the first that explains the change is named.
_ORDER: Final[tuple[ChangeReason, ...]] = get_args(ChangeReason.__value__)

_TEXTS: Final[dict[ChangeReason, str]] = {
    "DEAL_WON": "A deal is won.",
    "DEAL_OPENS": "A deal opens.",
    "DEAL_REOPENED": "A closed deal is open again.",
    "DEAL_LOST": "A deal is lost.",
    "DEAL_DELETED": "A deal is deleted.",
    "WINDOW_ENDS": "A lost deal no longer counts as recently lost.",
    "ACCOUNT_JOINS": "An account joins the group.",
    "ACCOUNT_LEAVES": "An account leaves the group.",
    "ACCOUNT_ENTERS_CRM": "An account enters the CRM.",
    "ACCOUNT_LEAVES_CRM": "An account is no longer in the CRM.",
}


@dataclass(frozen=True, slots=True)
class NextChange:
    """From `on` (an ordinal) the stage is `to`, because of `reason`; `text` says it for people.

    `ids` are those of the accounts for a reason of an account, else of the deals; at most 20.
    """

    on: int
    to: str
    reason: ChangeReason
    text: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Cause:
    reason: ChangeReason
    record_id: str
    counts: tuple[int, ...]  # what it adds to each fact


def next_change(
    scheme: Scheme, ledgers: Sequence[Ledger], timeline: Timeline, day: int
) -> NextChange | None:
    """Return the change that ends the segment of `day`, None when nothing is known to end it."""
    following = timeline.next_after(day)
    if following is None:
        return None
    on, to = following
    reason, ids = reason_of_change(scheme, ledgers, on)
    return NextChange(on, to, reason, _TEXTS[reason], ids[:20])


def reason_of_change(
    scheme: Scheme, ledgers: Sequence[Ledger], on: int
) -> tuple[ChangeReason, tuple[str, ...]]:
    """Return why the stage changes on `on`, and the sorted ids of what causes it.

    Raises ValueError when nothing happens on that day.
    """
    causes: list[_Cause] = []
    before = [0] * len(scheme.facts)
    for ledger in ledgers:
        earlier, later = account_on(ledger, on - 1), account_on(ledger, on)
        before = _sum(before, _counts(scheme, earlier, on - 1))
        causes += _causes(scheme, earlier, later, on)
    if not causes:
        raise ValueError("nothing happens on this day")
    reasons = [reason for reason in _ORDER if any(one.reason == reason for one in causes)]
    after = scheme.held(_sum(before, *(one.counts for one in causes)))[0]
    chosen = next(
        (
            reason
            for reason in reasons
            if scheme.held(_sum(before, *(one.counts for one in causes if one.reason == reason)))[0]
            == after
        ),
        reasons[0],
    )
    return chosen, tuple(sorted({one.record_id for one in causes if one.reason == chosen}))


def _causes(
    scheme: Scheme, earlier: AccountOnDay, later: AccountOnDay, on: int
) -> Iterator[_Cause]:
    account_id = later.account_id
    if earlier.is_member != later.is_member:
        reason: ChangeReason = "ACCOUNT_JOINS" if later.is_member else "ACCOUNT_LEAVES"
        before, after = _counts(scheme, earlier, on - 1), _counts(scheme, later, on)
        yield _Cause(reason, account_id, _difference(before, after))
        return
    if earlier.in_crm != later.in_crm:
        reason = "ACCOUNT_ENTERS_CRM" if later.in_crm else "ACCOUNT_LEAVES_CRM"
        before, after = _presence(scheme, earlier), _presence(scheme, later)
        yield _Cause(reason, account_id, _difference(before, after))
    for deal_id, spell in later.deals.items():
        previous = earlier.deals.get(deal_id)
        before, after = _deal(scheme, previous, on - 1), _deal(scheme, spell, on)
        if before != after or spell != previous:
            yield _Cause(_reason(previous, spell), deal_id, _difference(before, after))


def _reason(previous: Spell | None, spell: Spell) -> ChangeReason:
    if spell == previous:
        return "WINDOW_ENDS"
    match spell.status:
        case "won":
            return "DEAL_WON"
        case "lost":
            return "DEAL_LOST"
        case "gone":
            return "DEAL_DELETED"
    was_closed = previous is not None and previous.status in ("won", "lost")
    return "DEAL_REOPENED" if was_closed else "DEAL_OPENS"


def _counts(scheme: Scheme, account: AccountOnDay, day: int) -> list[int]:
    deals = (_deal(scheme, spell, day) for spell in account.deals.values())
    return _sum(_presence(scheme, account), *deals)


def _presence(scheme: Scheme, account: AccountOnDay) -> list[int]:
    return [int(fact.name == "in_crm" and account.in_crm) for fact in scheme.facts]


def _deal(scheme: Scheme, spell: Spell | None, day: int) -> list[int]:
    return [int(spell is not None and counts_for(fact, spell, day)) for fact in scheme.facts]


def _sum(*counts: Sequence[int]) -> list[int]:
    return [sum(of_fact) for of_fact in zip(*counts, strict=True)]


def _difference(before: Sequence[int], after: Sequence[int]) -> tuple[int, ...]:
    return tuple(new - old for old, new in zip(before, after, strict=True))
