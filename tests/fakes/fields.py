"""Custom fields, unique values and tags in memory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter

from stageline.adapters.dynamodb.keys import field_key, tag_key, unique_value_key
from stageline.domain.beside import Beside
from stageline.domain.custom_field import CustomField, Module
from stageline.domain.workspace import Workspace
from tests.fakes.memory import Memory, Put, over


class InMemoryFields:
    """The port `Fields`; nothing is kept, so nothing is late."""

    def __init__(self, memory: Memory, workspace: Workspace) -> None:
        self._memory = memory
        self._workspace = workspace

    def of(self, module: Module, keys: Iterable[str] = ()) -> Mapping[str, CustomField]:
        return {field.key: field for field in self.read() if field.module == module}

    def read(self) -> Sequence[CustomField]:
        items = self._memory.items.values()
        fields = (item for item in items if isinstance(item, CustomField))
        return sorted(fields, key=attrgetter("module", "key"))

    def find(self, module: Module, key: str) -> CustomField | None:
        found: CustomField | None = self._memory.get(field_key(self._workspace, module, key))
        return found

    def save(self, field: CustomField) -> None:
        key = field_key(self._workspace, field.module, field.key)
        self._memory.write("field", Put(key, field, over(field.rev)))

    def holders(self, values: Iterable[str]) -> Mapping[str, str]:
        self._memory.pause()
        found = {
            value: self._memory.peek(unique_value_key(self._workspace, value)) for value in values
        }
        return {value: holder for value, holder in found.items() if holder is not None}


def beside_puts(workspace: Workspace, beside: Beside) -> Iterator[Put]:
    """Yield what goes into the transaction of the record."""
    record_id = beside.record_id

    def nobody_else(stored: str | None) -> bool:
        return stored in (None, record_id)

    for value in beside.claimed:
        yield Put(unique_value_key(workspace, value), record_id, nobody_else)
    for value in beside.freed:
        yield Put(unique_value_key(workspace, value), None, nobody_else)
    for tag in beside.tagged:
        yield Put(tag_key(workspace, tag, record_id), record_id)
    for tag in beside.untagged:
        yield Put(tag_key(workspace, tag, record_id), None)
