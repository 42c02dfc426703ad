"""What erasures need from the outside world, besides what `ports` and `record_ports` have.

As there: bound to one workspace, every write conditional, `Stale` means decide again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

from stageline.domain.erasure import ErasureRequest, Part, PartResult
from stageline.domain.owned import Owned, Stretch

type Step = Literal["select", "look", "check", "erase", "finish", "release"]


class Erasures(Protocol):
    def add(self, request: ErasureRequest) -> None:
        """Store a new request. Raises AlreadyExists."""
        ...

    def get(self, request_id: str) -> ErasureRequest:
        """Raises NotFound."""
        ...

    def save(self, request: ErasureRequest) -> None:
        """Store over revision `request.rev - 1`. Raises Stale."""
        ...

    def latest(self, limit: int, after: str | None) -> Iterator[tuple[str, ErasureRequest]]:
        """Yield requests with their places, those asked for last first (late by ms)."""
        ...

    def due(self, through: datetime) -> Iterator[ErasureRequest]:
        """Yield the requests that the tick is to take up (late by ms)."""
        ...

    def put_part(self, request_id: str, part: Part) -> None:
        """Store a part as it is cut, over what an earlier try cut there.

        Raises Stale when it was looked at.
        """
        ...

    def part(self, request_id: str, number: int) -> Part | None: ...

    def save_part(self, request_id: str, part: Part) -> None:
        """Store over revision `part.rev - 1`. Raises Stale."""
        ...

    def save_look(self, request: ErasureRequest, part: Part) -> None:
        """Do what `save_part` does while the request is as it was read. Raises Stale."""
        ...

    def parts(self, request_id: str) -> Iterator[Part]:
        """Yield all parts, by number."""
        ...

    def mark(self, request_id: str, step: Step, number: int, round_: int) -> None:
        """Note that a part is through with a step, in this round of the request; again: nothing."""
        ...

    def is_marked(self, request_id: str, step: Step, number: int, round_: int) -> bool: ...

    def marked(self, request_id: str, step: Step, round_: int) -> int:
        """Return how many parts are through with a step in this round."""
        ...

    def save_result(self, request_id: str, result: PartResult) -> None:
        """Store what was read back last."""
        ...

    def results(self, request_id: str) -> Iterator[PartResult]: ...

    def claim(self, request_id: str, contact_ids: Iterable[str], part: int) -> Mapping[str, str]:
        """Let no other request, and no touch, have these contacts meanwhile.

        Returns the request that has it, of those that are not free (maybe of this request, in
        another part). Again claims what is claimed already; what a request has that has ended, is
        free.
        """
        ...

    def claims(self, contact_ids: Iterable[str]) -> Mapping[str, tuple[str, int]]:
        """Return by which open request, in which part, each of these contacts is claimed."""
        ...

    def release(self, request_id: str, contact_ids: Iterable[str]) -> None:
        """Let go of contacts that this request has claimed; again does nothing."""
        ...


class OwnedRecords(Protocol):
    """Who owns what. Places are found late by ms; what lies there is read strongly consistent."""

    def stretches(self, size: int) -> Iterator[tuple[Stretch, int]]:
        """Yield all places of records in stretches of up to `size`, with how many each has now."""
        ...

    def lying(self, stretch: Stretch) -> Iterator[Owned]:
        """Yield all that lies in a stretch and has an owner."""
        ...

    def indexed(self, owner: str) -> Iterator[Owned]:
        """Yield the contacts, open tasks and list rows that indexes have of an owner."""
        ...


class ErasureQueue(Protocol):
    """Asks the worker for steps of a request; each at least once. Ids and numbers only."""

    def send(self, request_id: str, step: Step, parts: Sequence[int]) -> None: ...


class RestoreQueue(Protocol):
    def send(self, job_id: str) -> None:
        """Ask for a restore check to be worked on, from where it is."""
        ...


class WorkingFiles(Protocol):
    """Files of imports, which hold what was uploaded, with all of their versions."""

    def held(self) -> Sequence[tuple[str, str | None]]:
        """Return the key and the import's id (None: unknown) of every version that is there."""
        ...

    def remove(self, keys: Iterable[str]) -> int:
        """Delete all versions of these; return how many there were."""
        ...


class Fences(Protocol):
    """Whether the table is the one that the journal was applied to."""

    def applied_to(self) -> str | None:
        """Return the identity of the table that this was written in; None: never."""
        ...

    def open(self, table_id: str, instead_of: str | None) -> None:
        """Say that it was applied to this table, and forget the seed.

        Raises Stale when meanwhile somebody said so of a table other than this and `instead_of`.
        """
        ...

    def seed(self, fresh: str) -> str:
        """Return what the ids of anonymous contacts are made from until the fence opens.

        It is `fresh` for the first one who asks, and for all who ask later.
        """
        ...
