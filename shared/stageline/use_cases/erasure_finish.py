"""The end of an erasure: the files are removed, all that was read back becomes a certificate."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from stageline.domain.certificate import Certificate, Horizon, StoreResult, state_of
from stageline.domain.erasure import SATISFIES_ARTICLE_17, ErasureRequest, claimed_by
from stageline.domain.erasure_errors import StoreUnreachable
from stageline.domain.erasure_stores import FILES, HORIZONS, METHODS, METHODS_OF_MEMBERS, USERS
from stageline.domain.errors import AlreadyExists, Stale
from stageline.use_cases.certificates import issue
from stageline.use_cases.erasing_members import end_of_member
from stageline.use_cases.erasure_requests import RETRIED_AFTER, Privacy

_CERTIFICATE_TRIES = 5
# Longer than any function runs.
LOOKED_AT_AGAIN_AFTER = timedelta(minutes=30)


def finish(privacy: Privacy, request: ErasureRequest) -> ErasureRequest:
    """Say what became of a request whose parts are all done; return the request as it is then."""
    erasures = privacy.erasing.records.erasures
    files, request = _files(privacy, request)
    done = _gathered(privacy, request)
    stays = False
    if request.member_id is not None:
        parts = erasures.parts(request.request_id)
        user, more, stays = end_of_member(privacy.erasing, request, parts)
        done.left.update(more)
        files = (*files, user)
        if user.unreachable_since is not None:
            unreachable = {**request.unreachable, USERS: user.unreachable_since}
            request = replace(request, unreachable=unreachable)
        elif USERS in request.unreachable:
            kept = {one: at for one, at in request.unreachable.items() if one != USERS}
            request = replace(request, unreachable=kept)
    stores = (*_stores(request, done), *files)
    erased_at = request.erased_at
    if all(one.is_clean for one in stores) and (erased_at is None or done.changed):
        # Whatever was still there is in the backups of today.
        erased_at = privacy.now()
    horizons = tuple(_horizons(request, (erased_at or privacy.now()).date()))
    crms = privacy.erasing.crms.answers(request.request_id) if privacy.erasing.crms else ()
    state = state_of(stores, horizons, privacy.today(), crms)
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
        policy=request.approval.policy,
        preview=request.approval.preview,
        state=state,
        issued_at=privacy.now(),
        subjects=done.subjects,
        suppressed=done.suppressed,
        shared_identifiers=request.preview.shared,
        stores=stores,
        horizons=horizons,
        residue=tuple(_residue(request, done, is_user=stays)),
        crms=crms,
    )
    number = _keep(privacy, request, certificate)
    next_at: datetime | None = None
    if state == "partial":
        next_at = privacy.now() + RETRIED_AFTER
    elif erased_at != request.erased_at:
        # Whoever was writing down what they did with the person is through by then.
        next_at = privacy.now() + LOOKED_AT_AGAIN_AFTER
    elif state == "live_erased":
        last = max(one.until for one in horizons)
        next_at = privacy.now() + (last - privacy.today() + timedelta(days=1))
    after = request.to(
        "done",
        certificates=number,
        certificate_state=state,
        erased_at=erased_at,
        reason=request.reason if erased_at is None else None,
        extended_because=request.extended_because if erased_at is None else None,
        next_at=next_at,
    )
    if erased_at is not None:
        _let_go(privacy, request)
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


@dataclass(slots=True)
class _Gathered:
    """What all parts say together: items by store, and what was left on purpose."""

    read_at: datetime
    subjects: int = 0
    suppressed: int = 0
    expected: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    changed: int = 0
    has_shared: bool = False
    has_unticked: bool = False


def _gathered(privacy: Privacy, request: ErasureRequest) -> _Gathered:
    """Read part by part: a request may have a thousand of them."""
    erasures, approval = privacy.erasing.records.erasures, request.approval
    assert approval is not None
    found = _Gathered(privacy.now())
    for result in erasures.results(request.request_id):
        found.left.update(result.remaining)
        found.read_at = min(found.read_at, result.read_at)
        found.subjects += result.subjects
        found.suppressed += result.suppressed
        found.changed += result.changed
    for part in erasures.parts(request.request_id):
        found.expected.update(part.counts)
        found.has_shared |= bool(part.shared)
        for candidate in part.candidates:
            if approval.is_ticked(candidate):
                found.expected[candidate.kind] += 1
                if (candidate.kind, candidate.field) == ("account", "name"):
                    found.expected["list row"] += 1
            else:
                found.has_unticked = True
    return found


def _stores(request: ErasureRequest, done: _Gathered) -> Iterator[StoreResult]:
    for store in sorted(done.expected.keys() | done.left.keys()):
        expected, remains = done.expected[store], done.left[store]
        yield StoreResult(
            store=store,
            method=_method(request, store),
            expected=expected,
            removed=max(expected - remains, 0),
            remaining=remains,
            read_at=done.read_at,
        )


def _method(request: ErasureRequest, store: str) -> str:
    if request.way == "mask_selected":
        return "masked"
    return (METHODS if request.member_id is None else METHODS_OF_MEMBERS)[store]


def _horizons(request: ErasureRequest, erased_on: date) -> Iterator[Horizon]:
    for store, days, what in HORIZONS:
        yield Horizon(store=store, until=erased_on + timedelta(days=days), what=what)


def _residue(request: ErasureRequest, done: _Gathered, *, is_user: bool) -> Iterator[str]:
    """Yield what stays of the person on purpose, as codes (docs/erasure.md)."""
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
    if done.has_shared:
        yield "shared_identifiers"
    if done.has_unticked:
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


def _let_go(privacy: Privacy, request: ErasureRequest) -> None:
    """Free the contacts, and forget which anonymous one took whose place."""
    erasures = privacy.erasing.records.erasures
    for part in erasures.parts(request.request_id):
        erasures.release(request.request_id, claimed_by(request, part))
        if part.shells:
            erasures.save_part(request.request_id, replace(part, shells={}, rev=part.rev + 1))
