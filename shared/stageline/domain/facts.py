"""The facts of a group on one day, with the records behind them: what evidence is made of.

Written to be read next to the statements, not for speed: `timeline` sweeps, this looks at a day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stageline.domain.calendar import window_last_day
from stageline.domain.conditions import Fact
from stageline.domain.ledger import Ledger
from stageline.domain.spells import Spell
from stageline.domain.steps import covers


@dataclass(frozen=True, slots=True)
class AccountOnDay:
    """A ledger on one day: present in the CRM or not, and each of its deals with its spell."""

    account_id: str
    is_member: bool
    in_crm: bool
    deals: dict[str, Spell]


def account_on(ledger: Ledger, day: int) -> AccountOnDay:
    """Return the ledger as it stands on `day`; outside its memberships it has nothing."""
    if not covers(ledger.memberships, day):
        return AccountOnDay(ledger.account_id, is_member=False, in_crm=False, deals={})
    current = {}
    for deal_id, spells in ledger.deals():
        begun = [spell for spell in spells if spell.from_day <= day]
        if begun:
            current[deal_id] = begun[-1]
    return AccountOnDay(
        ledger.account_id, is_member=True, in_crm=covers(ledger.presence, day), deals=current
    )


def counts_for(fact: Fact, spell: Spell, day: int) -> bool:
    """Tell whether a deal whose current spell is `spell` counts for `fact` on `day`."""
    match fact.name:
        case "open_deals":
            return spell.status == "open"
        case "won_deals":
            return spell.status == "won"
        case "lost_deals" if spell.status == "lost":
            months = fact.within_months
            in_window = months is None or day <= window_last_day(spell.from_day, months)
            return in_window and (months is None or spell.recent)
    return False


def ids_behind(fact: Fact, accounts: Sequence[AccountOnDay], day: int) -> list[str]:
    """Return the sorted ids that `fact` counts on `day`: accounts for `in_crm`, deals otherwise."""
    return sorted(_ids_behind(fact, accounts, day))


def _ids_behind(fact: Fact, accounts: Sequence[AccountOnDay], day: int) -> Iterator[str]:
    if fact.name == "in_crm":
        # The chunks of one account are one account.
        yield from {account.account_id for account in accounts if account.in_crm}
        return
    for account in accounts:
        for deal_id, spell in account.deals.items():
            if counts_for(fact, spell, day):
                yield deal_id
