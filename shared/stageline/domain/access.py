"""What of the records somebody may read or change: modules and fields, by profile (S3.25, S3.26).

The reporting line says whose records (`permissions`), the profile says what of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from stageline.domain.personal import Plain
from stageline.domain.stamp import Stamp

type Module = Literal[
    "accounts",
    "deals",
    "contacts",
    "activities",
    "tasks",
    "imports",
    "settings",
    "members",
    "privacy",
]
type Level = Literal["none", "read", "write"]

MODULES: tuple[Module, ...] = get_args(Module.__value__)
LEVELS: tuple[Level, ...] = get_args(Level.__value__)

# Fields that a profile may take away. A name and an id are always shown: nothing could be listed
# or found without them, and lists stand in the order of names.
FIELDS: Mapping[Module, frozenset[str]] = {
    "accounts": frozenset(
        {
            "country",
            "created_on",
            "custom",
            "domain",
            "external_id",
            "in_crm",
            "industry",
            "owner_email",
            "tags",
        }
    ),
    "deals": frozenset(
        {
            "amount",
            "closed_on",
            "custom",
            "expected_close_on",
            "external_id",
            "opened_on",
            "owner_email",
            "probability",
            "tags",
        }
    ),
    "contacts": frozenset(
        {
            "company_name",
            "custom",
            "email",
            "external_id",
            "job_title",
            "owner_email",
            "phone",
            "tags",
            "touch",
        }
    ),
    "activities": frozenset({"custom", "external_id", "owner_email", "subject", "tags", "text"}),
    "tasks": frozenset({"custom", "owner_email", "tags"}),
}
CUSTOM = "custom"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessProfile:
    """Levels of modules, and of fields as "deals.amount" or "accounts.custom.region".

    What is not named may be written. `rev` counts its writes.
    """

    key: Plain
    name: Plain
    modules: Mapping[Module, Level] = field(default_factory=dict)
    fields: Mapping[Plain, Level] = field(default_factory=dict)
    changed: Stamp
    rev: int = 1


@dataclass(frozen=True, slots=True)
class Access:
    """The levels that hold for one caller. Without a profile everything may be written."""

    modules: Mapping[Module, Level] = field(default_factory=dict)
    fields: Mapping[str, Level] = field(default_factory=dict)

    def to_module(self, module: Module) -> Level:
        return self.modules.get(module, "write")

    def to_field(self, module: Module, name: str) -> Level:
        """Return the level of a field; of one below `custom`, no more than that of all of them."""
        found = self.fields.get(f"{module}.{name}", "write")
        if name.startswith(f"{CUSTOM}."):
            return min(found, self.to_field(module, CUSTOM), key=LEVELS.index)
        return found

    def hidden(self, module: Module) -> frozenset[str]:
        """Return the fields of the module that may not be read, those below `custom` too."""
        start = f"{module}."
        named = (name.removeprefix(start) for name in self.fields if name.startswith(start))
        return frozenset(name for name in named if self.to_field(module, name) == "none")

    def reads(self, module: Module, name: str) -> bool:
        return self.to_field(module, name) != "none"


EVERYTHING = Access()


def is_field(path: str) -> bool:
    """Tell whether a profile may name this: a module's field, or one of its custom fields."""
    module, _, name = path.partition(".")
    known: Iterable[str] = FIELDS.get(module, frozenset())  # type: ignore[call-overload]
    head, _, key = name.partition(".")
    return name in known or (head == CUSTOM and bool(key) and CUSTOM in known)
