"""What stands for merged records, in memory."""

from collections.abc import Iterable, Mapping
from contextlib import suppress

from stageline.adapters.dynamodb.keys import alias_key
from stageline.domain.alias import Alias
from stageline.domain.errors import Stale
from stageline.domain.workspace import Workspace
from tests.fakes.memory import Memory, Put


class InMemoryAliases:
    def __init__(self, memory: Memory, workspace: Workspace) -> None:
        self._memory = memory
        self._workspace = workspace

    def find_many(self, record_ids: Iterable[str]) -> Mapping[str, Alias]:
        found = {id_: self._memory.get(alias_key(self._workspace, id_)) for id_ in record_ids}
        return {id_: alias for id_, alias in found.items() if alias is not None}

    def add(self, record_id: str, alias: Alias) -> None:
        key = alias_key(self._workspace, record_id)
        with suppress(Stale):
            self._memory.write("alias", Put(key, alias, lambda stored: stored is None))
