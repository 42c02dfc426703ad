"""The end of an erasure: the files are removed, all that was read back becomes a certificate."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta

from stageline.domain.certificate import Certificate, Horizon, StoreResult, state_of
from stageline.domain.erasure import (
    RETRIED_AFTER,
    SATISFIES_ARTICLE_17,
    ErasureRequest,
    Part,
    StoreUnreachable,
    claimed_by,
)
from stageline.domain.erasure_stores import FILES, HORIZONS, METHODS, METHODS_OF_MEMBERS, USERS
from stageline.domain.errors import AlreadyExists, Stale
from stageline.use_cases.certificates import issue
from stageline.use_cases.erasing_members import end_of_member
from stageline.use_cases.erasure_requests import Privacy

_CERTIFICATE_TRIES = 5


def finish(privacy: Privacy, request: ErasureRequest) -> ErasureRequest:
    """Say what became of a request whose parts are all done; return the request as it is then."""
    erasures = privacy.erasing.records.erasures
    files, request = _files(privacy, request)
    results = list(erasures.results(request.request_id))
    left: Counter[str] = Counter()
    for result in results:
        left.update(result.remaining)
    read_at = min((result.read_at for result in results), default=privacy.now())
    parts = list(erasures.parts(request.request_id))
    stays = False
    if request.member_id is not None:
        user, more, stays = end_of_member(privacy.erasing, request, parts)
        left.update(more)
        files = (*files, user)
        if user.unreachable_since is not None:
            unreachable = {**request.unreachable, USERS: user.unreachable_since}
            request = replace(request, unreachable=unreachable)
        elif USERS in request.unreachable:
            kept = {one: at for one, at in request.unreachable.items() if one != USERS}
            request = replace(request, unreachable=kept)
    stores = (*_stores(request, parts, left, read_at), *files)
    erased_at = request.erased_at
    if erased_at is None and all(one.is_clean for one in stores):
        erased_at = privacy.now()
    horizons = tuple(_horizons(request, (erased_at or privacy.now()).date()))
    state = state_of(stores, horizons, privacy.today())
    assert request.preview is not None and request.approval is not None
    certificate = Certificate(
        workspace=privacy.workspace.id,
        request_id=request.request_id,
        way=request.way,
        satisfies_article_17=request.way in SATISFIES_ARTICLE_17,
        ground=request.ground,
        requested_on=request.received_on,
        due_on=request.due_on,
        approved_by=request.approval.by,
        approved_at=request.approval.at,
        policy=request.policy,
        preview=request.approval.preview,
        state=state,
        issued_at=privacy.now(),
        subjects=sum(result.subjects for result in results),
        suppressed=sum(result.suppressed for result in results),
        shared_identifiers=request.preview.shared,
        stores=stores,
        horizons=horizons,
        residue=tuple(_residue(request, parts, is_user=stays)),
    )
    number = _keep(privacy, request, certificate)
    next_at: datetime | None = None
    if state == "partial":
        next_at = privacy.now() + RETRIED_AFTER
    elif state == "live_erased":
        last = max(one.until for one in horizons)
        next_at = privacy.now() + (last - privacy.today() + timedelta(days=1))
    after = request.to(
        "done",
        certificates=number,
        certificate_state=state,
        erased_at=erased_at,
        reason=request.reason if erased_at is None else None,
        next_at=next_at,
    )
    if erased_at is not None:
        _let_go(privacy, request, parts)
    try:
        erasures.save(after)
    except Stale:
        return erasures.get(request.request_id)
    return after


def _files(
    privacy: Privacy, request: ErasureRequest
) -> tuple[tuple[StoreResult, ...], ErasureRequest]:
    """Remove the files of all finished imports: which of them name the person is not asked."""
    if request.way == "mask_selected":
        return (), request
    try:
        held = privacy.files().held()
        ended = [
            key for key, job_id in held if job_id is None or not privacy.is_import_open(job_id)
        ]
        removed = request.files_removed + privacy.files().remove(ended)
        left = len(privacy.files().held())
    except StoreUnreachable:
        since = request.unreachable.get(FILES, privacy.now())
        result = StoreResult(
            store=FILES,
            method=METHODS[FILES],
            expected=request.files_removed,
            removed=request.files_removed,
            unreachable_since=since,
        )
        return (result,), replace(request, unreachable={**request.unreachable, FILES: since})
    result = StoreResult(
        store=FILES,
        method=METHODS[FILES],
        expected=removed + left,
        removed=removed,
        remaining=left,
        read_at=privacy.now(),
    )
    answered = {one: at for one, at in request.unreachable.items() if one != FILES}
    return (result,), replace(request, files_removed=removed, unreachable=answered)


def _stores(
    request: ErasureRequest, parts: list[Part], left: Mapping[str, int], read_at: datetime
) -> Iterator[StoreResult]:
    expected: Counter[str] = Counter()
    for part in parts:
        expected.update(part.counts)
        for candidate in part.candidates:
            if request.approval and request.approval.is_ticked(candidate):
                expected[candidate.kind] += 1
    for store in sorted(expected.keys() | left.keys()):
        remains = left.get(store, 0)
        yield StoreResult(
            store=store,
            method=_method(request, store),
            expected=expected[store],
            removed=max(expected[store] - remains, 0),
            remaining=remains,
            read_at=read_at,
        )


def _method(request: ErasureRequest, store: str) -> str:
    if request.way == "mask_selected":
        return "masked"
    return (METHODS if request.member_id is None else METHODS_OF_MEMBERS)[store]


def _horizons(request: ErasureRequest, erased_on: date) -> Iterator[Horizon]:
    for store, days, what in HORIZONS:
        yield Horizon(store=store, until=erased_on + timedelta(days=days), what=what)


def _residue(request: ErasureRequest, parts: list[Part], *, is_user: bool) -> Iterator[str]:
    """Yield what stays of the person on purpose, as codes (docs/privacy.md)."""
    yield "audit_names_ids_and_fields"
    if request.way == "mask_selected":
        yield "fields_that_were_not_chosen"
        return
    yield "identifiers_as_keyed_hashes"
    if request.member_id is not None:
        yield "member_id"
        yield "texts_that_name_the_member"
        yield "records_about_what_no_file_has_brought"
    if is_user:
        yield "member_of_another_workspace"
    if any(part.shared for part in parts):
        yield "shared_identifiers"
    approval = request.approval
    if approval and any(not approval.is_ticked(one) for part in parts for one in part.candidates):
        yield "mentions_that_were_not_ticked"


def _keep(privacy: Privacy, request: ErasureRequest, certificate: Certificate) -> int:
    """Write the certificate down under the next number that is free, and return that."""
    kept = privacy.certificates()
    for _ in range(_CERTIFICATE_TRIES):
        number = kept.latest(privacy.workspace, request.request_id) + 1
        with suppress(AlreadyExists):
            text = issue(certificate, privacy.signer())
            kept.write(privacy.workspace, request.request_id, number, text)
            return number
    raise Stale("certificate")


def _let_go(privacy: Privacy, request: ErasureRequest, parts: list[Part]) -> None:
    """Free the contacts, and forget which anonymous one took whose place."""
    erasures = privacy.erasing.records.erasures
    for part in parts:
        erasures.release(request.request_id, claimed_by(request, part))
        if part.shells:
            erasures.save_part(request.request_id, replace(part, shells={}, rev=part.rev + 1))
