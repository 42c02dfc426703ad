"""Erasures of people, for whoever protects people's data."""

from api.call import Answer, Call
from api.pages import page
from stageline import bootstrap
from stageline.domain.access import Module
from stageline.domain.erasure import Candidate, ErasureRequest
from stageline.domain.erasure_errors import PersonNeeded
from stageline.domain.pins import PinnedKind
from stageline.erasure_ports import Erasures
from stageline.use_cases import erasure_requests as use_cases
from stageline.use_cases import erasure_views as views

_MODULES: dict[PinnedKind, Module] = {
    "account": "accounts",
    "deal": "deals",
    "activity": "activities",
    "task": "tasks",
    "contact": "contacts",
}


def request_erasure(call: Call) -> Answer:
    from api.erasure_bodies import NewErasure

    body = call.body(NewErasure)
    selection = None
    if body.selection is not None:
        zone = bootstrap.configuration(call.workspace).zone()
        selection = views.selection_of(
            body.selection.older_than, body.selection.through, zone, call.today_in(zone)
        )
    asked = use_cases.Asked(
        way=body.way,
        ground=body.ground,
        reason=body.reason,
        fields=body.fields,
        contact_ids=body.contact_ids,
        selection=selection,
        member_id=body.member_id,
        received_on=body.received_on,
        due_on=body.due_on,
    )
    request = use_cases.request_erasure(
        bootstrap.privacy(call.workspace),
        call.new_id("request"),
        asked,
        by=call.principal.subject,
    )
    return _shown(call, request, 202, {"Location": f"/v1/privacy/requests/{request.request_id}"})


def list_erasures(call: Call) -> Answer:
    erasures, today = _erasures(call), call.today
    return Answer(
        page(
            call,
            lambda after, size: erasures.latest(size, after),
            lambda _, request: views.request_document(request, today),
        )
    )


def get_erasure(call: Call) -> Answer:
    return _shown(call, _request(call))


def list_subjects(call: Call) -> Answer:
    request, erasures = _request(call), _erasures(call)
    return Answer(
        page(
            call,
            lambda after, _: (
                (str(part.number), part)
                for part in views.parts_after(erasures, request, int(after or 0))
            ),
            lambda _, part: views.part_document(part),
        )
    )


def list_candidates(call: Call) -> Answer:
    request, place = _request(call), call.place()
    number, behind = (int(one or 0) for one in place or (1, 0))
    found, following = views.candidates_page(
        _erasures(call), request, (number, behind), call.query["limit"]
    )
    readable = [one for one in found if _is_readable(call, one)]
    around = bootstrap.privacy(call.workspace).erasing.records.around
    texts = views.candidate_texts(around, readable)
    return Answer(
        {
            "items": [
                views.candidate_document(one, request.approval, texts.get(one.candidate_id))
                for one in found
            ],
            "next_cursor": following and call.cursor(list(following)),
        }
    )


def preview_again(call: Call) -> Answer:
    privacy = bootstrap.privacy(call.workspace)
    return _shown(call, use_cases.preview_again(privacy, _id(call)), 202)


def approve_erasure(call: Call) -> Answer:
    from api.erasure_bodies import NewApproval

    _refuse_clients(call)
    body = call.body(NewApproval)
    ticked = (
        {"all": None, "none": ()}[body.candidates]
        if isinstance(body.candidates, str)
        else (body.candidates)
    )
    request = use_cases.approve(
        bootstrap.privacy(call.workspace),
        _id(call),
        body.preview,
        ticked,
        by=call.principal.subject,
    )
    return _shown(call, request)


def extend_erasure(call: Call) -> Answer:
    from api.erasure_bodies import NewExtension

    reason = call.body(NewExtension).reason
    return _shown(call, use_cases.extend(bootstrap.privacy(call.workspace), _id(call), reason))


def execute_erasure(call: Call) -> Answer:
    return _shown(call, use_cases.execute(bootstrap.privacy(call.workspace), _id(call)), 202)


def cancel_erasure(call: Call) -> Answer:
    return _shown(call, use_cases.cancel(bootstrap.privacy(call.workspace), _id(call)))


def get_certificate(call: Call) -> Answer:
    privacy = bootstrap.privacy(call.workspace)
    return Answer(None, text=views.certificate_text(privacy, _id(call), call.query["number"]))


def get_signing_key(call: Call) -> Answer:
    from stageline.domain.certificate import fingerprint

    key = bootstrap.signer().public_key()
    return Answer({"public_key": key, "fingerprint": fingerprint(key)})


def release_pins(call: Call) -> Answer:
    from api.erasure_bodies import NewRelease
    from stageline.use_cases import pins

    _refuse_clients(call)
    body = call.body(NewRelease)
    records = bootstrap.privacy(call.workspace).erasing.records
    record = pins.release_pins(records, body.kind, body.record_id, body.fields, stamp=call.stamp)
    return Answer(
        {
            "kind": body.kind,
            "record_id": body.record_id,
            "pinned": list(record.pinned),
            "rev": record.rev,
        }
    )


def _refuse_clients(call: Call) -> None:
    if call.principal.scopes is not None:
        raise PersonNeeded


def _is_readable(call: Call, candidate: Candidate) -> bool:
    module = _MODULES[candidate.kind]
    return call.rights.opens(module) and call.rights.access.reads(module, candidate.field)


def _id(call: Call) -> str:
    return call.id_of("erasure request")


def _erasures(call: Call) -> Erasures:
    return bootstrap.erasures(call.workspace)


def _request(call: Call) -> ErasureRequest:
    return _erasures(call).get(_id(call))


def _shown(
    call: Call, request: ErasureRequest, status: int = 200, headers: dict[str, str] | None = None
) -> Answer:
    progress = views.progress_of(_erasures(call), request)
    return Answer(views.request_document(request, call.today, progress), status, headers or {})
