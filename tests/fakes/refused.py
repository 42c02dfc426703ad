"""Records of a CRM that are not stored, in memory."""

from collections.abc import Iterator, Mapping, Sequence

from stageline.adapters.dynamodb.keys import refused_key, refused_partition, refused_prefix
from stageline.domain.job_states import Records
from stageline.domain.sync import Refused
from stageline.domain.workspace import Workspace
from tests.fakes.memory import Memory, Put


class InMemoryRefusedRecords:
    def __init__(self, memory: Memory, workspace: Workspace, integration: str) -> None:
        self._memory = memory
        self._workspace = workspace
        self._integration = integration

    def ids(self, records: Records) -> Iterator[str]:
        partition = refused_partition(self._workspace, self._integration)
        found: Iterator[Refused] = self._memory.query(partition, refused_prefix(records))
        return (one.record_id for one in found)

    def find_many(self, records: Records, record_ids: Sequence[str]) -> Mapping[str, Refused]:
        keys = (refused_key(self._workspace, self._integration, records, id_) for id_ in record_ids)
        found: list[Refused] = [one for key in keys if (one := self._memory.get(key)) is not None]
        return {one.record_id: one for one in found}

    def latest(self, limit: int, after: str | None) -> Iterator[tuple[str, Refused]]:
        partition = refused_partition(self._workspace, self._integration)
        found: list[Refused] = list(self._memory.query(partition))
        placed = ((f"{one.records}#{one.record_id}", one) for one in found)
        return ((place, one) for place, one in placed if place > (after or ""))

    def save(self, refused: Sequence[Refused]) -> None:
        for one in refused:
            key = refused_key(self._workspace, self._integration, one.records, one.record_id)
            self._memory.write("refused", Put(key, one))

    def clear(self, records: Records, record_ids: Sequence[str]) -> None:
        for record_id in record_ids:
            key = refused_key(self._workspace, self._integration, records, record_id)
            if self._memory.peek(key) is not None:
                self._memory.write("refused", Put(key, None, lambda stored: True))

    def forget_all(self) -> None:
        for _, one in list(self.latest(0, None)):
            self.clear(one.records, [one.record_id])
