"""What there is in an org of Salesforce, as far as we may see it."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from stageline.crm_ports import Crm
from stageline.domain.crm_errors import CrmRefused
from stageline.domain.crm_messages import CrmRequest
from stageline.domain.crm_records import CrmField, FieldKind
from stageline.domain.job_states import Records
from sync_crm.connectors.salesforce_objects import FIELDS, OBJECTS, OWN_FIELDS, Row, Sobject

type Columns = Mapping[str, FieldKind]
"""What is asked for, in order: paths of fields, and what they hold."""

# What is a value of its own; addresses and files are not.
KINDS: Mapping[str, FieldKind] = {
    "boolean": "boolean",
    "combobox": "text",
    "currency": "money",
    "date": "date",
    "datetime": "instant",
    "double": "number",
    "email": "text",
    "encryptedstring": "text",
    "id": "text",
    "int": "number",
    "long": "number",
    "multipicklist": "choices",
    "percent": "number",
    "phone": "text",
    "picklist": "choice",
    "reference": "reference",
    "string": "text",
    "textarea": "text",
    "time": "text",
    "url": "text",
}

# What can be asked of an owner that may be a user or a queue (object "Name").
OF_ANY_OWNER = frozenset({"Alias", "Email", "FirstName", "LastName", "Name", "Phone", "Title"})


class Org:
    """Each object is asked for once. `url` is where the REST API is."""

    def __init__(self, crm: Crm, url: str) -> None:
        self._crm = crm
        self._url = url
        self._seen: dict[str, Mapping[str, Any]] = {}
        self._currencies: list[str | None] = []

    def columns(self, sobject: Sobject, fields: Iterable[str]) -> Columns:
        """Return what to ask for, in order; of what we could do without, only what there is."""
        needs = dict.fromkeys(("Id", "IsDeleted", "SystemModstamp", *sobject.needs))
        wants = [*sobject.wants, *(field for field, _ in sobject.links.values())]
        for name in fields:
            derived = sobject.derived.get(name)
            wants += derived.made_of if derived else (name,)
        kinds = {path: self._kind(sobject.name, path) for path in (*needs, *wants)}
        return {path: kind or "text" for path, kind in kinds.items() if kind or path in needs}

    def fields(self, records: Records) -> Sequence[CrmField]:
        found = {field.name: field for field in OWN_FIELDS.get(records, ())}
        for sobject in OBJECTS[records]:
            for field in self._describe(sobject.name).values():
                if field["type"] in KINDS:
                    found.setdefault(field["name"], _field(field))
            for path in FIELDS[records].values():
                kind = self._kind(sobject.name, path) if "." in path else None
                if kind is not None:
                    label = path.replace(".", ": ")
                    found.setdefault(path, CrmField(path, label, kind, is_writable=False))
        return list(found.values())

    def blankable(self, name: str) -> Sequence[str]:
        """Return the fields of an object that may be emptied, references apart."""
        return [
            field["name"]
            for field in self._describe(name).values()
            if field["updateable"]
            and field["nillable"]
            and KINDS.get(field["type"], "reference") != "reference"
        ]

    def currency(self) -> str | None:
        """Return the currency of an org that has one only, where Salesforce tells it."""
        if not self._currencies:
            try:
                features = self._get("connect/organization").get("features", {})
            except CrmRefused:
                features = {}
            has_one = not features.get("multiCurrency")
            self._currencies.append(features.get("defaultCurrencyIsoCode") if has_one else None)
        return self._currencies[0]

    def _kind(self, name: str, path: str) -> FieldKind | None:
        """Return what a field holds, of an object or one it refers to; None if it is not there."""
        head, _, rest = path.partition(".")
        fields = self._describe(name)
        if not rest:
            return KINDS.get(fields[head]["type"]) if head in fields else None
        for field in fields.values():
            if field["relationshipName"] != head:
                continue
            targets = field["referenceTo"]
            if len(targets) > 1 and not ("User" in targets and rest in OF_ANY_OWNER):
                return None
            try:
                return self._kind(targets[0] if len(targets) == 1 else "User", rest)
            except CrmRefused:
                return None
        return None

    def _describe(self, name: str) -> Mapping[str, Any]:
        if name not in self._seen:
            fields = self._get(f"sobjects/{name}/describe")["fields"]
            self._seen[name] = {field["name"]: field for field in fields}
        return self._seen[name]

    def _get(self, path: str) -> Any:
        return self._crm.send(CrmRequest(url=f"{self._url}/{path}")).data


def value_of(kind: FieldKind, raw: Any) -> Any:
    """Return a value as it is in JSON and in CSV alike."""
    if raw is None or raw == "":
        return None
    if kind == "boolean":
        return raw is True or raw == "true"
    if kind in ("number", "money"):
        number = Decimal(str(raw))
        return int(number) if number == number.to_integral_value() else number.normalize()
    if kind == "instant":
        return str(raw).removesuffix("+0000").removesuffix("Z") + "Z"
    return raw


def row_of(columns: Columns, raw: Sequence[Any]) -> Row:
    return {
        path: value_of(kind, value)
        for (path, kind), value in zip(columns.items(), raw, strict=True)
    }


def row_from(columns: Columns, record: Mapping[str, Any]) -> Row:
    return row_of(columns, [_at(record, path) for path in columns])


def _at(record: Mapping[str, Any], path: str) -> Any:
    """Return a value of a record, or of one it refers to; None if it refers to none."""
    found: Any = record
    for name in path.split("."):
        found = None if found is None else found.get(name)
    return found


def _field(field: Mapping[str, Any]) -> CrmField:
    return CrmField(
        field["name"],
        field["label"],
        KINDS[field["type"]],
        tuple(one["value"] for one in field["picklistValues"] if one["active"]),
        is_writable=field["updateable"],
    )
