"""What the use cases need from the outside world.

Every store is bound to one workspace. Reads that lead to a write are strongly consistent; every
write is conditional. `Stale` and `AlreadyExists` mean: read again, decide again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, Protocol

from stageline.domain.access import AccessProfile
from stageline.domain.account import Account
from stageline.domain.beside import NOTHING_BESIDE, Beside
from stageline.domain.deal import Deal
from stageline.domain.group import (
    Home,
    Row,
    StageChanged,
    StoredLedger,
    StoredPart,
    Value,
    Version,
)
from stageline.domain.integration import Configured, Integration, LastImport, OverlayLog
from stageline.domain.principal import Member, Removed
from stageline.domain.roster import Roster
from stageline.domain.settings import Settings
from stageline.domain.stamp import Stamp
from stageline.domain.sync import SyncState
from stageline.domain.view import AccountView, GroupView
from stageline.domain.workspace import Workspace

type LedgerChange = tuple[Home | None, Sequence[StoredLedger]]
"""A home over its revision before (None: as it is), and ledgers over theirs; none is in parts."""
type RowChange = tuple[Row, Row | None, StageChanged | None]
"""A row, the row that it follows, and its event."""


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the instant, UTC; never set by hand."""
        ...

    def today(self, zone: str) -> date:
        """Return the day in `zone`, or the day that the local stack's clock was set to."""
        ...


class Accounts(Protocol):
    def get(self, account_id: str) -> Account:
        """Return the account. Raises NotFound, also for a deleted one, and one that is linked."""
        ...

    def find(self, account_id: str) -> Account | None:
        """Return the account, a deleted or linked one too."""
        ...

    def find_many(self, account_ids: Iterable[str]) -> Mapping[str, Account]:
        """Return those of the accounts that are stored, deleted ones too."""
        ...

    def add(self, accounts: Sequence[Account], beside: Beside = NOTHING_BESIDE) -> None:
        """Store new accounts, each alone in its group. Raises AlreadyExists: none was stored."""
        ...

    def save(self, account: Account, beside: Beside = NOTHING_BESIDE) -> None:
        """Store a change that moves nothing, over revision `account.rev - 1`. Raises Stale."""
        ...

    def save_together(self, accounts: Sequence[Account], beside: Beside = NOTHING_BESIDE) -> None:
        """Store each as `save` does, all of them or none. Raises Stale."""
        ...

    def move(self, account: Account, from_parent_id: str | None, to_parent: Account | None) -> None:
        """Store a changed parent, over revision `account.rev - 1`, and both counts of children.

        Holds only while the account has no children and `to_parent` is in the group it was read
        in. Raises Stale.
        """
        ...

    def delete(
        self, account: Account, from_parent_id: str | None, beside: Beside = NOTHING_BESIDE
    ) -> None:
        """Store a deleted account as `move` does. Raises Stale."""
        ...

    def children_count(self, account_id: str) -> int: ...

    def children_tally(self, account_id: str) -> tuple[int, int]:
        """Return how many children the account has, and how often one has come or gone."""
        ...

    def children(self, account_id: str) -> Iterator[str]:
        """Yield ids of accounts that have, or await, this one as their parent (late by ms)."""
        ...


class Deals(Protocol):
    def get(self, deal_id: str) -> Deal:
        """Return the deal. Raises NotFound, also for one that is gone."""
        ...

    def find_many(self, deal_ids: Iterable[str]) -> Mapping[str, Deal]:
        """Return those of the deals that are stored, gone ones too, wherever they lie."""
        ...

    def of_account(self, account_id: str, part: str = "") -> Iterator[Deal]:
        """Yield every deal in the account's partition, gone and waiting ones too, by id.

        `part`: only those whose ids begin so.
        """
        ...

    def unassigned(self, limit: int, after: str | None) -> Sequence[Deal]:
        """Return up to `limit` deals that count for no account, by id, after that id."""
        ...

    def add(self, deals: Sequence[Deal], beside: Beside = NOTHING_BESIDE) -> None:
        """Store new deals with their locators. Raises AlreadyExists: none was stored."""
        ...

    def save(self, deals: Sequence[Deal], beside: Beside = NOTHING_BESIDE) -> None:
        """Store changes that move nothing, over revision `deal.rev - 1`. Raises Stale: none was."""
        ...

    def move(
        self,
        deal: Deal,
        before: Deal,
        beside: Beside = NOTHING_BESIDE,
        during: Account | None = None,
    ) -> None:
        """Store a deal under another account than `before`, and over it. Raises Stale.

        Holds only while the account `during` is as it was read.
        """
        ...


class Groups(Protocol):
    def home(self, account_id: str) -> Home | None: ...

    def homes(self, account_ids: Iterable[str]) -> Mapping[str, Home]: ...

    def head(self, root_id: str, account_id: str) -> StoredLedger | None:
        """Return the ledger; of one in parts that without deals only."""
        ...

    def heads(self, places: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], StoredLedger]:
        """Return those of the ledgers, by root and account, that are stored; as `head` does."""
        ...

    def part(self, root_id: str, account_id: str, part: str) -> StoredPart | None: ...

    def ledger(self, root_id: str, account_id: str) -> StoredLedger | None: ...

    def ledgers(self, root_id: str) -> Iterator[StoredLedger]:
        """Yield every ledger of the group, closed ones too, by account."""
        ...

    def save_ledger(self, ledger: StoredLedger) -> None:
        """Store over the live revision `ledger.rev - 1`, its parts before it. Raises Stale."""
        ...

    def save_part(self, ledger: StoredLedger, part: StoredPart) -> None:
        """Store over `part.rev - 1` while the ledger is live and in such parts. Raises Stale."""
        ...

    def move(self, home: Home, ledgers: Sequence[StoredLedger]) -> None:
        """Store a home over `home.rev - 1` and ledgers over `rev - 1` each, together.

        Raises Stale.
        """
        ...

    def save_many(self, changes: Sequence[LedgerChange], *, in_job: bool) -> Sequence[int]:
        """Store each of the changes or nothing of it; return the indices of those that were not.

        `in_job`: the stream asks nothing of it.
        """
        ...

    def valued(self, root_id: str, scheme: str) -> tuple[Value | None, tuple[StoredLedger, ...]]:
        """Return the group's value, and then read its ledgers, closed ones too."""
        ...

    def values(self, root_ids: Iterable[str], scheme: str) -> Mapping[str, Value]: ...

    def value(self, root_id: str, scheme: str, *, consistent: bool = True) -> Value | None: ...

    def save_value(self, value: Value, version: Version | None) -> None:
        """Store over `value.rev - 1`, with the version when the timeline changed. Raises Stale."""
        ...

    def save_values(
        self, values: Sequence[tuple[Value, Version | None]], *, in_job: bool
    ) -> Sequence[int]:
        """Store each as `save_value` does or not at all; return the indices of those it was not."""
        ...

    def versions(
        self, root_id: str, scheme: str, until: datetime | None = None
    ) -> Iterator[Version]:
        """Yield the versions recorded up to and including `until`, oldest first."""
        ...

    def due(self, through: date) -> Iterator[tuple[str, str]]:
        """Yield (root, scheme) of each value that is due by that day (late by ms): from its
        `due_on` the stage, or what holds, is another one.
        """
        ...


class Rows(Protocol):
    def row(self, account_id: str, scheme: str) -> Row | None: ...

    def rows(self, account_ids: Iterable[str], scheme: str) -> Mapping[str, Row]: ...

    def save(self, row: Row, before: Row | None, event: StageChanged | None) -> None:
        """Store the row, its search words and its event together.

        Raises Stale unless the stored row is still `before`.
        """
        ...

    def save_many(self, changes: Sequence[RowChange]) -> Sequence[int]:
        """Store each as `save` does or not at all; return the indices of those it was not."""
        ...


class Lists(Protocol):
    """What lists and searches read; all of it late by milliseconds."""

    def listed(
        self,
        scheme: str,
        ranks: Iterable[int],
        *,
        sort: Literal["name", "since"],
        descending: bool = False,
        owners: Sequence[str] | None = None,
        after: str | None = None,
        page: int,
    ) -> Iterator[tuple[str, Row]]:
        """Yield `(sort key, row)` of the rows of those ranks in the order of the key, lazily.

        The key is the folded name or the day since, then the id; `after` is that of the last row
        before. `page` rows are expected to be read. `owners` (keyed hashes) go with names only.
        """
        ...

    def matching(self, prefix: str, limit: int) -> Sequence[str]:
        """Return ids of up to `limit` accounts that have a word beginning with `prefix`."""
        ...

    def tagged(self, tag: str, limit: int) -> Sequence[str]:
        """Return ids of up to `limit` accounts that have the tag, a keyed hash."""
        ...

    def deals(self, account_id: str, after: str | None, page: int) -> Iterator[Deal]:
        """Yield the deals of an account, gone and waiting ones too, by id, after that id."""
        ...


class Views(Protocol):
    """What one answer about an account reads, each in one query."""

    def account(self, account_id: str, *, with_beside: bool = False) -> AccountView | None:
        """Return the account, a deleted one too, with its home and its touch.

        `with_beside`: with its deals, contacts and tasks, if they are few.
        """
        ...

    def group(self, root_id: str, scheme: str) -> GroupView: ...


class Configuration(Protocol):
    """What is configured of a workspace: small, and read whole."""

    def read(self) -> Configured: ...

    def zone(self) -> str: ...

    def integrations(self) -> Sequence[Integration]: ...

    def last_tick(self) -> datetime | None:
        """Return when the due-date tick last went through to its end."""
        ...

    def save_zone(self, zone: str, stamp: Stamp) -> None: ...

    def save_integration(
        self, integration: Integration, overlay: OverlayLog, before: OverlayLog
    ) -> None:
        """Store an integration over `rev - 1` while the overlay is as `before`, and the overlay.

        Raises Stale.
        """
        ...

    def delete_integration(
        self,
        integration: Integration,
        overlay: OverlayLog,
        before: OverlayLog,
        state: SyncState,
        stamp: Stamp,
    ) -> None:
        """Delete an integration, as it was read, and its `state`, as it was read.

        As `save_integration` besides. Raises Stale.
        """
        ...

    def save_tick(self, completed_at: datetime, through: date) -> None: ...

    def save_last_import(self, last: LastImport) -> None:
        """Keep what was completed last of its kind: nothing is kept over what ended later."""
        ...


class Directory(Protocol):
    """What belongs to no workspace: which there are, and who is a member of which."""

    def workspaces(self) -> Iterator[Workspace]: ...

    def memberships(self, subject: str) -> Sequence[Member]: ...

    def add_workspace(self, workspace: Workspace) -> None: ...

    def addresses(self, workspace: Workspace) -> Mapping[str, str]:
        """Return the subjects of the workspace's members by their addresses, as they were given."""
        ...

    def roster(self, workspace: Workspace) -> Roster: ...

    def save_member(self, member: Member, roster: Roster) -> None:
        """Store a member over `rev - 1`, as one of `roster`, over the one before. Raises Stale."""
        ...

    def remove_member(self, member: Member, roster: Roster, stamp: Stamp) -> None:
        """Remove a member, which leaves `roster`, over the one before. Raises Stale."""
        ...

    def removed(self, workspace: Workspace, subject: str) -> Removed | None:
        """Return what stays of a member who was removed; None for who never was one, or is."""
        ...

    def forget(self, workspace: Workspace, removed: Removed, stamp: Stamp) -> None:
        """Forget the address of a member who was removed; again does nothing. Raises Stale."""
        ...


class Rights(Protocol):
    """What a workspace has decided about who sees what."""

    def settings(self) -> Settings: ...

    def save_settings(self, settings: Settings) -> None:
        """Store over `rev - 1`. Raises Stale."""
        ...

    def profiles(self) -> Sequence[AccessProfile]:
        """Return all profiles, by key."""
        ...

    def profile(self, key: str) -> AccessProfile | None: ...

    def save_profile(self, profile: AccessProfile) -> None:
        """Store over `rev - 1`. Raises Stale."""
        ...

    def delete_profile(self, profile: AccessProfile, stamp: Stamp) -> None:
        """Remove it as it was read. Raises Stale."""
        ...


class SignIn(Protocol):
    """Where people and API clients prove who they are."""

    def invite(self, email: str) -> str:
        """Return the subject of the person with this address, who is invited if unknown."""
        ...

    def add_client(self, user_name: str) -> tuple[str, str | None]:
        """Make an API client; return its subject and its secret, which is not kept.

        None instead of the secret when there is such a client already.
        """
        ...

    def delete(self, subject: str, email: str | None) -> None:
        """Delete the person with this subject; again does nothing. Raises StoreUnreachable.

        `email` is their address, if it is still known.
        """
        ...


class SetAside(Protocol):
    """Keeps what could not be processed for a person to look at: names of records, no records."""

    def send(self, workspace: str | None, item: str, item_id: str) -> None:
        """Keep that work on an item ("account", "group", "event", "record") failed for good."""
        ...


class StageEvents(Protocol):
    """Tells other systems; may tell them twice."""

    def publish(self, events: Sequence[tuple[Workspace, StageChanged]]) -> Sequence[int]:
        """Send the events; return the indices of those that were not taken now."""
        ...
