"""What callers see of erasure requests: how far one is, whom it is about, texts to decide about."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from stageline.domain.custom_value import shown
from stageline.domain.erasure import (
    SATISFIES_ARTICLE_17,
    Approval,
    Candidate,
    ErasureRequest,
    Part,
    Preview,
    Selection,
)
from stageline.domain.errors import Invalid, NotFound
from stageline.domain.pins import CUSTOM_PREFIX, PinnedKind
from stageline.erasure_ports import Erasures, Step
from stageline.use_cases.erasure_mentions import Around, Lasting
from stageline.use_cases.erasure_requests import Privacy

# A page looks at so many parts for what it lists, which may be none.
MOST_PARTS = 50


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the parts are through with a step."""

    step: Step
    done: int
    of: int


def progress_of(erasures: Erasures, request: ErasureRequest) -> Progress | None:
    """Return how far a request is; None while nothing is being done about it."""
    match request.status:
        case "previewing" if not request.parts:
            return Progress("select", 0, 1)
        case "previewing":
            step: Step = "look"
        case "checking":
            step = "check"
        case "erasing":
            step = "erase"
        case "finishing":
            return Progress("finish", 0, 1)
        case _:
            return None
    done = erasures.marked(request.request_id, step, request.round)
    return Progress(step, done, request.parts)


def certificate_text(privacy: Privacy, request_id: str, number: int | None) -> str:
    """Return a certificate's file, the latest without a number. Raises NotFound."""
    request = privacy.erasing.records.erasures.get(request_id)
    number = number or request.certificates
    if number == 0:
        raise NotFound("certificate")
    return privacy.certificates().read(privacy.workspace, request_id, number)


def parts_after(erasures: Erasures, request: ErasureRequest, number: int) -> Iterator[Part]:
    """Yield the parts that follow a number, each read when it is asked for."""
    for following in range(number + 1, request.parts + 1):
        part = erasures.part(request.request_id, following)
        if part is not None:
            yield part


def candidates_page(
    erasures: Erasures, request: ErasureRequest, after: tuple[int, int], limit: int
) -> tuple[list[Candidate], tuple[int, int] | None]:
    """Return up to `limit` candidates after a place, and the place to go on after, if any.

    A place is a part and how many of its candidates are behind. Of parts without candidates a page
    passes over so many only, and may be empty.
    """
    if request.preview is None or request.preview.candidates == 0:
        return [], None
    found: list[Candidate] = []
    number, behind = after
    for part in parts_after(erasures, request, number - 1):
        if part.number != number:
            behind = 0
        taken = part.candidates[behind : behind + limit - len(found)]
        found += taken
        behind += len(taken)
        if behind < len(part.candidates):
            return found, (part.number, behind)
        if len(found) == limit or part.number - number >= MOST_PARTS:
            is_last = part.number == request.parts
            return found, None if is_last else (part.number + 1, 0)
    return found, None


def candidate_texts(around: Around, candidates: Iterable[Candidate]) -> Mapping[str, str]:
    """Return what the candidates' fields say now, by the ids of candidates; blank ones are none."""
    ids: dict[PinnedKind, set[str]] = {}
    candidates = list(candidates)
    for one in candidates:
        ids.setdefault(one.kind, set()).add(one.record_id)
    records: dict[tuple[PinnedKind, str], Lasting] = {}
    for kind, some in ids.items():
        records |= {(kind, id_): one for id_, one in _find_many(around, kind, some).items()}
    texts = {
        one.candidate_id: _text(records[one.kind, one.record_id], one.field)
        for one in candidates
        if (one.kind, one.record_id) in records
    }
    return {id_: text for id_, text in texts.items() if text}


def _find_many(around: Around, kind: PinnedKind, ids: Iterable[str]) -> Mapping[str, Lasting]:
    match kind:
        case "account":
            return around.accounts.find_many(ids)
        case "deal":
            return around.deals.find_many(ids)
        case "activity":
            return around.activities.find_many(ids)
        case "task":
            return around.tasks.find_many(ids)
        case _:
            return {}


def _text(record: Lasting, field: str) -> str:
    described: Any = getattr(record, record.DESCRIBED)
    if field.startswith(CUSTOM_PREFIX):
        value = described.custom.get(field.removeprefix(CUSTOM_PREFIX))
        said = None if value is None else shown(value)
    else:
        said = getattr(described, field, None)
    if isinstance(said, (tuple, list)):
        return ", ".join(map(str, said))
    return "" if said is None else str(said)


def request_document(
    request: ErasureRequest, today: date, progress: Progress | None = None
) -> dict[str, Any]:
    """Return a request as the API, the function and the command show it: JSON-ready."""
    return {
        "id": request.request_id,
        "way": request.way,
        "satisfies_article_17": request.way in SATISFIES_ARTICLE_17,
        "ground": request.ground,
        "reason": request.reason,
        "fields": list(request.fields),
        "contacts": len(request.contact_ids),
        "selection": request.selection and {"through": _instant(request.selection.through)},
        "member_id": request.member_id,
        "requested_by": request.requested_by,
        "requested_at": _instant(request.requested_at),
        "received_on": request.received_on.isoformat(),
        "due_on": request.due_on.isoformat(),
        "extended": request.is_extended,
        "extended_because": request.extended_because,
        "overdue": request.is_overdue(today),
        "status": request.status,
        "progress": progress and {"step": progress.step, "done": progress.done, "of": progress.of},
        "parts": request.parts,
        "preview": request.preview and _preview(request.preview),
        "approval": request.approval and _approval(request.approval),
        "certificate": {"number": request.certificates, "state": request.certificate_state}
        if request.certificates
        else None,
        "erased_at": _instant(request.erased_at),
        "unreachable": {store: _instant(since) for store, since in request.unreachable.items()},
        "rev": request.rev,
    }


def part_document(part: Part) -> dict[str, Any]:
    return {
        "part": part.number,
        "asked": list(part.asked),
        "contact_ids": list(part.contact_ids),
        "shared": [{"contact_id": id_, "kind": kind} for id_, kind in part.shared],
        "skipped": list(part.skipped),
    }


def candidate_document(
    candidate: Candidate, approval: Approval | None, text: str | None
) -> dict[str, Any]:
    return {
        "id": candidate.candidate_id,
        "kind": candidate.kind,
        "record_id": candidate.record_id,
        "field": candidate.field,
        "text": text,
        "ticked": None if approval is None else approval.is_ticked(candidate),
    }


def selection_of(
    older_than: str | None, through: datetime | None, zone: str, today: date
) -> Selection:
    """Return the selection of whoever is older than a period like "P2Y", or not younger than an
    instant. Raises Invalid, naming the field.
    """
    from stageline.domain import ages

    if through is not None and older_than is None:
        return Selection(through)
    if older_than is None or through is not None:
        raise Invalid("selection", "one_of", "says either older_than or through")
    try:
        period = ages.parse_period(older_than)
    except ValueError as error:
        raise Invalid("selection.older_than", "no_duration", str(error)) from error
    return Selection(ages.older_than(period, zone, today))


def _preview(one: Preview) -> dict[str, Any]:
    return {
        "hash": one.hash,
        "made_at": _instant(one.made_at),
        "subjects": one.subjects,
        "identifiers": one.identifiers,
        "shared": one.shared,
        "candidates": one.candidates,
        "skipped": one.skipped,
        "counts": dict(one.counts),
    }


def _approval(one: Approval) -> dict[str, Any]:
    ticked = "all" if one.ticked is None else "some" if one.ticked else "none"
    return {"by": one.by, "at": _instant(one.at), "preview": one.preview, "candidates": ticked}


def _instant(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat().replace("+00:00", "Z")
