"""Custom fields, and the records that have their unique values, in DynamoDB."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from time import monotonic

from stageline.adapters.dynamodb.account_items import stamp_from, stamp_values
from stageline.adapters.dynamodb.codec import Item
from stageline.adapters.dynamodb.custom_items import value_as_stored, value_from_stored
from stageline.adapters.dynamodb.keys import (
    FIELD_PREFIX,
    configuration_partition,
    field_key,
    unique_value_key,
)
from stageline.adapters.dynamodb.table import Table, over
from stageline.domain.custom_field import CustomField, Module
from stageline.domain.workspace import Workspace

KEPT_SECONDS = 30.0


class DynamoDbFields:
    """The port `Fields`."""

    def __init__(self, table: Table, workspace: Workspace) -> None:
        self._table = table
        self._workspace = workspace
        self._kept: Sequence[CustomField] = ()
        self._read_at = float("-inf")

    def of(self, module: Module, keys: Iterable[str] = ()) -> Mapping[str, CustomField]:
        kept = self._kept_of(module)
        if monotonic() - self._read_at >= KEPT_SECONDS or not kept.keys() >= set(keys):
            # The age is that of the question: what is written meanwhile may be missing.
            asked_at = monotonic()
            self._kept = self.read()
            self._read_at = asked_at
            kept = self._kept_of(module)
        return kept

    def read(self) -> Sequence[CustomField]:
        partition = configuration_partition(self._workspace)
        items = self._table.query(partition, prefix=FIELD_PREFIX, consistent=True)
        return sorted(map(field_from_item, items), key=attrgetter("module", "key"))

    def find(self, module: Module, key: str) -> CustomField | None:
        item = self._table.get(field_key(self._workspace, module, key))
        return field_from_item(item) if item else None

    def save(self, field: CustomField) -> None:
        self._table.save([over(field_item(self._workspace, field))], "field")
        self._read_at = float("-inf")

    def holders(self, values: Iterable[str]) -> Mapping[str, str]:
        keys = (unique_value_key(self._workspace, value) for value in values)
        return {
            str(item["PK"]).rpartition("#")[2]: item["id"] for item in self._table.batch_get(keys)
        }

    def _kept_of(self, module: Module) -> Mapping[str, CustomField]:
        return {field.key: field for field in self._kept if field.module == module}


def field_item(workspace: Workspace, field: CustomField) -> Item:
    default = None if field.default is None else value_as_stored(field.default)
    item: Item = field_key(workspace, field.module, field.key) | {
        "module": field.module,
        "key": field.key,
        "name": field.name,
        "type": field.type,
        "required": field.required,
        "unique": field.unique,
        "default": default,
        "options": list(field.options),
        "personal": field.personal,
        "archived": field.archived,
        "created_at": field.created_at.isoformat(),
        "rev": field.rev,
        **stamp_values(field.changed),
    }
    return {name: value for name, value in item.items() if value is not None}


def field_from_item(item: Item) -> CustomField:
    return CustomField(
        module=item["module"],
        key=item["key"],
        name=item["name"],
        type=item["type"],
        required=item["required"],
        unique=item["unique"],
        default=value_from_stored(item["default"]) if "default" in item else None,
        options=tuple(item["options"]),
        personal=item["personal"],
        archived=item["archived"],
        created_at=datetime.fromisoformat(item["created_at"]),
        changed=stamp_from(item),
        rev=item["rev"],
    )
