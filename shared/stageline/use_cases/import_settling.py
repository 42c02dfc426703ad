"""Settling: the stages of what an import touched are right before it says that it is completed."""

from collections.abc import Iterable
from datetime import date, datetime

from stageline.domain.errors import Stale
from stageline.use_cases.pipeline import (
    Stores,
    evaluate_group,
    live_members,
    refresh_ledger,
    refresh_rows,
)

_PASSES = 10


def settle_fully(stores: Stores, account_ids: Iterable[str], *, today: date, now: datetime) -> None:
    """Run the pipeline over these accounts; a group whose value was written, until it is not.

    What one worker writes may rest on what another was changing meanwhile: looking once more after
    a write finds that out, as the stream does otherwise (DESIGN §3, rule 3). Groups that the
    accounts have left are evaluated too: an earlier try may have ended between the move and that.
    Raises Stale.
    """
    account_ids = list(dict.fromkeys(account_ids))
    roots = {root for account_id in account_ids for root in refresh_ledger(stores, account_id)}
    for account in stores.accounts.find_many(account_ids).values():
        roots |= {one.root_id for one in account.memberships if one.root_id is not None}
    unsure = sorted(roots)
    for _ in range(_PASSES):
        unsure = [
            root_id for root_id in unsure if evaluate_group(stores, root_id, today=today, now=now)
        ]
        if not unsure:
            break
    else:
        raise Stale("stage")
    members = dict.fromkeys(account_ids)
    for root_id in sorted(roots):
        members |= dict.fromkeys(live_members(stores, root_id))
    refresh_rows(stores, members, now=now)
