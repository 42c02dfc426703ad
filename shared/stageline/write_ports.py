"""What writing to CRMs needs from the outside world."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from stageline.domain.write_back import WriteBack, Written


class Writes(Protocol):
    """What was, and is to be, written to the CRMs of a workspace."""

    def get(self, write_id: str) -> WriteBack:
        """Return one write. Raises NotFound."""
        ...

    def latest(
        self, integration: str, limit: int, after: str | None
    ) -> tuple[Sequence[WriteBack], str | None]:
        """Return some writes of an integration, those asked for last first, and where to go on."""
        ...

    def written(self, account_id: str, integration: str) -> Written:
        """Return what was written of an account; of nothing, at revision 0."""
        ...

    def of_request(self, request_id: str) -> Iterator[WriteBack]:
        """Yield the commands of an erasure, as they are now."""
        ...

    def save(self, write: WriteBack | None, written: Written | None = None) -> None:
        """Store both or nothing, each over the revision before. Raises Stale."""
        ...


class WriteQueue(Protocol):
    def send_write(self, write_id: str, *, delay: timedelta = timedelta()) -> None:
        """Have a write worked off; no message waits longer than 15 minutes."""
        ...


@runtime_checkable
class WritesAccounts(Protocol):
    """A connector that can write accounts. Every method raises CrmError."""

    def create_account(self, values: Mapping[str, Any], key: str) -> str:
        """Create an account, by our names of the fields, and return its id.

        Asked for once: nothing is sent again that may have been done. `key` stands for this
        account, where a CRM takes such a key and makes nothing twice of it.
        """
        ...

    def find_created(self, values: Mapping[str, Any], key: str, since: datetime) -> str | None:
        """Return the id of what an earlier call has created since, None if there is none."""
        ...

    def update_account(self, external_id: str, values: Mapping[str, Any]) -> None:
        """Set fields, by the CRM's names. The same again changes nothing."""
        ...


@runtime_checkable
class ErasesContacts(Protocol):
    """A connector that can erase people. Raises CrmError."""

    def erase_contact(self, external_id: str) -> None:
        """Erase a contact for good; one that is not there is erased."""
        ...
