"""What callers do about erasure requests: ask, look, approve, extend, cancel, have them done."""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import batched

from stageline.domain.due_days import due_day
from stageline.domain.erasure import (
    MOST_IDS,
    SUBJECTS_OF_A_PART,
    ErasureRequest,
    Ground,
    Part,
    Selection,
    claimed_by,
    masked_fields,
    preview_of,
)
from stageline.domain.erasure_errors import NotApproved, PreviewChanged, RequestOpen, RequestState
from stageline.domain.errors import AlreadyExists, Invalid, NotFound
from stageline.domain.journal import Way
from stageline.domain.workspace import Workspace
from stageline.erasure_ports import ErasureQueue, WorkingFiles
from stageline.privacy_ports import Certificates, Journal, Signer
from stageline.use_cases.again import again
from stageline.use_cases.erasing import Erasing
from stageline.use_cases.erasing_members import Members, look_for_member, refuse_active
from stageline.use_cases.erasure_look import look

# The tick, once an hour, takes up what waits so long: time for the steps between two of them.
RETRIED_AFTER = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Privacy:
    """What erasures of one workspace read and write; what only some need is built when needed.

    `is_import_open`: whether an import may still need its file.
    """

    workspace: Workspace
    erasing: Erasing
    queue: Callable[[], ErasureQueue]
    journal: Callable[[], Journal]
    certificates: Callable[[], Certificates]
    signer: Callable[[], Signer]
    files: Callable[[], WorkingFiles]
    is_import_open: Callable[[str], bool]
    today: Callable[[], date]

    @property
    def members(self) -> Members:
        assert self.erasing.members is not None
        return self.erasing.members

    @property
    def now(self) -> Callable[[], datetime]:
        return self.erasing.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks for."""

    way: Way
    ground: Ground
    reason: str
    fields: Sequence[str] = ()
    contact_ids: Sequence[str] = ()
    selection: Selection | None = None
    member_id: str | None = None
    received_on: date | None = None
    due_on: date | None = None


def request_erasure(privacy: Privacy, request_id: str, asked: Asked, *, by: str) -> ErasureRequest:
    """Store a request and have its preview made. Safe to repeat with the same id.

    Raises Invalid, RequestOpen.
    """
    erasures, today = privacy.erasing.records.erasures, privacy.today()
    with suppress(NotFound):
        return erasures.get(request_id)
    received_on = asked.received_on or today
    due_on = due_day(received_on, asked.due_on, today)
    fields = masked_fields(asked.way, asked.fields)
    contact_ids = tuple(dict.fromkeys(asked.contact_ids))
    if [bool(contact_ids), asked.selection is not None, asked.member_id is not None].count(
        True
    ) != 1:
        raise Invalid("contact_ids", "one_of", "say contact_ids, a selection or a member_id")
    if asked.member_id is not None and asked.way != "erase":
        raise Invalid("way", "not_of_members", "a member is erased; there is nothing else")
    if len(contact_ids) > MOST_IDS:
        raise Invalid("contact_ids", "too_many", f"at most {MOST_IDS}; use a selection")
    now = privacy.now()
    request = ErasureRequest(
        request_id=request_id,
        way=asked.way,
        ground=asked.ground,
        reason=asked.reason,
        fields=fields,
        contact_ids=contact_ids,
        selection=asked.selection,
        member_id=asked.member_id,
        requested_by=by,
        requested_at=now,
        received_on=received_on,
        due_on=due_on,
        next_at=now + RETRIED_AFTER,
    )
    _refuse_unknown(privacy, contact_ids)
    if asked.member_id is not None:
        refuse_active(privacy.members, asked.member_id)
    claimed = contact_ids if asked.member_id is None else (asked.member_id,)
    for other, _ in erasures.claims(claimed).values():
        if other != request_id:
            raise RequestOpen(other)
    try:
        erasures.add(request)
    except AlreadyExists:
        return erasures.get(request_id)
    # At once, so that a second request about one of them is refused, and nobody touches them.
    cut = batched(contact_ids, SUBJECTS_OF_A_PART, strict=False)
    for number, some in enumerate(cut, start=1):
        erasures.claim(request_id, some, number)
    privacy.queue().send(request_id, "select", [0])
    return request


def preview_again(privacy: Privacy, request_id: str) -> ErasureRequest:
    """Have the preview made anew; an approval of the former one ends.

    Again, while it is being made, asks for the same. Raises NotFound, RequestState.
    """
    erasures = privacy.erasing.records.erasures

    def attempt() -> ErasureRequest:
        request = erasures.get(request_id)
        if request.status == "previewing":
            return request
        if request.status not in ("previewed", "approved"):
            raise RequestState(request.status)
        after = request.to(
            "previewing",
            round=request.round + 1,
            approval=None,
            next_at=privacy.now() + RETRIED_AFTER,
        )
        erasures.save(after)
        return after

    request = again(attempt)
    privacy.queue().send(request_id, "look", range(1, request.parts + 1))
    return request


def approve(
    privacy: Privacy,
    request_id: str,
    preview: str,
    ticked: Collection[str] | None,
    *,
    by: str,
) -> ErasureRequest:
    """Let exactly this preview be done; `ticked` None: with all candidates.

    Raises NotFound, RequestState, PreviewChanged, OwnRequest, Invalid.
    """
    erasures = privacy.erasing.records.erasures

    def attempt() -> ErasureRequest:
        request = erasures.get(request_id)
        after = request.approved(by, preview, ticked, privacy.now())
        if not (request.preview and request.preview.subjects):
            raise Invalid("preview", "empty", "nobody would be erased; cancel the request")
        erasures.save(after)
        return after

    if ticked:
        known = {one.candidate_id for part in erasures.parts(request_id) for one in part.candidates}
        if not known.issuperset(ticked):
            raise Invalid("candidates", "unknown", "are ids of candidates of this preview")
    return again(attempt)


def extend(privacy: Privacy, request_id: str, because: str | None = None) -> ErasureRequest:
    """Give the request two months more, once (Art. 12(3)).

    Raises NotFound, RequestState, AlreadyExtended.
    """
    erasures = privacy.erasing.records.erasures

    def attempt() -> ErasureRequest:
        after = erasures.get(request_id).extended(because)
        erasures.save(after)
        return after

    return again(attempt)


def cancel(privacy: Privacy, request_id: str) -> ErasureRequest:
    """End a request of which nothing is done yet. Raises NotFound, RequestState."""
    erasures = privacy.erasing.records.erasures

    def attempt() -> ErasureRequest:
        request = erasures.get(request_id)
        if request.status == "cancelled":
            return request
        if not request.can_be_cancelled:
            raise RequestState(request.status)
        next_at = privacy.now() + RETRIED_AFTER if request.parts > 1 else None
        after = request.to("cancelled", reason=None, extended_because=None, next_at=next_at)
        erasures.save(after)
        return after

    request = again(attempt)
    if request.parts > 1:
        # As many transactions as parts: more than a call has time for.
        privacy.queue().send(request_id, "release", range(1, request.parts + 1))
        return request
    erasures.release(request_id, request.contact_ids)
    for part in erasures.parts(request_id):
        erasures.release(request_id, claimed_by(request, part))
    return request


def execute(privacy: Privacy, request_id: str) -> ErasureRequest:
    """Have an approved request done. Again does nothing.

    Of one part it is looked at once more before this returns; of several, before the first of them
    is begun. Raises NotFound, NotApproved, PreviewChanged: the new preview is stored then.
    """
    erasures = privacy.erasing.records.erasures

    def attempt() -> ErasureRequest:
        request = erasures.get(request_id)
        if request.is_under_way or request.status == "done":
            return request
        if request.status != "approved" or request.approval is None:
            raise NotApproved
        if request.parts == 1:
            after = _looked_at_once_more(privacy, request)
        else:
            after = request.to("checking", round=request.round + 1)
        if after.is_under_way:
            after = replace(after, next_at=privacy.now() + RETRIED_AFTER)
        erasures.save(after)
        return after

    request = again(attempt)
    if request.status == "previewed":
        raise PreviewChanged
    if request.status == "checking":
        privacy.queue().send(request_id, "check", range(1, request.parts + 1))
    if request.status == "erasing":
        privacy.queue().send(request_id, "erase", range(1, request.parts + 1))
    return request


def looked_at(privacy: Privacy, request: ErasureRequest, part: Part) -> Part:
    """Return the part with what is found now, to be stored over it; itself when nothing differs."""
    if request.member_id is not None:
        return look_for_member(privacy.erasing, request, part)
    return look(privacy.erasing.records, request, part)


def _looked_at_once_more(privacy: Privacy, request: ErasureRequest) -> ErasureRequest:
    """Return the request on its way, or back at its preview when that has changed."""
    records = privacy.erasing.records
    part = records.erasures.part(request.request_id, 1)
    assert part is not None and request.approval is not None
    seen = looked_at(privacy, request, part)
    if seen is not part:
        records.erasures.save_look(request, seen)
    preview = preview_of(request, [seen], privacy.now())
    if preview.hash != request.approval.preview:
        return request.to("previewed", preview=preview, approval=None)
    return request.to("erasing", preview=preview, round=request.round + 1)


def _refuse_unknown(privacy: Privacy, contact_ids: Sequence[str]) -> None:
    found = privacy.erasing.records.contacts.find_many(contact_ids)
    there = {id_ for id_, one in found.items() if not one.erased_by and not one.is_anonymous}
    if not there.issuperset(contact_ids):
        raise Invalid("contact_ids", "unknown", "there is no contact with this id to be erased")
