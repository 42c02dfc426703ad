"""Putting the accounts of a file under their parents (S0.14): top-down, so that whoever is moved
has no children yet. First a plan of all links in levels, then each level's pages at once.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched, chain

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
            if link.line is not None:
                problems.append(_unknown(job, link))
            del links[link.child_id]
    for circle in circles({link.child_id: link.parent_id for link in links.values()}):
        problems += [_circle(job, links, circle, place) for place in range(len(circle))]
        for child_id in circle:
            del links[child_id]
    levels = in_levels(links)
    if job.dry_run:
        problems += _Foreseen(accounts, job, created).problems(levels)
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


def _circle(
    job: ImportJob, links: Mapping[str, Link], circle: Sequence[str], place: int
) -> Problem:
    around = [*circle[place:], *circle[:place], circle[place]]
    lines = sorted(line for child_id in circle if (line := links[child_id].line) is not None)
    named = ", ".join(str(line) for line in lines[:_MOST_LINES_NAMED])
    more = f" and {len(lines) - _MOST_LINES_NAMED} more" if len(lines) > _MOST_LINES_NAMED else ""
    message = f"parents in a circle (lines {named}{more}); the account is in, without this parent"
    return _problem(job, links[circle[place]], GroupCycle.code, message, around[:_MOST_IN_A_CHAIN])


def _unknown(job: ImportJob, link: Link) -> Problem:
    message = "no account has this external id; the account is in, and awaits its parent"
    return _problem(job, link, "parent_unknown", message)


def _problem(
    job: ImportJob, link: Link, code: str, message: str, chain: Sequence[str] = ()
) -> Problem:
    column = heading_of(job, "parent_external_id")
    return Problem(link.line, column, code, message, tuple(chain))


class _Foreseen:
    """What making the links would refuse, tried out in memory in the same order."""

    def __init__(self, accounts: Accounts, job: ImportJob, created: Container[str]) -> None:
        self._accounts = accounts
        self._job = job
        self._created = created
        self._parents: dict[str, str | None] = {}
        self._children: dict[str, set[str]] = {}

    def problems(self, levels: Iterable[Iterable[Link]]) -> Iterator[Problem]:
        kept = []
        for page in chain.from_iterable(pages_of(levels)):
            for link in page:
                if (refused := self._link(link)) is None:
                    continue
                if isinstance(refused, SubtreeMoveUnsupported):
                    kept.append(link)
                else:
                    yield refused
        for page in chain.from_iterable(pages_of([kept])):
            for link in page:
                refused = self._link(link)
                if isinstance(refused, SubtreeMoveUnsupported):
                    yield _problem(self._job, link, refused.code, refused.detail)
                elif refused is not None:
                    yield refused

    def _link(self, link: Link) -> Problem | SubtreeMoveUnsupported | None:
        above = [link.child_id, link.parent_id]
        while above[-1] != link.child_id and (parent_id := self._parent(above[-1])) is not None:
            above.append(parent_id)
        if above[-1] == link.child_id:
            error = GroupCycle(above[:_MOST_IN_A_CHAIN])
            return _problem(self._job, link, error.code, error.detail, error.chain)
        if children := self._children_of(link.child_id):
            return SubtreeMoveUnsupported(len(children))
        before = self._parent(link.child_id)
        if before is not None:
            self._children_of(before).discard(link.child_id)
        self._parents[link.child_id] = link.parent_id
        self._children_of(link.parent_id).add(link.child_id)
        return None

    def _parent(self, account_id: str) -> str | None:
        if account_id not in self._parents:
            is_new = account_id in self._created
            stored = None if is_new else self._accounts.find(account_id)
            self._parents[account_id] = stored.parent_id if stored else None
        return self._parents[account_id]

    def _children_of(self, account_id: str) -> set[str]:
        if account_id not in self._children:
            is_new = account_id in self._created
            found = [] if is_new else list(self._accounts.children(account_id))
            self._children[account_id] = {
                child.account_id
                for child in self._accounts.find_many(found).values()
                if child.parent_id == account_id
            }
        return self._children[account_id]
