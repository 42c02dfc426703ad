"""Putting the accounts of a file under their parents (S0.14), a page of links at a time."""

from collections.abc import Sequence
from hashlib import blake2b

from stageline.domain.account import Account
from stageline.domain.errors import GroupCycle, NotFound, ParentNotFound, Stale
from stageline.domain.jobs import ImportJob, Link, PageResult, Problem
from stageline.domain.move import Move
from stageline.domain.work import Work
from stageline.use_cases.following import Worker, follow, move_through
from stageline.use_cases.import_decisions import Import
from stageline.use_cases.import_plan import link_problem, unknown_parent
from stageline.use_cases.moves import Moving


def make_links(
    moving: Moving, deciding: Import, links: Sequence[Link], worker: Worker
) -> tuple[PageResult, Sequence[Problem]]:
    """Make these links; whoever is below an account follows it before the page is done.

    Safe to repeat: a link that is made already is counted again, and a move that an earlier try
    began is gone through to its end. Raises Stale when it is to be tried again later.
    """
    job = deciding.job
    problems: list[Problem] = []
    touched: dict[str, None] = {}
    linked = 0
    children = moving.accounts.find_many(link.child_id for link in links)
    for link in links:
        child = children.get(link.child_id)
        if child is None or child.deleted or child.linked_to is not None:
            continue
        roots: Sequence[str] = (child.root_id,) if child.root_id else ()
        if _is_to_be_made(job, link, child):
            try:
                found = move_through(
                    moving,
                    link.child_id,
                    link.parent_id,
                    worker,
                    job_id=_move_id(job, link),
                    today=deciding.today,
                    stamp=deciding.stamp,
                )
            except ParentNotFound:
                problems.append(unknown_parent(job, link))
                continue
            except GroupCycle as error:
                problems.append(link_problem(job, link, error.code, error.detail, error.chain))
                continue
            except NotFound:
                continue
            if isinstance(found, Work):
                roots = Move.of(found).roots
            elif found.changed != deciding.stamp:
                # Another worker on this page was first, and may not get to the end of the move.
                _gone_through(moving, _move_id(job, link), worker)
        elif not _gone_through(moving, _move_id(job, link), worker) and (
            child.parent_id != link.parent_id or child.changed.request != job.job_id
        ):
            # A newer import, or a person, has said otherwise since.
            continue
        linked += 1
        touched |= dict.fromkeys([link.child_id, *roots])
    return PageResult(counts={"linked": linked}, touched=list(touched)), problems


def _is_to_be_made(job: ImportJob, link: Link, child: Account) -> bool:
    if link.parent_id is not None:
        return child.awaited_parent_id == (link.awaited_id or link.parent_id)
    # Nothing of the account says that it is to leave; what this job has stored of it stands.
    is_own = child.source is not None and child.source.version == job.version
    return is_own and child.parent_id is not None


def _gone_through(moving: Moving, job_id: str, worker: Worker) -> bool:
    """Go through a move that an earlier try of this page began; tell whether there was one."""
    try:
        work: Work | None = moving.works.get(job_id)
    except NotFound:
        return False
    if work is not None and not work.is_finished:
        work = follow(moving, job_id, worker)
    if work is None or not work.is_finished:
        raise Stale("group")
    return True


def _move_id(job: ImportJob, link: Link) -> str:
    """Return the id of the move by which a job makes a link: the same at every try."""
    return blake2b(f"{job.job_id}#{link.child_id}".encode(), digest_size=16).hexdigest()
