"""One record: read, created, changed, deleted, found by external id."""

from typing import Any

from tests.crm.salesforce import ids
from tests.crm.salesforce.call import Call, empty, flag, reply
from tests.crm.salesforce.checks import checked
from tests.crm.salesforce.errors import Refusal, invalid_field, not_found
from tests.crm.salesforce.fields import Field, ObjectType, Row
from tests.crm.salesforce.org import Org
from tests.crm.salesforce.query import attributes, visible
from tests.crm.server import Reply


class Writing:
    def __init__(self, org: Org) -> None:
        self._org = org

    def info(self, call: Call) -> Reply:
        kind = self.kind_of(call.args[0])
        return reply({"objectDescribe": kind.summary(call.root), "recentItems": []})

    def describe(self, call: Call) -> Reply:
        return reply(self.kind_of(call.args[0]).describe(call.root))

    def describe_all(self, call: Call) -> Reply:
        seen = [kind.summary(call.root) for kind in self._org.types.values() if kind.readable]
        return reply({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": seen})

    def create(self, call: Call) -> Reply:
        kind = self.kind_of(call.args[0])
        return reply(_saved(self.add(kind, call.record())), 201)

    def read(self, call: Call) -> Reply:
        kind = self.kind_of(call.args[0])
        row = self.row(kind, call.args[1])
        return reply(self.shown(kind, row, call, call.param("fields")))

    def change(self, call: Call) -> Reply:
        kind = self.kind_of(call.args[0])
        self.update(kind, call.args[1], call.record())
        return empty()

    def delete(self, call: Call) -> Reply:
        self.remove(self.kind_of(call.args[0]), call.args[1])
        return empty()

    def read_by(self, call: Call) -> Reply:
        kind, found = self._matches(call)
        if not found:
            raise not_found()
        if len(found) > 1:
            return self._choices(call, kind, found)
        row = self._org.live(found[0])
        return reply(self.shown(kind, row, call, call.param("fields")))

    def delete_by(self, call: Call) -> Reply:
        kind, found = self._matches(call)
        if not found:
            raise not_found()
        if len(found) > 1:
            return self._choices(call, kind, found)
        self._org.delete(found[0])
        return empty()

    def upsert(self, call: Call) -> Reply:
        kind, found = self._matches(call)
        if len(found) > 1:
            return self._choices(call, kind, found)
        body = call.record()
        field = self._external(kind, call.args[1])
        if any(name.lower() == field.name.lower() for name in body):
            message = f"The {field.name} field should not be specified in the sobject data."
            raise invalid_field(message)
        if found:
            self.update(kind, found[0], body)
            return reply(_saved(found[0]) | {"created": False})
        if flag(call.param("updateOnly")):
            raise not_found()
        return reply(_saved(self.add(kind, body | {field.name: call.args[2]})) | CREATED, 201)

    def kind_of(self, name: str) -> ObjectType:
        try:
            return visible(self._org.store, name)
        except Refusal as error:
            raise not_found() from error

    def row(self, kind: ObjectType, text: str) -> Row:
        record_id = ids.normal(text)
        if record_id is None or record_id[:3] != kind.prefix:
            message = f"Provided external ID field does not exist or is not accessible: {text}"
            raise not_found(message)
        return self._org.live(record_id)

    def shown(self, kind: ObjectType, row: Row, call: Call, wanted: str | None) -> Row:
        chosen = kind.visible()
        if wanted:
            chosen = [_known(kind, name.strip()) for name in wanted.split(",")]
        values = {field.name: field.read(row) for field in chosen}
        return attributes(kind, row, call.root) | values

    def add(self, kind: ObjectType, body: dict[str, Any]) -> str:
        return self._org.add(kind.name, checked(self._org, kind, body, None))

    def update(self, kind: ObjectType, text: str, body: dict[str, Any]) -> None:
        row = self.row(kind, text)
        self._org.update(row["Id"], checked(self._org, kind, body, row))

    def remove(self, kind: ObjectType, text: str) -> None:
        row = self.row(kind, text)
        if not kind.deletable:
            message = "entity type cannot be deleted"
            raise Refusal(400, "INSUFFICIENT_ACCESS_OR_READONLY", message)
        self._org.delete(row["Id"])

    def matches(self, kind: ObjectType, field: str, value: object) -> list[str]:
        name = self._external(kind, field).name
        found = self._org.store.by_external_id(kind.name, name, value)
        rows = [self._org.store.find(one) for one in found]
        return [row["Id"] for row in rows if row and not row.get("IsDeleted")]

    def _matches(self, call: Call) -> tuple[ObjectType, list[str]]:
        kind = self.kind_of(call.args[0])
        return kind, self.matches(kind, call.args[1], call.args[2])

    def _external(self, kind: ObjectType, name: str) -> Field:
        field = kind.find(name)
        if field is None or not field.external_id:
            message = f"Provided external ID field does not exist or is not accessible: {name}"
            raise not_found(message)
        return field

    def _choices(self, call: Call, kind: ObjectType, found: list[str]) -> Reply:
        return reply([f"{call.root}/sobjects/{kind.name}/{one}" for one in found], 300)


CREATED = {"created": True}


def _saved(record_id: str) -> dict[str, Any]:
    return {"id": record_id, "success": True, "errors": []}


def _known(kind: ObjectType, name: str) -> Field:
    field = kind.find(name)
    if field is None:
        raise invalid_field(f"No such column '{name}' on sobject of type {kind.name}")
    return field
