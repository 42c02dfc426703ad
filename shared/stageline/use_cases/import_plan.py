"""How the accounts of a file come under their parents (S0.14): which links, in which order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import batched

from stageline.domain.errors import GroupCycle
from stageline.domain.jobs import ImportJob, Link, Problem, heading_of
from stageline.import_ports import Jobs
from stageline.ports import Accounts
from stageline.use_cases.import_accounts import awaiting
from stageline.use_cases.import_order import circles, in_levels
from stageline.use_cases.import_pages import Records

_READ_AT_ONCE = 1_000
_MOST_LINES_NAMED = 20
_MOST_IN_A_CHAIN = 100


@dataclass(frozen=True, slots=True)
class Plan:
    """The links that can be made, in levels, each after the one before; and the problems."""

    levels: Sequence[Sequence[Link]]
    problems: Sequence[Problem]


def plan_links(jobs: Jobs, store: Records, job: ImportJob) -> Plan:
    """Return how the accounts of a stored file come under their parents.

    Parents in a circle and parents that appear nowhere are problems; the accounts are in, without
    that parent, and keep awaiting it.
    """
    accounts = store.accounts
    links: dict[str, Link] = {}
    # The parents of accounts before the file's links are made.
    parents: dict[str, str | None] = {}
    for result in jobs.page_results(job.job_id, ("storing",)):
        parents |= dict.fromkeys(result.created)
        links |= {link.child_id: link for link in result.links}
        for parent_id in result.awaited:
            for some in batched(accounts.children(parent_id), _READ_AT_ONCE, strict=False):
                for link in awaiting(accounts, some, parent_id, job):
                    # What the file says of its own rows comes first.
                    links.setdefault(link.child_id, link)
    links = _to_who_stands(store, links)
    problems: list[Problem] = []
    _read_parents(accounts, parents, filter(None, (link.parent_id for link in links.values())))
    for link in list(links.values()):
        if link.parent_id is not None and link.parent_id not in parents:
            if link.line is not None:
                problems.append(unknown_parent(job, link))
            del links[link.child_id]
    problems += _without_circles(accounts, job, links, parents)
    problems.sort(key=lambda problem: problem.line or 0)
    return Plan(in_levels(links, parents), problems)


def _to_who_stands(store: Records, links: Mapping[str, Link]) -> dict[str, Link]:
    """Return the links with the accounts that stand for merged or linked parents."""
    named = sorted({link.parent_id for link in links.values() if link.parent_id is not None})
    standing: dict[str, str] = {}
    for some in batched(named, _READ_AT_ONCE, strict=False):
        standing |= store.merged_accounts.standing(some).ids

    def redirected(link: Link) -> Link:
        if link.parent_id is None or standing[link.parent_id] == link.parent_id:
            return link
        return replace(link, parent_id=standing[link.parent_id], awaited_id=link.parent_id)

    return {child_id: redirected(link) for child_id, link in links.items()}


def link_problem(
    job: ImportJob, link: Link, code: str, message: str, chain: Sequence[str] = ()
) -> Problem:
    column = heading_of(job, "parent_external_id")
    return Problem(link.line, column, code, message, tuple(chain[:_MOST_IN_A_CHAIN]))


def unknown_parent(job: ImportJob, link: Link) -> Problem:
    message = "no account has this external id; the account is in, and awaits its parent"
    return link_problem(job, link, "parent_unknown", message)


def _without_circles(
    accounts: Accounts, job: ImportJob, links: dict[str, Link], parents: dict[str, str | None]
) -> Sequence[Problem]:
    """Take out the links that would be part of a circle, and return what is to be said of them.

    A circle may lead through parents that the file does not name. An account whose link is taken
    out keeps the parent it has, so the others are looked at again.
    """
    problems: list[Problem] = []
    while True:
        _read_above(accounts, links, parents)
        after = parents | {link.child_id: link.parent_id for link in links.values()}
        linked_up = {child_id: parent_id for child_id, parent_id in after.items() if parent_id}
        found = [circle for circle in circles(linked_up) if not links.keys().isdisjoint(circle)]
        if not found:
            return problems
        for circle in found:
            linked = [place for place, child_id in enumerate(circle) if child_id in links]
            problems += [_circle(job, links, circle, place) for place in linked]
            for place in linked:
                del links[circle[place]]


def _read_above(
    accounts: Accounts, links: Mapping[str, Link], parents: dict[str, str | None]
) -> None:
    """Read the parents of everybody who will be above an account that is linked."""
    seen: set[str] = set()
    named = {link.parent_id for link in links.values() if link.parent_id is not None}
    wanted = named - links.keys()
    while wanted:
        _read_parents(accounts, parents, wanted)
        seen |= wanted
        above = {parent_id for one in wanted if (parent_id := parents.get(one)) is not None}
        wanted = above - seen - links.keys()


def _read_parents(
    accounts: Accounts, parents: dict[str, str | None], account_ids: Iterable[str]
) -> None:
    unread = sorted(one for one in account_ids if one not in parents)
    for some in batched(unread, _READ_AT_ONCE, strict=False):
        for account in accounts.find_many(some).values():
            if not account.deleted:
                parents[account.account_id] = account.parent_id


def _circle(
    job: ImportJob, links: Mapping[str, Link], circle: Sequence[str], place: int
) -> Problem:
    around = [*circle[place:], *circle[:place], circle[place]]
    named_in = (links[child_id].line for child_id in circle if child_id in links)
    lines = sorted(line for line in named_in if line is not None)
    named = ", ".join(str(line) for line in lines[:_MOST_LINES_NAMED])
    more = f" and {len(lines) - _MOST_LINES_NAMED} more" if len(lines) > _MOST_LINES_NAMED else ""
    message = f"parents in a circle (lines {named}{more}); the account is in, without this parent"
    return link_problem(job, links[circle[place]], GroupCycle.code, message, around)
