"""What talking to a CRM needs from the outside world."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from stageline.domain.alias import Alias
from stageline.domain.crm_messages import CrmReply, CrmRequest
from stageline.domain.crm_records import Ask, CrmField, CrmPage, CrmRecord, Place
from stageline.domain.job_states import Records
from stageline.domain.records import SyncedRecord
from stageline.domain.sync import Refused, Window


class Crm(Protocol):
    def send(self, request: CrmRequest) -> CrmReply:
        """Return the CRM's good answer, after as many tries as there is time for.

        Raises CrmError, UrlNotAllowed.
        """
        ...


class Pace(Protocol):
    """How fast all workers together may ask one integration's CRM."""

    def take(self, most: timedelta, turns: int = 1) -> timedelta:
        """Return how long the next request has to wait; it is counted from now on, as `turns`.

        Raises CrmThrottled, and counts nothing, if that is longer than `most`.
        """
        ...

    def lower(self, left: int) -> None:
        """The CRM says that no more than `left` requests may follow at once."""
        ...

    def hold(self, wait: timedelta) -> None:
        """The CRM says that nobody is to ask for so long."""
        ...


class Tokens(Protocol):
    """The access tokens of one integration."""

    def value(self) -> str:
        """Return a token that is good for a while. Raises CrmError."""
        ...

    def drop(self, value: str) -> None:
        """The CRM does not take this token any more."""
        ...


class IntegrationSecrets(Protocol):
    """The credentials of a workspace's integrations."""

    def write(self, key: str, values: Mapping[str, str]) -> None:
        """Keep the credentials of an integration; those before stay as a fallback."""
        ...

    def versions(self, key: str) -> Iterator[Mapping[str, str]]:
        """Yield the current credentials, then those coming and those before. Raises NotFound."""
        ...

    def delete(self, key: str) -> None:
        """Forget the credentials of an integration, for good."""
        ...


@dataclass(frozen=True, slots=True)
class SourcePage:
    """Rows of a page, in order; where to go on (None: that was all), and not before when."""

    rows: Sequence[SyncedRecord] = field(repr=False)
    place: Place
    wait: timedelta | None = None


class CrmSource(Protocol):
    """One integration's CRM as runs see it: its records are rows already (mapped, translated).

    Every method raises CrmError.
    """

    def page(self, records: Records, window: Window, place: Place, line: int) -> SourcePage:
        """Return the next page; its rows are numbered from `line` on. Raises PlaceLost."""
        ...

    def fetch(self, records: Records, ids: Sequence[str], line: int) -> Sequence[SyncedRecord]:
        """Return a row for each of these ids (200 at most); what is unknown is gone."""
        ...

    def count(self, records: Records) -> int | None:
        """Return how many the CRM says there are; None where it cannot."""
        ...

    def quota_left(self) -> int | None:
        """Return how many requests the CRM's last answer left for the day, if it said so."""
        ...


class Aliases(Protocol):
    """What stands for external ids under which nothing is stored, by the ids made of them."""

    def find_many(self, record_ids: Iterable[str]) -> Mapping[str, Alias]:
        """Return those of the aliases that there are."""
        ...

    def add(self, record_id: str, alias: Alias) -> None:
        """Keep an alias; one that there is already stays as it is."""
        ...


class SeenIds(Protocol):
    """Which records of an integration were seen, by our ids, in epochs; kept outside the table."""

    def add(self, records: Records, epoch: str, name: str, ids: Sequence[str]) -> None:
        """Keep the ids of a page; the same name replaces itself."""
        ...

    def epochs(self, records: Records) -> Sequence[str]:
        """Return all epochs that have ids."""
        ...

    def ids(self, records: Records, epoch: str) -> Iterator[str]:
        """Yield the ids of an epoch, some perhaps more than once."""
        ...

    def forget(self, records: Records, epoch: str) -> None:
        """Forget an epoch."""
        ...


class RefusedRecords(Protocol):
    """The records of one integration that are not stored, and why."""

    def ids(self, records: Records) -> Iterator[str]:
        """Yield our ids of all of a kind."""
        ...

    def find_many(self, records: Records, record_ids: Sequence[str]) -> Mapping[str, Refused]:
        """Return those of these records that are refused, by our ids."""
        ...

    def latest(self, limit: int, after: str | None) -> Iterator[tuple[str, Refused]]:
        """Yield refused records with their places, by kind and id, after a place.

        `limit` are expected to be read.
        """
        ...

    def save(self, refused: Sequence[Refused]) -> None:
        """Keep these, over what was kept of the same records."""
        ...

    def clear(self, records: Records, record_ids: Sequence[str]) -> None:
        """Forget these records; again does nothing."""
        ...

    def forget_all(self) -> None:
        """Forget all of them: the integration is no more."""
        ...


class Connector(Protocol):
    """One CRM, as its own API has it; made for one integration, by one thread.

    Every method raises CrmError. Waiting, trying again and pacing are done in `Crm`.
    """

    fields: Mapping[Records, Mapping[str, str]]
    """Ours → theirs, for the objects that the vendor ships: what is read without a mapping.

    A connector may add values under names of its own, where the CRM has no single field for it.
    """

    def page(self, ask: Ask) -> CrmPage:
        """Return the next page, those deleted since among them. Raises PlaceLost."""
        ...

    def fetch(
        self, records: Records, ids: Sequence[str], fields: Sequence[str]
    ) -> Sequence[CrmRecord]:
        """Return these records (200 at most), gone ones as such; what is unknown is left out."""
        ...

    def count(self, records: Records) -> int | None:
        """Return how many there are, None where the CRM cannot say."""
        ...

    def describe(self, records: Records) -> Sequence[CrmField]:
        """Return the fields that the CRM says there are."""
        ...
