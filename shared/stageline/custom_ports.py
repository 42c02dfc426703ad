"""What custom fields need from the outside world, besides what `ports` has."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from stageline.domain.custom_field import CustomField, Module


class Fields(Protocol):
    """The custom fields of a workspace, and which record has which value of a unique one."""

    def of(self, module: Module, keys: Iterable[str] = ()) -> Mapping[str, CustomField]:
        """Return the fields of a module by key, archived ones too, up to 30 s late.

        Of `keys` none is missing that exists: who has a value of a field learns of it.
        """
        ...

    def read(self) -> Sequence[CustomField]:
        """Return all fields of all modules as they are now, by module and key."""
        ...

    def find(self, module: Module, key: str) -> CustomField | None:
        """Return the field as it is now."""
        ...

    def save(self, field: CustomField) -> None:
        """Store over revision `field.rev - 1`. Raises Stale."""
        ...

    def holders(self, values: Iterable[str]) -> Mapping[str, str]:
        """Return by keyed hash who has those of the unique values that somebody has."""
        ...
