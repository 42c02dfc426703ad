"""What is written to CRMs, in memory; and a CRM that takes it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from stageline.adapters.dynamodb.keys import (
    Key,
    job_partition,
    write_key,
    written_key,
)
from stageline.domain.crm_errors import CrmUnavailable
from stageline.domain.errors import NotFound
from stageline.domain.workspace import Workspace
from stageline.domain.write_back import WriteBack, Written
from tests.fakes.connector import MemoryConnector
from tests.fakes.memory import Memory, Put, over


class InMemoryWrites:
    def __init__(self, memory: Memory, workspace: Workspace) -> None:
        self._memory = memory
        self._workspace = workspace

    def get(self, write_id: str) -> WriteBack:
        found: WriteBack | None = self._memory.get(write_key(self._workspace, write_id))
        if found is None:
            raise NotFound("write")
        return found

    def latest(
        self, integration: str, limit: int, after: str | None
    ) -> tuple[Sequence[WriteBack], str | None]:
        places = {
            f"{one.requested_at.isoformat(timespec='microseconds')}#{one.write_id}": one
            for one in self._memory.query(job_partition(self._workspace, "write"))
            if one.integration == integration
        }
        found = [place for place in sorted(places, reverse=True) if after is None or place < after]
        following = found[limit - 1] if len(found) > limit else None
        return [places[place] for place in found[:limit]], following

    def written(self, account_id: str, integration: str) -> Written:
        key = self._written_key(account_id, integration)
        found: Written | None = self._memory.get(key)
        return found or Written(account_id=account_id, integration=integration)

    def of_request(self, request_id: str) -> Iterator[WriteBack]:
        found = self._memory.query(job_partition(self._workspace, "write"))
        return (one for one in found if one.request_id == request_id)

    def save(self, write: WriteBack | None, written: Written | None = None) -> None:
        puts = []
        if write is not None:
            key = write_key(self._workspace, write.write_id)
            puts.append(Put(key, write, over(write.rev)))
        if written is not None:
            key = self._written_key(written.account_id, written.integration)
            puts.append(Put(key, written, over(written.rev)))
        self._memory.write("write", *puts)

    def _written_key(self, account_id: str, integration: str) -> Key:
        return written_key(self._workspace, account_id, integration)


class KeptWrites:
    """The queue of writes: keeps (write, delay) of each message."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.messages: list[tuple[str, timedelta]] = []

    def send_write(self, write_id: str, *, delay: timedelta = timedelta()) -> None:
        self._memory.pause()
        self.messages.append((write_id, delay))


class WritableCrm(MemoryConnector):
    """Takes accounts and what is written to them. `lost`: so many answers are lost, all is done.

    `errors` are raised before anything is done, as when it is read.
    """

    def __init__(self, now: Callable[[], datetime], **options: Any) -> None:
        super().__init__(**options)
        self.now = now
        self.lost = 0
        self.updates: list[tuple[str, Mapping[str, Any]]] = []
        self.erased: list[str] = []

    def create_account(self, values: Mapping[str, Any], key: str) -> str:
        self._fail()
        made = f"a{len(self.made()) + 1:03}"
        names = self.fields["accounts"]
        self.put("accounts", made, {names[one]: v for one, v in values.items()}, at=self.now())
        self._lose()
        return made

    def find_created(self, values: Mapping[str, Any], key: str, since: datetime) -> str | None:
        self._fail()
        return next(
            (
                one
                for one, kept in self._kept["accounts"].items()
                if kept.at >= since and kept.record.values.get("Name") == values["name"]
            ),
            None,
        )

    def update_account(self, external_id: str, values: Mapping[str, Any]) -> None:
        self._fail()
        self.updates.append((external_id, values))
        before = self._kept["accounts"][external_id].record.values
        self.put("accounts", external_id, {**before, **values}, at=self.now())
        self._lose()

    def erase_contact(self, external_id: str) -> None:
        self._fail()
        self.erased.append(external_id)
        self._lose()

    def made(self) -> Sequence[str]:
        return list(self._kept["accounts"])

    def _lose(self) -> None:
        if self.lost:
            self.lost -= 1
            raise CrmUnavailable("the CRM's answer was cut off")
