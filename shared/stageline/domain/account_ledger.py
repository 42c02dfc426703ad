"""The ledger that an account's record and its deals make. Pure."""

from collections.abc import Iterable
from functools import partial

from stageline.domain.account import Account
from stageline.domain.chunks import Parts, in_parts
from stageline.domain.deal import Deal
from stageline.domain.ledger import DealFacts, Ledger, build_ledger


def parts_of_account(account: Account, deals: Iterable[Deal], digits: int) -> Parts:
    """Return the ledger in parts of at least so many digits (0: in one, unless it is too large)."""
    return in_parts(partial(_ledger_of_facts, account), map(_facts_of, deals), digits)


def ledger_of_account(account: Account, deals: Iterable[Deal]) -> Ledger:
    """Return the ledger of the account with these of its deals."""
    return _ledger_of_facts(account, map(_facts_of, deals))


def _ledger_of_facts(account: Account, deals: Iterable[DealFacts]) -> Ledger:
    return build_ledger(
        account.account_id,
        presence=account.presence,
        created_on=account.profile.created_on,
        deals=deals,
    )


def _facts_of(deal: Deal) -> DealFacts:
    return DealFacts(deal.deal_id, deal.terms.opened_on, deal.observations)
