"""sObject collections: up to 200 records in a call, each with a result of its own."""

from collections.abc import Callable, Sequence
from typing import Any

from tests.crm.salesforce import ids
from tests.crm.salesforce.call import Call, flag, reply
from tests.crm.salesforce.errors import Refusal
from tests.crm.salesforce.org import Org
from tests.crm.salesforce.writing import Writing
from tests.crm.server import Reply

MOST = 200
MOST_READ = 2000
MOST_CHUNKS = 10

type Step = Callable[[Any], tuple[str, dict[str, Any]]]


class Collections:
    def __init__(self, org: Org, writing: Writing) -> None:
        self._org = org
        self._writing = writing

    def create(self, call: Call) -> Reply:
        records, strict = self._records(call)

        def step(record: Any) -> tuple[str, dict[str, Any]]:
            kind = self._writing.kind_of(record["attributes"]["type"])
            return self._writing.add(kind, record), {}

        return self._each(records, step, strict)

    def update(self, call: Call) -> Reply:
        records, strict = self._records(call)

        def step(record: Any) -> tuple[str, dict[str, Any]]:
            kind = self._writing.kind_of(record["attributes"]["type"])
            name = next((name for name in record if name.lower() == "id"), None)
            if name is None:
                raise Refusal(400, "MISSING_ARGUMENT", "Id not specified in an update call")
            body = {key: value for key, value in record.items() if key != name}
            self._writing.update(kind, str(record[name]), body)
            return str(record[name]), {}

        return self._each(records, step, strict)

    def upsert(self, call: Call) -> Reply:
        records, strict = self._records(call)
        kind = self._writing.kind_of(call.args[0])
        field = call.args[1]

        def step(record: Any) -> tuple[str, dict[str, Any]]:
            value = record.get(field)
            if value in (None, ""):
                raise Refusal(400, "MISSING_ARGUMENT", f"{field} not specified")
            found = self._writing.matches(kind, field, value)
            if len(found) > 1:
                message = f"more than one record found for external id field: {found}"
                raise Refusal(400, "DUPLICATE_EXTERNAL_ID", message)
            if found:
                self._writing.update(kind, found[0], record)
                return found[0], {"created": False}
            return self._writing.add(kind, record), {"created": True}

        return self._each(records, step, strict)

    def delete(self, call: Call) -> Reply:
        wanted = _split(call.param("ids"))
        _at_most(wanted, MOST)

        def step(text: Any) -> tuple[str, dict[str, Any]]:
            record_id = ids.normal(text)
            kind = self._org.store.type_of(record_id) if record_id else None
            if record_id is None or kind is None:
                raise Refusal(400, "MALFORMED_ID", f"malformed id {text}")
            self._writing.remove(kind, record_id)
            return record_id, {}

        return self._each(wanted, step, flag(call.param("allOrNone")))

    def read(self, call: Call) -> Reply:
        """In the order of the ids; null for those that are not there."""
        if call.request.method == "POST":
            body = call.record()
            wanted, fields = body.get("ids") or [], ",".join(body.get("fields") or [])
            _at_most(wanted, MOST_READ)
        else:
            wanted, fields = _split(call.param("ids")), call.param("fields") or ""
        if not fields:
            raise Refusal(400, "MISSING_ARGUMENT", "missing required argument: fields")
        kind = self._writing.kind_of(call.args[0])
        found: list[dict[str, Any] | None] = []
        for text in wanted:
            try:
                row = self._writing.row(kind, text)
            except Refusal:
                found.append(None)
            else:
                found.append(self._writing.shown(kind, row, call, fields))
        return reply(found)

    def _records(self, call: Call) -> tuple[list[Any], bool]:
        body = call.record()
        records = body.get("records")
        if not isinstance(records, list):
            raise Refusal(400, "MISSING_ARGUMENT", "missing required argument: records")
        _at_most(records, MOST)
        kinds: list[str] = []
        for record in records:
            if not isinstance(record, dict) or "type" not in record.get("attributes", {}):
                raise Refusal(400, "INVALID_INPUT", "each record has attributes with a type")
            kind = record["attributes"]["type"]
            if kinds[-1:] != [kind]:
                kinds.append(kind)
        if len(kinds) > MOST_CHUNKS:
            raise Refusal(400, "LIMIT_EXCEEDED", "records of different types: at most 10 chunks")
        return records, bool(body.get("allOrNone"))

    def _each(self, items: Sequence[Any], step: Step, strict: bool) -> Reply:
        """With allOrNone, one failure undoes the rest."""
        results: list[dict[str, Any]] = []

        def work() -> bool:
            for item in items:
                try:
                    record_id, more = step(item)
                except Refusal as error:
                    results.append({"success": False, "errors": [error.in_collection()]})
                else:
                    results.append({"id": record_id, "success": True, "errors": []} | more)
            return all(result["success"] for result in results) or not strict

        if not self._org.kept(work):
            message = "Record rolled back because not all records were valid and the request was"
            undone = Refusal(400, "ALL_OR_NONE_OPERATION_ROLLED_BACK", f"{message} AllOrNone")
            failed = {"success": False, "errors": [undone.in_collection()]}
            return reply([failed if result["success"] else result for result in results])
        return reply(results)


def _split(text: str | None) -> list[str]:
    if not text:
        raise Refusal(400, "MISSING_ARGUMENT", "missing required argument: ids")
    return text.split(",")


def _at_most(items: Sequence[Any], most: int) -> None:
    if len(items) > most:
        message = f"record limit reached. cannot submit more than {most} records into this call"
        raise Refusal(400, "EXCEEDED_MAX_SIZE_REQUEST", message)
