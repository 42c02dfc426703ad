"""The steps of an erasure request, as a worker does them: select, look, check, erase, finish.

Each part does a step and is marked; who marks the last one leads the request on. A message may come
twice, late or never: what is not due any more does nothing, and the tick sends again what is.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import batched, chain, islice

from stageline.domain.erasure import (
    MOST_SUBJECTS,
    SUBJECTS_OF_A_PART,
    ErasureRequest,
    Part,
    PartResult,
    Status,
    claimed_by,
    entry_of,
    preview_of,
)
from stageline.domain.errors import Stale
from stageline.domain.ids import random_id
from stageline.erasure_ports import Step
from stageline.use_cases.again import again
from stageline.use_cases.erasing import carry_out, remaining
from stageline.use_cases.erasing_members import (
    erase_member_part,
    remaining_of_member,
    select_parts,
)
from stageline.use_cases.erasure_finish import finish
from stageline.use_cases.erasure_requests import RETRIED_AFTER, Privacy, looked_at

_STATUS: dict[Step, Status] = {
    "select": "previewing",
    "look": "previewing",
    "check": "checking",
    "erase": "erasing",
    "finish": "finishing",
}


def work(privacy: Privacy, request_id: str, step: Step, number: int) -> ErasureRequest:
    """Do one step of a request, of one part; return the request as it is then.

    Raises NotFound, Stale when others are always first, IndexesLate; and what a store raises.
    """
    erasures = privacy.erasing.records.erasures
    request = erasures.get(request_id)
    if request.status == "cancelled":
        return _release(privacy, request, number)
    if request.status != _STATUS.get(step):
        return request
    if step == "select":
        return _select(privacy, request)
    if step == "finish":
        return finish(privacy, request)
    if not erasures.is_marked(request_id, step, number, request.round):
        if step == "erase":
            _erase(privacy, request, number)
        elif not _look(privacy, request, number):
            now = erasures.get(request_id)
            return _release(privacy, now, number) if now.status == "cancelled" else now
        erasures.mark(request_id, step, number, request.round)
    if erasures.marked(request_id, step, request.round) < request.parts:
        return request
    return _lead_on(privacy, request)


def tick(privacy: Privacy) -> Iterator[ErasureRequest]:
    """Take up what waits: messages that were lost, what could not be reached, the last look.

    Yields each request as it was taken up.
    """
    erasures = privacy.erasing.records.erasures
    for found in list(erasures.due(privacy.now())):
        request = erasures.get(found.request_id)
        if request.next_at is None or request.next_at > privacy.now():
            continue
        again_at = privacy.now() + RETRIED_AFTER
        if request.status == "done":
            after = request.to("erasing", round=request.round + 1, next_at=again_at)
        else:
            after = replace(request, next_at=again_at, rev=request.rev + 1)
        try:
            erasures.save(after)
        except Stale:
            continue
        _send(privacy, after)
        yield after


def waiting(privacy: Privacy) -> frozenset[str]:
    """Return the requests of which something is being erased, or could not be reached."""
    by_then = privacy.now() + 2 * RETRIED_AFTER
    due = privacy.erasing.records.erasures.due(by_then)
    return frozenset(request.request_id for request in due if request.is_waiting)


def _send(privacy: Privacy, request: ErasureRequest) -> None:
    """Ask for the step that the request is at."""
    queue, parts = privacy.queue(), range(1, request.parts + 1)
    match request.status:
        case "previewing":
            if request.parts:
                queue.send(request.request_id, "look", parts)
            else:
                queue.send(request.request_id, "select", [0])
        case "checking":
            queue.send(request.request_id, "check", parts)
        case "erasing":
            queue.send(request.request_id, "erase", parts)
        case "finishing":
            queue.send(request.request_id, "finish", [0])
        case "cancelled":
            queue.send(request.request_id, "release", parts)
        case _:
            return


def _select(privacy: Privacy, request: ErasureRequest) -> ErasureRequest:
    """Cut those who are asked for into parts, at most 100,000 of a selection, the oldest first."""
    records = privacy.erasing.records
    if request.parts:
        return request
    if request.member_id is not None:
        number = 0
        for part in select_parts(privacy.members, request.member_id):
            records.erasures.put_part(request.request_id, part)
            number = part.number
        return _cut_into(privacy, request, number)
    if request.selection is None:
        ids: Iterator[str] = iter(request.contact_ids)
    else:
        by_age = records.contacts.by_age(through=request.selection.through, page=1_000)
        ids = (one.contact_id for _, one in by_age if not one.is_anonymous)
    number = 0
    cut = batched(islice(ids, MOST_SUBJECTS), SUBJECTS_OF_A_PART, strict=False)
    first = next(cut, ())
    for number, some in enumerate(chain([first], cut), start=1):
        records.erasures.put_part(request.request_id, Part(number=number, asked=tuple(some)))
    return _cut_into(privacy, request, number)


def _cut_into(privacy: Privacy, request: ErasureRequest, parts: int) -> ErasureRequest:
    after = request.to(
        "previewing",
        parts=parts,
        round=request.round + 1,
        next_at=privacy.now() + RETRIED_AFTER,
    )
    privacy.erasing.records.erasures.save(after)
    _send(privacy, after)
    return after


def _look(privacy: Privacy, request: ErasureRequest, number: int) -> bool:
    """Look at a part; tell whether the request still waits for that."""
    erasures = privacy.erasing.records.erasures

    def attempt() -> bool:
        now = erasures.get(request.request_id)
        if (now.status, now.round) != (request.status, request.round):
            return False
        part = erasures.part(request.request_id, number)
        if part is None:
            raise Stale("part")
        seen = looked_at(privacy, request, part)
        if seen is not part:
            erasures.save_look(request, seen)
        return True

    return again(attempt)


def _release(privacy: Privacy, request: ErasureRequest, number: int) -> ErasureRequest:
    """Let go of whom a part of a cancelled request has claimed."""
    erasures, request_id = privacy.erasing.records.erasures, request.request_id
    part = erasures.part(request_id, number)
    if part is None:
        # Its message asked for parts to be cut.
        return request
    erasures.release(request_id, claimed_by(request, part))
    erasures.mark(request_id, "release", number, request.round)
    is_through = erasures.marked(request_id, "release", request.round) >= request.parts
    if is_through and request.next_at is not None:
        with suppress(Stale):
            erasures.save(replace(request, next_at=None, rev=request.rev + 1))
    return request


def _erase(privacy: Privacy, request: ErasureRequest, number: int) -> None:
    """Write the journal, then do what it says, then read back what is left."""
    erasing = privacy.erasing
    erasures = erasing.records.erasures
    part = again(lambda: _with_shells(privacy, request, number))
    entry = entry_of(privacy.workspace, request, part)
    privacy.journal().write(entry)
    subjects, suppressed = len(part.contact_ids), len(part.identifiers)
    if request.member_id is None:
        changed = carry_out(erasing, entry, part.shells)
        left = remaining(erasing, entry, part.links, part.unique)
    else:
        changed = erase_member_part(erasing, entry, part)
        left = remaining_of_member(erasing, entry, part)
        # Each of the parts looked for the same one.
        subjects = int(number == 1 and not part.skipped)
        suppressed = suppressed if number == 1 else 0
    result = PartResult(
        number,
        {store: count for store, count in left.items() if count},
        erasing.now(),
        subjects,
        suppressed,
        changed,
    )
    erasures.save_result(request.request_id, result)


def _with_shells(privacy: Privacy, request: ErasureRequest, number: int) -> Part:
    """Return the part, with an id for each anonymous contact that is to be made."""
    erasures = privacy.erasing.records.erasures
    part = erasures.part(request.request_id, number)
    if part is None:
        raise Stale("part")
    if request.way != "anonymize" or part.shells or request.erased_at is not None:
        return part
    shells = {contact_id: random_id() for contact_id in part.contact_ids}
    after = replace(part, shells=shells, rev=part.rev + 1)
    erasures.save_part(request.request_id, after)
    return after


def _lead_on(privacy: Privacy, request: ErasureRequest) -> ErasureRequest:
    """Return the request in its next state, when all parts have done their step."""
    erasures, now = privacy.erasing.records.erasures, privacy.now()
    again_at = now + RETRIED_AFTER
    match request.status:
        case "previewing":
            preview = preview_of(request, erasures.parts(request.request_id), now)
            after = request.to("previewed", preview=preview, next_at=None)
        case "checking":
            preview = preview_of(request, erasures.parts(request.request_id), now)
            assert request.approval is not None
            if preview.hash != request.approval.preview:
                after = request.to("previewed", preview=preview, approval=None, next_at=None)
            else:
                after = request.to(
                    "erasing", preview=preview, round=request.round + 1, next_at=again_at
                )
        case "erasing":
            after = request.to("finishing", next_at=again_at)
        case _:
            return request
    try:
        erasures.save(after)
    except Stale:
        # Somebody else marked the last part, too.
        return erasures.get(request.request_id)
    _send(privacy, after)
    return after
