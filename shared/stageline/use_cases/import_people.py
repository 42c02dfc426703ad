"""What contacts and activities of an import have in common.

What a row names may come in a later file: it lies where that will be, and is seen when it is there.
No stage depends on it, so there is nothing to settle; touches of accounts follow by the stream.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from stageline.domain.account import Account
from stageline.domain.contact import Contact
from stageline.use_cases.import_decisions import SUPPRESSED, Decision
from stageline.use_cases.import_merges import Merging, Own
from stageline.use_cases.import_pages import Records, existing


def erased_of(store: Records, external_ids: Sequence[str]) -> frozenset[str]:
    """Return the ids of those of these contacts who were erased, under whatever id."""
    merged = store.merged_contacts
    return erased_among(merged, merged.own(external_ids))


def erased_among(merged: Merging[Contact], own: Own[Contact]) -> frozenset[str]:
    winners = merged.standing(own.merged)
    stands = {id_: winners.known.get(place) for id_, place in winners.ids.items()}
    found = {**own.found, **stands}
    return frozenset(id_ for id_, one in found.items() if one and one.erased_by is not None)


def kept_out(store: Records, contact_ids: Iterable[str]) -> frozenset[str]:
    """Return those of these contacts, who are not here, whom the CRM has and who were erased.

    They came under an id that nobody had, and were refused for their address or number.
    """
    refused = store.refused.find_many("contacts", sorted(contact_ids))
    return frozenset(id_ for id_, one in refused.items() if one.code == SUPPRESSED)


def of_integration(
    store: Records, found: Mapping[str, Account] | Mapping[str, Contact], ids: Iterable[str]
) -> frozenset[str]:
    """Return those of the ids that are of the rows' integration, or linked with one of it.

    What is not there was named by it: only its rows come before what they name.
    """
    known: Mapping[str, Account | Contact] = found

    def is_own(record_id: str) -> bool:
        if record_id not in known:
            return True
        one = known[record_id]
        linked = one.linked if isinstance(one, Account) else ()
        sources = {link.integration for link in linked}
        if one.source is not None:
            sources.add(one.source.integration)
        return store.integration in sources

    return frozenset(filter(is_own, ids))


def counted[Stored](
    store: Records,
    decisions: Mapping[str, Decision[Stored]],
    accounts: Mapping[str, Sequence[str]],
    read: Mapping[str, Account],
) -> Counter[str]:
    """Count outcomes, and records without an account or with one that is not there yet."""
    counts: Counter[str] = Counter(decision.outcome for decision in decisions.values())
    named = {account_id for some in accounts.values() for account_id in some}
    known = existing({**read, **store.accounts.find_many(named - read.keys())})
    for some in accounts.values():
        counts["unassigned"] += not some
        counts["waiting"] += not known.issuperset(some)
    return counts
