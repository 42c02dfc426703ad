"""Verifications as jobs: asked for, worked off in parts, summed up. One at a time in a workspace.

What a part found is stored once. A job that was cut off keeps what it has: asked for again, it goes
on with the parts that are missing.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from stageline.domain.drift import KINDS, Found
from stageline.domain.errors import AlreadyExists, NotFound, Stale, VerificationRunning
from stageline.domain.work import Work, WorkStatus
from stageline.use_cases.verification import verify_part
from stageline.use_cases.verification_looks import Verifier
from stageline.work_ports import Executions, Inspection, LoneWorks

# A part of so many items is done in a few minutes, also where most of them differ.
_ITEMS_IN_A_PART: Final = 20_000
_FEWEST_PARTS, _MOST_PARTS = 4, 10_000


@dataclass(frozen=True, slots=True)
class Verifications:
    """Where verifications of one workspace are kept, and what works them off."""

    works: LoneWorks
    executions: Executions
    inspection: Inspection


def request_verification(
    verifications: Verifications, job_id: str, *, repair: bool, requested_by: str, now: datetime
) -> Work:
    """Begin a verification, or go on with the one that was cut off.

    Safe to repeat with the same `job_id`: returns the job as it is. Raises VerificationRunning,
    which names another one that runs.
    """
    works, executions = verifications.works, verifications.executions
    running = works.running("verification")
    if running is not None:
        return _resumed(verifications, running, job_id)
    parts = parts_of(verifications.inspection.item_count())
    work = Work(
        job_id=job_id,
        kind="verification",
        asked={"repair": repair, "parts": parts},
        requested_by=requested_by,
        requested_at=now,
        progress={"parts": parts, "done": 0, "attempt": 1},
    )
    try:
        works.add_only(work)
    except AlreadyExists:
        first = works.running("verification")
        if first is not None:
            return _unless_another(first, job_id)
        with suppress(NotFound):
            return works.get(job_id)
        raise VerificationRunning(job_id) from None
    executions.start(work, range(parts))
    return work


def parts_of(items: int) -> int:
    """Return in how many parts a table of so many items is verified."""
    return min(max(-(-items // _ITEMS_IN_A_PART), _FEWEST_PARTS), _MOST_PARTS)


def _unless_another(running: Work, job_id: str) -> Work:
    if running.job_id != job_id:
        raise VerificationRunning(running.job_id)
    return running


def _resumed(verifications: Verifications, running: Work, job_id: str) -> Work:
    works, executions = verifications.works, verifications.executions
    done = works.parts(running)
    missing = [part for part in range(running.asked["parts"]) if part not in done]
    match executions.state(running):
        case "running":
            return _unless_another(running, job_id)
        case "not started":
            # Whoever asked for it is about to start it, or died: the same start does no harm.
            executions.start(running, missing)
            return _unless_another(running, job_id)
    again = running.at(attempt=running.progress["attempt"] + 1)
    try:
        works.save(again)
    except Stale:
        raise VerificationRunning(running.job_id) from None
    executions.start(again, missing)
    return again


def do_part(works: LoneWorks, verifier: Verifier, job_id: str, part: int) -> Found | None:
    """Verify a part and keep what came of it; None when that was done before, or the job ended."""
    work = works.get(job_id)
    if work.is_finished or part in works.parts(work):
        return None
    found = verify_part(verifier, part, work.asked["parts"], repair=work.asked["repair"])
    works.save_part(work, part, found)
    return found


def end_verification(works: LoneWorks, job_id: str, now: datetime) -> Work:
    """Sum up and end the job: as failed when parts are missing. A second time changes nothing."""
    work = works.get(job_id)
    if work.is_finished:
        return work
    parts = works.parts(work)
    found = sum(parts.values(), Found())
    status: WorkStatus = "completed" if len(parts) == work.asked["parts"] else "failed"
    progress = {**work.progress, "done": len(parts)}
    ended = replace(work, progress=progress).ended(status, found_document(found), now)
    try:
        works.end(ended)
    except Stale:
        return works.get(job_id)
    return ended


def get_verification(works: LoneWorks, job_id: str) -> tuple[Work, Found | None]:
    """Return the job and, while it runs, what was found so far. Raises NotFound."""
    work = works.get(job_id)
    if work.kind != "verification":
        raise NotFound("verification")
    if work.is_finished:
        return work, None
    parts = works.parts(work)
    progress = {**work.progress, "done": len(parts)}
    return replace(work, progress=progress), sum(parts.values(), Found())


def verification_document(work: Work, found: Found | None) -> dict[str, Any]:
    """Return a verification as the API shows it."""
    result: Mapping[str, Any] = work.result if found is None else found_document(found)
    return {
        "id": work.job_id,
        "kind": work.kind,
        "status": work.status,
        "repair": work.asked["repair"],
        "requested_by": work.requested_by,
        "requested_at": _instant(work.requested_at),
        "finished_at": work.finished_at and _instant(work.finished_at),
        "progress": {"parts": work.progress["parts"], "done": work.progress["done"]},
        **result,
    }


def found_document(found: Found) -> dict[str, Any]:
    """Return what was found, JSON-able, with every kind."""
    return {
        "accounts": found.accounts,
        "groups": found.groups,
        "items": found.items,
        "unsettled": found.unsettled,
        "drift": {kind: found.drift.get(kind, 0) for kind in KINDS},
        "repaired": {kind: found.repaired.get(kind, 0) for kind in KINDS},
        "examples": {kind: list(ids) for kind, ids in found.examples.items()},
    }


def _instant(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")
