"""A query over the store: which rows, in which order, shown how."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any
from zlib import crc32

from tests.crm.salesforce import ids, soql
from tests.crm.salesforce.errors import Refusal, invalid_field, malformed_query
from tests.crm.salesforce.fields import Field, ObjectType, Row
from tests.crm.salesforce.filters import Paths, compiled, field_of, window
from tests.crm.salesforce.soql import Compare, Condition, Select
from tests.crm.salesforce.store import Store

MOST_ORDERS = 32
MOST_SIGNS = 100_000


class Query:
    def __init__(self, store: Store, text: str, *, deleted: bool) -> None:
        if len(text) > MOST_SIGNS:
            raise malformed_query("SOQL statements cannot be longer than 100000 characters.")
        self._store = store
        self._deleted = deleted
        self.select: Select = soql.parse(text)
        self.kind = visible(store, self.select.table)
        self.paths = Paths(store, self.kind)
        self._columns = [self.paths.steps(path) for path in self.select.fields]
        self._values = [self.paths.value(path)[1] for path in self.select.fields]
        lowered = [path.lower() for path in self.select.fields]
        twice = next((path for path in lowered if lowered.count(path) > 1), None)
        if twice:
            raise malformed_query(f"duplicate field selected: {twice}")
        if len(self.select.order) > MOST_ORDERS:
            raise malformed_query("maximum number of fields in ORDER BY is 32")
        for order in self.select.order:
            if not self.paths.value(order.field)[0].filterable:
                raise invalid_field(f"field '{order.field}' can not be sorted in a query call")
        where = self.select.where
        self._passes = compiled(where, self.paths) if where else None

    def rows(self) -> list[Row]:
        """Rows are never changed, so the list stays what it was when the query ran."""
        limit = self.select.limit
        if self._in_index_order():
            return list(islice(self._matching(), limit))
        found = list(self._matching())
        # No order is promised but the one asked for: ties come in an order of their own.
        found.sort(key=lambda row: crc32(row["Id"].encode()))
        for order in reversed(self.select.order):
            field, value = self.paths.value(order.field)
            found = _sorted(found, field, value, order)
        return found[:limit]

    def _matching(self) -> Iterable[Row]:
        every = self._store.rows(self.kind.name)
        passes = self._passes
        for row in self._candidates(every):
            if not self._deleted and (row.get("IsDeleted") or row.get("IsArchived")):
                continue
            if passes is None or passes(row):
                yield row

    def _candidates(self, every: dict[str, Row]) -> Iterable[Row]:
        where = self.select.where
        wanted = _ids(where)
        if wanted is not None and not self.select.order:
            return [every[one] for one in wanted if one in every]
        low, high = window(where)
        return (every[key] for _, key in self._store.window(self.kind.name, low, high))

    def _in_index_order(self) -> bool:
        names = [one.field.lower() for one in self.select.order]
        rising = not any(one.descending for one in self.select.order)
        return rising and names == ["systemmodstamp", "id"]

    def shown(self, row: Row, root: str) -> dict[str, Any]:
        record = attributes(self.kind, row, root)
        for climbed, field, kinds in self._columns:
            at, parent = record, row
            for step, kind in zip(climbed, kinds[1:], strict=True):
                target = self.paths.parent(parent, [step])
                name = step.relationship or ""
                if target is None:
                    at[name] = None
                    break
                parent = target
                if name not in at:
                    at[name] = attributes(self._store.type_of(parent["Id"]) or kind, parent, root)
                at = at[name]
            else:
                at[field.name] = field_of(field, parent)
        return record

    def header(self) -> list[str]:
        """Columns in the order asked for, named as the objects name them."""
        return [
            ".".join([*(step.relationship or "" for step in climbed), field.name])
            for climbed, field, _ in self._columns
        ]

    def cells(self, row: Row) -> list[Any]:
        return [value(row) for value in self._values]


def visible(store: Store, name: str) -> ObjectType:
    kind = next((one for one in store.types.values() if one.name.lower() == name.lower()), None)
    if kind is None or not kind.readable:
        raise Refusal(
            400,
            "INVALID_TYPE",
            f"sObject type '{name}' is not supported. If you are attempting to use a custom "
            "object, be sure to append the '__c' after the entity name. Please reference your "
            "WSDL or the describe call for the appropriate names.",
        )
    return kind


def attributes(kind: ObjectType, row: Row, root: str) -> dict[str, Any]:
    return {
        "attributes": {"type": kind.name, "url": f"{root}/sobjects/{kind.name}/{row['Id']}"},
    }


def _ids(condition: Condition | None) -> list[str] | None:
    match condition:
        case soql.Both(parts):
            return next((found for part in parts if (found := _ids(part)) is not None), None)
        case Compare(field, "=" | "in", values) if field.lower() == "id":
            return sorted({ids.normal(one.text) or "" for one in values})
    return None


def _sorted(
    rows: list[Row], field: Field, value: Callable[[Row], Any], order: soql.Order
) -> list[Row]:
    """Text is sorted without minding case, ids with it; rows without a value come first."""
    folds = field.type not in ("id", "reference")

    def key(row: Row) -> Any:
        found = value(row)
        return found.casefold() if folds and isinstance(found, str) else found

    empty = [row for row in rows if value(row) is None]
    full = [row for row in rows if value(row) is not None]
    full.sort(key=key, reverse=order.descending)
    return full + empty if order.nulls_last else empty + full


def unsupported_in_bulk(query: Query) -> str | None:
    if query.select.counted is not None:
        return "aggregate functions"
    columns = (query.paths.steps(path)[1] for path in query.select.fields)
    return next((field.name for field in columns if field.type == "address"), None)
