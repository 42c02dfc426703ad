"""Putting the accounts of a file under their parents (S0.14): top-down, so that whoever is moved
has no children yet. First a plan of all links in levels, then each level's pages at once.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched

from stageline.domain.errors import GroupCycle, Invalid, NotFound, SubtreeMoveUnsupported
from stageline.domain.jobs import ImportJob, Link, PageResult, Problem
from stageline.import_ports import Jobs
from stageline.ports import Accounts
from stageline.use_cases.accounts import set_parent
from stageline.use_cases.import_decisions import Import
from stageline.use_cases.import_foreseen import MOST_IN_A_CHAIN, Foreseen, link_problem
from stageline.use_cases.import_order import circles, in_levels
from stageline.use_cases.import_pages import awaiting

_READ_AT_ONCE = 1_000
_MOST_LINES_NAMED = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """The links that can be made, in levels, each after the one before; and the problems."""

    levels: Sequence[Sequence[Link]]
    problems: Sequence[Problem]


def plan_links(jobs: Jobs, accounts: Accounts, job: ImportJob) -> Plan:
    """Return how the accounts of a stored file come under their parents.

    Parents in a circle and parents that appear nowhere are problems; the accounts are in, without
    that parent, and keep awaiting it.
    """
    links: dict[str, Link] = {}
    created: set[str] = set()
    for result in jobs.page_results(job.job_id, ("storing",)):
        created |= set(result.created)
        links |= {link.child_id: link for link in result.links}
        for parent_id in result.awaited:
            for some in batched(accounts.children(parent_id), _READ_AT_ONCE, strict=False):
                for link in awaiting(accounts, some, parent_id, job):
                    # What the file says of its own rows comes first.
                    links.setdefault(link.child_id, link)
    problems: list[Problem] = []
    known = created | set(_existing(accounts, {link.parent_id for link in links.values()}))
    for link in list(links.values()):
        if link.parent_id not in known:
            if link.line is not None:
                problems.append(_unknown(job, link))
            del links[link.child_id]
    for circle in circles({link.child_id: link.parent_id for link in links.values()}):
        problems += [_circle(job, links, circle, place) for place in range(len(circle))]
        for child_id in circle:
            del links[child_id]
    levels = in_levels(links, _leaving(accounts, created, links))
    if job.dry_run:
        problems += Foreseen(accounts, job, created).problems(levels)
    problems.sort(key=lambda problem: problem.line or 0)
    return Plan(levels, problems)


def make_links(
    accounts: Accounts, deciding: Import, links: Sequence[Link], *, is_last_try: bool
) -> tuple[PageResult, Sequence[Problem]]:
    """Make these links. Safe to repeat: one that is made already is counted again."""
    job = deciding.job
    problems: list[Problem] = []
    touched: dict[str, None] = {}
    kept: list[Link] = []
    linked = 0
    children = accounts.find_many(link.child_id for link in links)
    for link in links:
        child = children.get(link.child_id)
        if child is None or child.deleted:
            continue
        if child.awaited_parent_id == link.parent_id:
            try:
                set_parent(
                    accounts,
                    link.child_id,
                    link.parent_id,
                    expected=None,
                    today=deciding.today,
                    stamp=deciding.stamp,
                )
            except Invalid:
                problems.append(_unknown(job, link))
                continue
            except GroupCycle as error:
                problems.append(link_problem(job, link, error.code, error.detail, error.chain))
                continue
            except SubtreeMoveUnsupported as error:
                if is_last_try:
                    problems.append(link_problem(job, link, error.code, error.detail))
                else:
                    kept.append(link)
                continue
            except NotFound:
                continue
        elif child.parent_id != link.parent_id or child.changed.request != job.job_id:
            # A newer import, or a person, has said otherwise since.
            continue
        linked += 1
        touched |= dict.fromkeys([link.child_id] + ([child.root_id] if child.root_id else []))
    return PageResult(counts={"linked": linked}, touched=list(touched), kept=kept), problems


def _leaving(
    accounts: Accounts, created: Container[str], links: Mapping[str, Link]
) -> dict[str, list[str]]:
    """Return for accounts that are to move those of their children that are to leave them."""
    leaving = {}
    for child_id in links:
        if child_id not in created:
            moving = [one for one in accounts.children(child_id) if one in links]
            leaving[child_id] = [
                one.account_id
                for one in accounts.find_many(moving).values()
                if one.parent_id == child_id != links[one.account_id].parent_id
            ]
    return leaving


def _existing(accounts: Accounts, account_ids: Iterable[str]) -> Iterator[str]:
    for some in batched(sorted(account_ids), _READ_AT_ONCE, strict=False):
        for account in accounts.find_many(some).values():
            if not account.deleted:
                yield account.account_id


def _circle(
    job: ImportJob, links: Mapping[str, Link], circle: Sequence[str], place: int
) -> Problem:
    around = [*circle[place:], *circle[:place], circle[place]]
    lines = sorted(line for child_id in circle if (line := links[child_id].line) is not None)
    named = ", ".join(str(line) for line in lines[:_MOST_LINES_NAMED])
    more = f" and {len(lines) - _MOST_LINES_NAMED} more" if len(lines) > _MOST_LINES_NAMED else ""
    message = f"parents in a circle (lines {named}{more}); the account is in, without this parent"
    return link_problem(
        job, links[circle[place]], GroupCycle.code, message, around[:MOST_IN_A_CHAIN]
    )


def _unknown(job: ImportJob, link: Link) -> Problem:
    message = "no account has this external id; the account is in, and awaits its parent"
    return link_problem(job, link, "parent_unknown", message)
