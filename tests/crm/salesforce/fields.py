"""Fields and objects, and how `describe` shows them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

type Row = dict[str, Any]

UNSORTABLE = ("textarea", "address")
NUMBERS = ("double", "currency", "percent", "int")


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: str = "string"
    length: int = 255
    refers: tuple[str, ...] = ()
    required: bool = False
    writable: bool = True
    external_id: bool = False
    unique: bool = False
    picklist: tuple[str, ...] = ()
    default: Any = None
    # Worked out when it is read: a formula, or a compound of other fields.
    derived: Callable[[Row], Any] | None = None

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def relationship(self) -> str | None:
        if not self.refers:
            return None
        return self.name[:-1] + "r" if self.custom else self.name.removesuffix("Id")

    @property
    def filterable(self) -> bool:
        return self.type not in UNSORTABLE

    def read(self, row: Row) -> Any:
        return self.derived(row) if self.derived else row.get(self.name)

    def describe(self) -> dict[str, Any]:
        stored = self.writable and self.derived is None
        return {
            "name": self.name,
            "label": self.name.removesuffix("__c"),
            "type": self.type,
            "length": self.length if self.type in TEXTS else 0,
            "nillable": not self.required and self.type not in ("boolean", "id"),
            "createable": stored,
            "updateable": stored,
            "defaultedOnCreate": self.default is not None or not self.writable,
            "calculated": self.custom and self.derived is not None,
            "custom": self.custom,
            "filterable": self.filterable,
            "sortable": self.filterable,
            "externalId": self.external_id,
            "unique": self.unique,
            "idLookup": self.external_id or self.type == "id",
            "referenceTo": list(self.refers),
            "relationshipName": self.relationship,
            "polymorphicForeignKey": len(self.refers) > 1,
            "precision": 18 if self.type in NUMBERS else 0,
            "scale": 2 if self.type == "currency" else 0,
            "restrictedPicklist": False,
            "picklistValues": [
                {"active": True, "defaultValue": False, "label": value, "value": value}
                for value in self.picklist
            ],
        }


TEXTS = ("string", "textarea", "picklist", "email", "phone", "url", "id", "reference")


@dataclass(slots=True)
class ObjectType:
    name: str
    prefix: str
    fields: dict[str, Field] = field(default_factory=dict)
    deletable: bool = True
    mergeable: bool = False
    writable: bool = True
    # Fields and the object itself that field-level security and permissions keep from the caller.
    hidden: set[str] = field(default_factory=set)
    readable: bool = True
    # What the store asks for at every write.
    defaults: Row = field(default_factory=dict)
    parents: list[str] = field(default_factory=list)
    keyed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for item in list(self.fields.values()):
            self.add(item)

    def add(self, item: Field) -> None:
        self.fields[item.name] = item
        self.defaults[item.name] = item.default
        if item.refers and item.refers != ("User",) and item.name != "MasterRecordId":
            self.parents.append(item.name)
        if item.external_id or item.unique:
            self.keyed.append(item.name)

    def visible(self) -> list[Field]:
        return [item for item in self.fields.values() if item.name not in self.hidden]

    def find(self, name: str) -> Field | None:
        """The field that the caller may see under this name; names mind no case."""
        if name not in self.fields:
            name = next((key for key in self.fields if key.lower() == name.lower()), name)
        return None if name in self.hidden else self.fields.get(name)

    def related(self, name: str) -> Field | None:
        return next(
            (
                item
                for item in self.visible()
                if item.relationship and item.relationship.lower() == name.lower()
            ),
            None,
        )

    def summary(self, root: str) -> dict[str, Any]:
        base = f"{root}/sobjects/{self.name}"
        return {
            "name": self.name,
            "label": self.name,
            "labelPlural": self.name + "s",
            "keyPrefix": self.prefix,
            "custom": self.name.endswith("__c"),
            "queryable": True,
            "retrieveable": True,
            "searchable": True,
            "replicateable": True,
            "createable": self.writable,
            "updateable": self.writable,
            "deletable": self.deletable,
            "undeletable": self.deletable,
            "mergeable": self.mergeable,
            "urls": {
                "sobject": base,
                "describe": f"{base}/describe",
                "rowTemplate": f"{base}/{{ID}}",
            },
        }

    def describe(self, root: str) -> dict[str, Any]:
        fields = [item.describe() for item in self.visible()]
        return self.summary(root) | {
            "fields": fields,
            "childRelationships": [],
            "recordTypeInfos": [],
        }
