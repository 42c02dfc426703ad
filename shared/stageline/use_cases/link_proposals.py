"""Accounts of different sources with the same domain: proposed to be linked, and decided about.

An import proposes at its end, for each account that it wrote: then the search words of both are
there, whichever import was first. Nothing is linked unless somebody says so.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import batched

from stageline.domain.account import Account
from stageline.domain.errors import LinkNotPossible
from stageline.domain.jobs import ImportJob
from stageline.domain.link_proposal import LinkProposal
from stageline.domain.search import SHORTEST_WORD, domain_word, is_same_domain
from stageline.link_ports import LinkProposals
from stageline.ports import Accounts, Configuration, Lists
from stageline.use_cases.links import refuse

# A domain of more is none of a company: that of a mail provider, or of a marketplace.
MOST_OF_A_DOMAIN = 10
_SHOWN_AT_ONCE = 50

type Proposed = tuple[LinkProposal, Account, Account]


@dataclass(frozen=True, slots=True)
class Proposing:
    """What proposals of one workspace read and write."""

    accounts: Accounts
    lists: Lists
    proposals: LinkProposals
    configuration: Configuration


def propose_links(
    proposing: Proposing, account_ids: Iterable[str], job: ImportJob, now: datetime
) -> int:
    """Propose links of those of the accounts that the job wrote; return how many. Safe to repeat.

    In a workspace with one source nothing is looked for.
    """
    if len(proposing.configuration.integrations()) < 2:
        return 0
    written = [
        one
        for one in proposing.accounts.find_many(account_ids).values()
        if one.changed.request == job.job_id
    ]
    found = [
        LinkProposal(account.account_id, other.account_id, now)
        for one in written
        for account, other in _pairs(proposing, one)
    ]
    proposing.proposals.add(found)
    return len(found)


def proposed(proposing: Proposing, after: str | None) -> Iterator[Proposed]:
    """Yield the proposals, by id, after that one, that can still be followed."""
    listed = proposing.proposals.listed(after, _SHOWN_AT_ONCE)
    for some in batched(listed, _SHOWN_AT_ONCE, strict=False):
        ids = {id_ for one in some for id_ in (one.account_id, one.linked_id)}
        known = proposing.accounts.find_many(ids)
        linked = {link.account_id for one in known.values() for link in one.linked}
        known = {**proposing.accounts.find_many(linked - known.keys()), **known}
        for one in some:
            account, other = known.get(one.account_id), known.get(one.linked_id)
            if account and other and _fits(account, other, known):
                yield one, account, other


def _pairs(proposing: Proposing, one: Account) -> Iterator[tuple[Account, Account]]:
    """Yield the account with each that it could be linked with, the one that stays first."""
    domain = one.profile.domain
    if domain is None or len(word := domain_word(domain)) < SHORTEST_WORD:
        return
    ids = proposing.lists.matching(f"{word}#", MOST_OF_A_DOMAIN + 1)
    if len(ids) > MOST_OF_A_DOMAIN:
        return
    known = {**proposing.accounts.find_many(ids), one.account_id: one}
    linked = {link.account_id for each in known.values() for link in each.linked}
    known |= proposing.accounts.find_many(linked - known.keys())
    for other_id in ids:
        other = known.get(other_id)
        if other is None or other_id == one.account_id:
            continue
        first, second = sorted((one, other), key=lambda each: (each.created_at, each.account_id))
        for account, record in ((first, second), (second, first)):
            if _fits(account, record, known):
                yield account, record
                break


def _fits(account: Account, other: Account, known: Mapping[str, Account]) -> bool:
    """Tell whether the other can count for the account, and has its domain."""
    if account.deleted or other.deleted or account.linked_to is not None:
        return False
    links = {
        one.account_id: known[one.account_id] for one in account.linked if one.account_id in known
    }
    try:
        refuse(account, other, links)
    except LinkNotPossible:
        return False
    return is_same_domain(account.profile.domain, other.profile.domain)
