"""Putting the accounts of a file under their parents (S0.14): top-down, so that whoever is moved
has no children yet. First a plan of all links in levels, then each level's pages at once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched

from stageline.domain.errors import GroupCycle, Invalid, NotFound, SubtreeMoveUnsupported
from stageline.domain.jobs import ImportJob, Link, PageResult, Problem, heading_of
from stageline.ports import Accounts, Jobs
from stageline.use_cases.accounts import set_parent
from stageline.use_cases.import_decisions import Import
from stageline.use_cases.import_pages import awaiting

_LINKS_IN_A_PAGE = 100
_READ_AT_ONCE = 1_000
_MOST_IN_A_CHAIN = 100
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
            problems.append(_unknown(job, link))
            del links[link.child_id]
    for circle in circles({link.child_id: link.parent_id for link in links.values()}):
        problems += [_circle(job, links, circle, place) for place in range(len(circle))]
        for child_id in circle:
            del links[child_id]
    if job.dry_run:
        before = [link for link in links.values() if link.child_id not in created]
        problems += _foreseen(accounts, job, links, before)
    problems.sort(key=lambda problem: problem.line or 0)
    return Plan(in_levels(links), problems)


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
                problems.append(_problem(job, link, error.code, error.detail, error.chain))
                continue
            except SubtreeMoveUnsupported as error:
                if is_last_try:
                    problems.append(_problem(job, link, error.code, error.detail))
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


def pages_of(levels: Iterable[Iterable[Link]]) -> list[list[Sequence[Link]]]:
    """Return each level in pages; links to the same parent side by side, so that they seldom meet
    in two workers.
    """
    return [
        [
            list(page)
            for page in batched(
                sorted(level, key=lambda link: (link.parent_id, link.child_id)),
                _LINKS_IN_A_PAGE,
                strict=False,
            )
        ]
        for level in levels
    ]


def circles(parent_of: Mapping[str, str]) -> Iterator[list[str]]:
    """Yield each circle of a map from child to parent, as ids from child to parent."""
    done: set[str] = set()
    for start in parent_of:
        path: dict[str, int] = {}
        place: str | None = start
        while place is not None and place not in done and place not in path:
            path[place] = len(path)
            place = parent_of.get(place)
        if place is not None and place in path:
            yield list(path)[path[place] :]
        done |= path.keys()


def in_levels(links: Mapping[str, Link]) -> list[list[Link]]:
    """Return the links so that whoever is linked as a child comes after its own parent's link."""
    level: dict[str, int] = {}
    for start in links:
        path = []
        place = start
        while place in links and place not in level:
            path.append(place)
            place = links[place].parent_id
        above = level.get(place, -1)
        for depth, child_id in enumerate(reversed(path), above + 1):
            level[child_id] = depth
    levels: list[list[Link]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
    for child_id, depth in level.items():
        levels[depth].append(links[child_id])
    return levels


def _existing(accounts: Accounts, account_ids: Iterable[str]) -> Iterator[str]:
    for some in batched(sorted(account_ids), _READ_AT_ONCE, strict=False):
        for account in accounts.find_many(some).values():
            if not account.deleted:
                yield account.account_id


def _foreseen(
    accounts: Accounts, job: ImportJob, links: Mapping[str, Link], before: Iterable[Link]
) -> Iterator[Problem]:
    """Yield what would be refused of the links of accounts that are stored already."""
    for link in before:
        staying = [
            child.account_id
            for child in accounts.find_many(accounts.children(link.child_id)).values()
            if child.parent_id == link.child_id and child.account_id not in links
        ]
        chain = _chain_up(accounts, link, links)
        if chain[-1] == link.child_id:
            yield _problem(
                job, link, GroupCycle.code, GroupCycle(chain).detail, chain[:_MOST_IN_A_CHAIN]
            )
        elif staying:
            error = SubtreeMoveUnsupported(len(staying))
            yield _problem(job, link, error.code, error.detail)


def _chain_up(accounts: Accounts, link: Link, links: Mapping[str, Link]) -> list[str]:
    """Return the account and its ancestors as they would be, up to the root or to itself again."""
    chain = [link.child_id]
    place: str | None = link.parent_id
    while place is not None and place not in chain:
        chain.append(place)
        if place in links:
            place = links[place].parent_id
        else:
            stored = accounts.find(place)
            place = stored.parent_id if stored else None
    return chain if place is None else [*chain, place]


def _circle(
    job: ImportJob, links: Mapping[str, Link], circle: Sequence[str], place: int
) -> Problem:
    chain = [*circle[place:], *circle[:place], circle[place]]
    lines = sorted(line for child_id in circle if (line := links[child_id].line) is not None)
    named = ", ".join(str(line) for line in lines[:_MOST_LINES_NAMED])
    more = f" and {len(lines) - _MOST_LINES_NAMED} more" if len(lines) > _MOST_LINES_NAMED else ""
    message = f"parents in a circle (lines {named}{more}); the account is in, without this parent"
    return _problem(job, links[circle[place]], GroupCycle.code, message, chain[:_MOST_IN_A_CHAIN])


def _unknown(job: ImportJob, link: Link) -> Problem:
    message = "no account has this external id; the account is in, and awaits its parent"
    return _problem(job, link, "parent_unknown", message)


def _problem(
    job: ImportJob, link: Link, code: str, message: str, chain: Sequence[str] = ()
) -> Problem:
    column = heading_of(job, "parent_external_id")
    return Problem(link.line, column, code, message, tuple(chain))
