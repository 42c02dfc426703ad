"""What jobs need from the outside world, besides what `ports` has.

As there: bound to one workspace, every write conditional, `Stale` means decide again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, Protocol

from stageline.domain.account import Account
from stageline.domain.drift import Change, Found, SearchWord, Stored
from stageline.domain.group import StageChanged
from stageline.domain.move import Hold
from stageline.domain.work import Kind, Work


class Works(Protocol):
    """Jobs that are no imports."""

    def add(self, work: Work) -> None:
        """Store a new job. Raises AlreadyExists."""
        ...

    def get(self, job_id: str) -> Work:
        """Return the job, of whatever kind. Raises NotFound."""
        ...

    def save(self, work: Work) -> None:
        """Store over revision `work.rev - 1`. Raises Stale."""
        ...

    def latest(self, kind: Kind, limit: int) -> Sequence[Work]:
        """Return up to `limit` jobs of a kind, those asked for last first (late by ms)."""
        ...


class LoneWorks(Works, Protocol):
    """Jobs of which one runs at a time in a workspace, worked on in parts."""

    def add_only(self, work: Work) -> None:
        """Store a new job while no other of its kind is running. Raises AlreadyExists."""
        ...

    def running(self, kind: Kind) -> Work | None:
        """Return the job of this kind that was stored by `add_only` and has not ended."""
        ...

    def end(self, work: Work) -> None:
        """Store the end of such a job over revision `work.rev - 1`. Raises Stale."""
        ...

    def save_part(self, work: Work, number: int, found: Found) -> None:
        """Store what came of a part of a job, once: a second result of it is not kept."""
        ...

    def parts(self, work: Work) -> Mapping[int, Found]:
        """Return what came of the parts that are done, by number."""
        ...


class Moves(Protocol):
    """Moves of accounts with children; what each of them holds is in its job (`domain.move`).

    A group is held exactly while the job that holds it runs: both change in one transaction.
    """

    def begin(self, work: Work) -> None:
        """Store a new job and hold its groups. Raises Stale when one of them is held."""
        ...

    def hold(self, root_id: str) -> Hold | None: ...

    def put_under(
        self, work: Work, account: Account, from_parent_id: str | None, parent: Account | None
    ) -> None:
        """Store the moved account, both counts of children and the job, each over `rev - 1`.

        Holds only while `parent` is as it was read. Raises Stale.
        """
        ...

    def carry(self, work: Work, parent: Account, children: Sequence[Account]) -> None:
        """Store children in the group of their parent, each over `rev - 1`, together.

        Holds only while the job holds its groups and `parent` is as it was read. Raises Stale.
        """
        ...

    def end(self, work: Work) -> None:
        """Store the ended job over `rev - 1`, and let go of its groups. Raises Stale."""
        ...

    def withdraw(self, work: Work) -> None:
        """Remove the job at `rev`, and let go of its groups. Raises Stale."""
        ...


class WorkQueue(Protocol):
    """Asks workers for what takes longer than a request or a batch; each at least once."""

    def send_job(self, kind: Kind, job_id: str) -> None:
        """Ask for a job to be worked on, from where it is."""
        ...

    def send_rows(self, account_ids: Sequence[str]) -> None:
        """Ask for the list rows of these accounts to be brought up to date (step ③)."""
        ...


class Executions(Protocol):
    """A machine that works off the parts of verifications, each try of a job once."""

    def start(self, work: Work, parts: Sequence[int]) -> None:
        """Let these parts be worked off and the job be ended; twice is as once."""
        ...

    def state(self, work: Work) -> Literal["running", "ended", "not started"]: ...


class Inspection(Protocol):
    """The table as it lies, for verification only: everything else reads what it has a key for."""

    def item_count(self) -> int:
        """Return about how many items there are, of all workspaces (late by hours)."""
        ...

    def met(self, part: int, of: int) -> Iterator[Stored]:
        """Yield everything in one of the table's segments, a partition after the other."""
        ...

    def again(self, stored: Stored) -> Stored | None:
        """Return what lies there now."""
        ...

    def account(self, account_id: str) -> Sequence[Stored]:
        """Return all of an account's partition, its deals too."""
        ...

    def events(self, account_id: str) -> Sequence[Stored]: ...

    def group(self, root_id: str) -> Sequence[Stored]:
        """Return all of a group's partition, the value before the ledgers."""
        ...

    def ledger(self, root_id: str, account_id: str) -> Stored | None: ...

    def locators(self, record_ids: Iterable[str]) -> Mapping[str, Stored]: ...

    def words(self, words: Iterable[SearchWord]) -> Mapping[SearchWord, Stored]: ...

    def deals_there(self, places: Mapping[str, str | None]) -> Mapping[str, Stored]:
        """Return those of the deals that lie in the partition of that account (None: of none)."""
        ...

    def write(self, changes: Sequence[Change]) -> None:
        """Do all of the changes or none. Raises Stale when something lies otherwise than read."""
        ...


class Outbox(Protocol):
    def mark_sent(self, events: Sequence[StageChanged]) -> None:
        """Keep that the events were published; one that has expired meanwhile is passed over."""
        ...
