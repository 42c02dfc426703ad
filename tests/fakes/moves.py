"""Jobs that are no imports, and moves of accounts with children, in memory."""

from collections.abc import Sequence
from itertools import islice

from stageline.adapters.dynamodb.keys import Key, hold_key, job_key
from stageline.domain.account import Account
from stageline.domain.errors import AlreadyExists, NotFound, Stale
from stageline.domain.move import Hold, Move
from stageline.domain.work import KINDS, Kind, Work
from stageline.domain.workspace import Workspace
from tests.fakes.memory import CHECK, Memory, Put, over
from tests.fakes.records import as_read, changed, under


class InMemoryWorks:
    def __init__(self, memory: Memory, workspace: Workspace) -> None:
        self._memory = memory
        self._workspace = workspace

    def add(self, work: Work) -> None:
        try:
            self._memory.write("job", self._over(work))
        except Stale as error:
            raise AlreadyExists("a job with this identity exists") from error

    def get(self, job_id: str) -> Work:
        self._memory.pause()
        for kind in KINDS:
            work: Work | None = self._memory.peek(job_key(self._workspace, kind, job_id))
            if work is not None:
                return work
        raise NotFound("job")

    def save(self, work: Work) -> None:
        self._memory.write("job", self._over(work))

    def latest(self, kind: Kind, limit: int) -> Sequence[Work]:
        self._memory.pause()
        items = [item for item in self._memory.items.values() if isinstance(item, Work)]
        items.sort(key=lambda work: (work.requested_at, work.job_id), reverse=True)
        return list(islice((work for work in items if work.kind == kind), limit))

    def _over(self, work: Work) -> Put:
        return Put(job_key(self._workspace, work.kind, work.job_id), work, over(work.rev))


class InMemoryMoves:
    def __init__(self, memory: Memory, workspace: Workspace) -> None:
        self._memory = memory
        self._workspace = workspace

    def begin(self, work: Work) -> None:
        holds = (Hold(root_id, work.job_id, work.requested_at) for root_id in Move.of(work).roots)
        self._memory.write(
            "move",
            self._job(work),
            *(
                Put(self._hold_key(one.root_id), one, lambda stored: stored is None)
                for one in holds
            ),
        )

    def hold(self, root_id: str) -> Hold | None:
        hold: Hold | None = self._memory.get(self._hold_key(root_id))
        return hold

    def put_under(
        self, work: Work, account: Account, from_parent_id: str | None, parent: Account | None
    ) -> None:
        self._memory.write(
            "move",
            self._job(work),
            changed(self._workspace, account),
            *under(self._workspace, from_parent_id, parent),
        )

    def carry(self, work: Work, parent: Account, children: Sequence[Account]) -> None:
        hold = Hold(Move.of(work).to_root_id, work.job_id, work.requested_at)
        self._memory.write(
            "move",
            Put(self._hold_key(hold.root_id), CHECK, lambda stored: stored == hold),
            as_read(self._workspace, parent),
            *(changed(self._workspace, child) for child in children),
        )

    def end(self, work: Work) -> None:
        self._memory.write("move", self._job(work), *self._let_go(work))

    def withdraw(self, work: Work) -> None:
        removed = self._job(work)._replace(value=None, condition=lambda stored: stored == work)
        self._memory.write("move", removed, *self._let_go(work))

    def _job(self, work: Work) -> Put:
        return Put(job_key(self._workspace, work.kind, work.job_id), work, over(work.rev))

    def _let_go(self, work: Work) -> list[Put]:
        return [
            Put(
                self._hold_key(root_id),
                None,
                lambda stored: stored and stored.job_id == work.job_id,
            )
            for root_id in Move.of(work).roots
        ]

    def _hold_key(self, root_id: str) -> Key:
        return hold_key(self._workspace, root_id)
