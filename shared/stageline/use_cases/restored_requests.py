"""Erasure requests that a restore has thrown back, though the journal says that they were begun."""

from collections.abc import Mapping
from functools import partial

from stageline.domain.erasure import ErasureRequest, claimed_by, entry_of
from stageline.domain.errors import NotFound
from stageline.domain.journal import JournalEntry
from stageline.use_cases.again import again
from stageline.use_cases.erasing import Erasing


def kept_shells(erasing: Erasing, entry: JournalEntry) -> Mapping[str, str]:
    """Return the ids of anonymous contacts that were being made when the backup was taken."""
    part = erasing.records.erasures.part(entry.request_id, entry.part)
    return part.shells if part else {}


def lead_on(erasing: Erasing, entry: JournalEntry) -> None:
    """Let the request of an entry go on from where the entry was written. Raises Stale.

    The hourly tick takes it from there to its certificate. When the table does not know this
    approval, the request is cancelled: it cannot be shown anew, for the people are gone.
    """
    erasures = erasing.records.erasures
    request = again(partial(_lead_on, erasing, entry))
    if request is not None and request.status == "cancelled":
        for part in erasures.parts(request.request_id):
            erasures.release(request.request_id, claimed_by(request, part))


def _lead_on(erasing: Erasing, entry: JournalEntry) -> ErasureRequest | None:
    erasures = erasing.records.erasures
    try:
        request = erasures.get(entry.request_id)
    except NotFound:
        return None
    if request.can_be_cancelled or request.status == "checking":
        part = erasures.part(entry.request_id, entry.part)
        is_known = (
            request.approval is not None
            and part is not None
            and entry_of(entry.workspace, request, part) == entry
        )
        if is_known:
            after = request.to(
                "erasing",
                reason=None,
                extended_because=None,
                round=request.round + 1,
                next_at=erasing.now(),
            )
        else:
            after = request.to(
                "cancelled", reason=None, extended_because=None, approval=None, next_at=None
            )
    elif request.reason is not None or request.extended_because is not None:
        after = request.to(request.status, reason=None, extended_because=None)
    else:
        return request
    erasures.save(after)
    return after
