"""What a dry run foresees of the links between accounts."""

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import chain

from stageline.domain.errors import GroupCycle, SubtreeMoveUnsupported
from stageline.domain.jobs import ImportJob, Link, Problem, heading_of
from stageline.ports import Accounts
from stageline.use_cases.import_order import pages_of

MOST_IN_A_CHAIN = 100


class Foreseen:
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
                    yield link_problem(self._job, link, refused.code, refused.detail)
                elif refused is not None:
                    yield refused

    def _link(self, link: Link) -> Problem | SubtreeMoveUnsupported | None:
        above = [link.child_id, link.parent_id]
        while above[-1] != link.child_id and (parent_id := self._parent(above[-1])) is not None:
            above.append(parent_id)
        if above[-1] == link.child_id:
            error = GroupCycle(above[:MOST_IN_A_CHAIN])
            return link_problem(self._job, link, error.code, error.detail, error.chain)
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


def link_problem(
    job: ImportJob, link: Link, code: str, message: str, chain: Sequence[str] = ()
) -> Problem:
    column = heading_of(job, "parent_external_id")
    return Problem(link.line, column, code, message, tuple(chain))
