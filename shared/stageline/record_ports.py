"""What contacts, activities and tasks need from the outside world, besides what `ports` has.

As there: bound to one workspace, every write conditional, `Stale` means decide again. Lists yield
`(place, record)` lazily; `after` is the place of the last record before, `page` how many are
expected to be read. `owners` are keyed hashes of addresses ("-": nobody's); None: everybody's.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from stageline.domain.activity import Activity
from stageline.domain.beside import NOTHING_BESIDE, Beside
from stageline.domain.contact import Contact
from stageline.domain.task import Task
from stageline.domain.touch import Ends, StoredTouch


class Contacts(Protocol):
    def get(self, contact_id: str) -> Contact:
        """Return the contact. Raises NotFound, also for a deleted one; Erased."""
        ...

    def find_many(self, contact_ids: Iterable[str]) -> Mapping[str, Contact]:
        """Return those of the contacts that are stored, deleted ones too."""
        ...

    def refused(
        self, changes: Iterable[tuple[Contact | None, Contact]]
    ) -> Mapping[str, Sequence[str]]:
        """Return by which fields those of the changed contacts are known who were erased."""
        ...

    def add(self, contacts: Sequence[Contact], beside: Beside = NOTHING_BESIDE) -> None:
        """Store new contacts with their links. Raises AlreadyExists: none was stored.

        Fails, as `save` does, when one of them has just been erased: `refused` tells.
        """
        ...

    def save(self, before: Contact, after: Contact, beside: Beside = NOTHING_BESIDE) -> None:
        """Store a change and what it makes of the links, over `before`. Raises Stale."""
        ...

    def touch(self, changes: Sequence[tuple[Contact, Contact]]) -> Sequence[int]:
        """Store each of these touches over what the contact was before, or nothing of it.

        Returns the indices of those that were not: changed meanwhile, by a neighbour's fault, or an
        erasure of the contact is open.
        """
        ...

    def open_erasures(self, contact_ids: Iterable[str]) -> Mapping[str, str]:
        """Return the requests to erase one of the contacts that are not done, by contact."""
        ...

    def suppress(self, hashes: Iterable[str], request_id: str) -> None:
        """Keep these identifiers out from now on; again does nothing."""
        ...

    def suppressed(self, hashes: Iterable[str]) -> frozenset[str]:
        """Return those of the hashes of identifiers that are kept out."""
        ...

    def holders(self, hashes: Iterable[str]) -> Mapping[str, Sequence[str]]:
        """Return the ids of the contacts that have each of these identifiers."""
        ...

    def by_age(
        self,
        *,
        through: datetime | None = None,
        since: datetime | None = None,
        youngest_first: bool = False,
        after: str | None = None,
        page: int,
    ) -> Iterator[tuple[str, Contact]]:
        """Yield contacts who are somebody by `gdpr_date`, of that range (late by ms)."""
        ...

    def remains(self, contact_id: str) -> Mapping[str, int]:
        """Count what lies with a contact and tells of a person, by store (stores.yaml)."""
        ...

    def links_left(self, links: Iterable[tuple[str, str, str]]) -> int:
        """Count those of the links (contact, "account" or "deal", its id) that are stored."""
        ...

    def indexed(self, contact: Contact) -> bool:
        """Tell whether an index still shows the contact as this one."""
        ...

    def listed(
        self,
        owners: Sequence[str] | None,
        *,
        is_lead: bool | None = None,
        after: str | None,
        page: int,
    ) -> Iterator[tuple[str, Contact]]:
        """Yield contacts by name: leads, those with an account, or both (late by ms)."""
        ...

    def of_account(
        self, account_id: str, after: str | None, page: int
    ) -> Iterator[tuple[str, Contact]]:
        """Yield the contacts that hold roles on an account, by id."""
        ...

    def of_deal(self, deal_id: str, after: str | None, page: int) -> Iterator[tuple[str, Contact]]:
        """Yield the contacts that hold roles on a deal, by id."""
        ...

    def count_of_account(self, account_id: str) -> int: ...


class Activities(Protocol):
    def get(self, activity_id: str) -> Activity:
        """Return the activity. Raises NotFound, also for a deleted one."""
        ...

    def find_many(self, activity_ids: Iterable[str]) -> Mapping[str, Activity]:
        """Return those of the activities that are stored, deleted ones too."""
        ...

    def add(self, activities: Sequence[Activity], beside: Beside = NOTHING_BESIDE) -> None:
        """Store new activities. Raises AlreadyExists: none was stored."""
        ...

    def save(self, before: Activity, after: Activity, beside: Beside = NOTHING_BESIDE) -> None:
        """Store a change over `before`, wherever that lay. Raises Stale.

        An erased one lies by itself, where no account and no contact leads to it.
        """
        ...

    def of_account(
        self, account_id: str, after: str | None, page: int
    ) -> Iterator[tuple[str, Activity]]:
        """Yield the activities about an account, the newest first."""
        ...

    def of_contact(
        self, contact_id: str, after: str | None, page: int
    ) -> Iterator[tuple[str, Activity]]:
        """Yield the activities with a contact, the newest first."""
        ...


class Touches(Protocol):
    def stored(self, account_id: str) -> StoredTouch | None: ...

    def ends(self, account_id: str, *, two_way: bool) -> Ends:
        """Return when the account was first and last touched in this way."""
        ...

    def save(self, touch: StoredTouch) -> None:
        """Store over revision `touch.rev - 1`. Raises Stale."""
        ...


class Tasks(Protocol):
    def get(self, task_id: str) -> Task:
        """Return the task. Raises NotFound, also for a deleted one."""
        ...

    def find_many(self, task_ids: Iterable[str]) -> Mapping[str, Task]:
        """Return those of the tasks that are stored, deleted ones too."""
        ...

    def add(self, task: Task, beside: Beside = NOTHING_BESIDE) -> None:
        """Store a new task. Raises AlreadyExists."""
        ...

    def save(self, before: Task, after: Task, beside: Beside = NOTHING_BESIDE) -> None:
        """Store a change over `before`, wherever that lay; as of activities. Raises Stale."""
        ...

    def of_account(
        self, account_id: str, after: str | None, page: int
    ) -> Iterator[tuple[str, Task]]:
        """Yield the tasks about an account: open ones by due day, then the done ones."""
        ...

    def of_contact(
        self, contact_id: str, after: str | None, page: int
    ) -> Iterator[tuple[str, Task]]:
        """Yield the tasks about a contact, whatever else they are about, as `of_account` does."""
        ...

    def open_by_due_day(
        self,
        owners: Sequence[str] | None,
        *,
        through: date | None = None,
        after: str | None,
        page: int,
    ) -> Iterator[tuple[str, Task]]:
        """Yield the open tasks that are due by that day, the first due first (late by ms)."""
        ...

    def count_open(self, account_id: str) -> int: ...
