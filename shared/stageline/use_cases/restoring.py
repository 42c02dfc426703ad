"""After a restore: do again what the journal says, read everything back, and open the fence.

A job of one workspace that goes through the entries of all. It may be cut off anywhere and goes on
with the next message; two at once do the same things, and neither undoes the other's.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import blake2b
from typing import Any, Final

from stageline.domain.errors import AlreadyExists, NotFound, Stale
from stageline.domain.ids import random_id
from stageline.domain.journal import JournalEntry
from stageline.domain.work import Kind, Work
from stageline.domain.workspace import Workspace
from stageline.erasure_ports import Fences, RestoreQueue
from stageline.privacy_ports import Journal
from stageline.use_cases.again import again
from stageline.use_cases.erasing import Erasing, carry_out, remaining
from stageline.use_cases.restored_requests import kept_shells, lead_on
from stageline.work_ports import LoneWorks

KIND: Final[Kind] = "restore_check"


@dataclass(frozen=True, slots=True)
class Restoring:
    """What a restore check reads and writes: `works` and `queue` of the workspace that asked."""

    table_id: str
    fences: Fences
    journal: Journal
    works: LoneWorks
    queue: Callable[[], RestoreQueue]
    erasing_in: Callable[[Workspace], Erasing]
    workspaces: Callable[[], Iterable[Workspace]]
    now: Callable[[], datetime]


def begin_restore_check(restoring: Restoring, job_id: str, *, requested_by: str) -> Work:
    """Store a new job and return it, or the one that runs in the workspace.

    Nobody is asked to work on it yet. Safe to repeat with the same `job_id`. Raises Stale.
    """
    return again(partial(_begin, restoring, job_id, requested_by))


def request_restore_check(restoring: Restoring, job_id: str, *, requested_by: str) -> Work:
    """Return the job, as above, and have it worked on: also one that runs, if it was cut off."""
    work = begin_restore_check(restoring, job_id, requested_by=requested_by)
    if not work.is_finished:
        restoring.queue().send(work.job_id)
    return work


def check_restore(restoring: Restoring, job_id: str, until: datetime) -> Work:
    """Work on a job to its end, or until then: a message goes on with it. Returns it as it is.

    Raises NotFound, Stale and IndexesLate, to be tried again; and what a store raises.
    """
    work = restoring.works.get(job_id)
    if work.is_finished:
        return work
    if work.asked != _asked(restoring):
        # It came with the backup: what it has done, it has done in another table.
        return _ended(restoring, work, "failed")
    instead_of = restoring.fences.applied_to()
    if instead_of == restoring.table_id:
        # All of the journal is in it, and what was released since is not to go again.
        return _ended(restoring, work, "completed")
    for step in (_Applying(restoring), _ReadingBack(restoring)):
        work = _go_through(restoring, work, step, until)
        if work.is_finished:
            return work
        if restoring.now() >= until:
            restoring.queue().send(job_id)
            return work
    if work.result["remaining"]:
        return _ended(restoring, work, "failed")
    restoring.fences.open(restoring.table_id, instead_of)
    return _ended(restoring, work, "completed")


def get_restore_check(works: LoneWorks, job_id: str) -> Work:
    """Raises NotFound."""
    work = works.get(job_id)
    if work.kind != KIND:
        raise NotFound("restore check")
    return work


def unknown_workspaces(restoring: Restoring) -> Sequence[str]:
    """Return which workspaces have entries and are not in the table; these are applied, too."""
    known = {workspace.id for workspace in restoring.workspaces()}
    return sorted({workspace.id for workspace in restoring.journal.counts()} - known)


def restore_check_document(work: Work) -> dict[str, Any]:
    """Return a restore check as the API shows it: counts only, they are of all workspaces."""
    return {
        "id": work.job_id,
        "kind": work.kind,
        "status": work.status,
        "requested_by": work.requested_by,
        "requested_at": _instant(work.requested_at),
        "finished_at": work.finished_at and _instant(work.finished_at),
        "progress": dict(work.progress),
        "remaining": dict(work.result["remaining"]),
        "unknown_workspaces": work.result["unknown_workspaces"],
    }


class _Applying:
    """Does again what an entry says."""

    name = "applied"

    def __init__(self, restoring: Restoring) -> None:
        self._restoring = restoring
        self._seed = again(lambda: restoring.fences.seed(random_id()))

    def do(self, entry: JournalEntry) -> Mapping[str, int]:
        erasing = self._restoring.erasing_in(entry.workspace)
        shells: Mapping[str, str] = {}
        if entry.way == "anonymize":
            made = {one: _shell_id(self._seed, one) for one in entry.contact_ids}
            shells = kept_shells(erasing, entry) or made
        carry_out(erasing, entry, shells)
        lead_on(erasing, entry)
        return {}


class _ReadingBack:
    """Returns what is left of an entry, by store."""

    name = "read_back"

    def __init__(self, restoring: Restoring) -> None:
        self._restoring = restoring

    def do(self, entry: JournalEntry) -> Mapping[str, int]:
        return remaining(self._restoring.erasing_in(entry.workspace), entry, ())


def _begin(restoring: Restoring, job_id: str, requested_by: str) -> Work:
    works = restoring.works
    running = works.running(KIND)
    if running is not None:
        if running.asked == _asked(restoring):
            return running
        _ended(restoring, running, "failed")
    entries = sum(restoring.journal.counts().values())
    work = Work(
        job_id=job_id,
        kind=KIND,
        asked=_asked(restoring),
        requested_by=requested_by,
        requested_at=restoring.now(),
        progress={"entries": entries, _Applying.name: 0, _ReadingBack.name: 0},
        result={"remaining": {}, "unknown_workspaces": len(unknown_workspaces(restoring))},
    )
    try:
        works.add_only(work)
    except AlreadyExists:
        with suppress(NotFound):
            return works.get(job_id)
        raise Stale("restore check") from None
    return work


def _go_through(
    restoring: Restoring, work: Work, step: _Applying | _ReadingBack, until: datetime
) -> Work:
    """Take a step with every entry that it was not taken with yet; return the job as it is then."""
    entries = restoring.journal.entries(skip=work.progress[step.name])
    for number, entry in enumerate(entries, start=work.progress[step.name] + 1):
        if work.is_finished or restoring.now() >= until:
            break
        if work.progress[step.name] < number:
            left = step.do(entry)
            work = again(partial(_note, restoring.works, work.job_id, step.name, number, left))
    return work


def _note(works: LoneWorks, job_id: str, step: str, number: int, left: Mapping[str, int]) -> Work:
    """Keep that a step is through with so many entries, unless another worker did; return the job.

    Whoever is at an entry has kept that they, or another, are through with those before it.
    """
    work = works.get(job_id)
    if work.is_finished or work.progress[step] >= number:
        return work
    total = Counter(work.result["remaining"]) + Counter(left)
    after = replace(work.at(**{step: number}), result={**work.result, "remaining": dict(total)})
    works.save(after)
    return after


def _ended(restoring: Restoring, work: Work, status: Any) -> Work:
    ended = work.ended(status, work.result, restoring.now())
    try:
        restoring.works.end(ended)
    except Stale:
        return restoring.works.get(work.job_id)
    return ended


def _asked(restoring: Restoring) -> Mapping[str, str]:
    """Return what the job is about: this table, without its name and account."""
    return {"table": blake2b(restoring.table_id.encode(), digest_size=8).hexdigest()}


def _shell_id(seed: str, contact_id: str) -> str:
    """Return the id of an anonymous contact: the same for whoever is cut off and tries again.

    Nobody can tell whose it is once the fence has forgotten the seed.
    """
    return blake2b(contact_id.encode(), key=seed.encode(), digest_size=16).hexdigest()


def _instant(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")
