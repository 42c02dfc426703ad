"""What admins do to custom fields."""

from collections.abc import Mapping
from typing import Any

from stageline.custom_ports import Fields
from stageline.domain.custom_field import MOST_FIELDS, MOST_UNIQUE, CustomField, Module
from stageline.domain.errors import AlreadyExists, Invalid, NotFound
from stageline.domain.stamp import Stamp
from stageline.use_cases.again import again, expect_revision


def add_field(fields: Fields, field: CustomField) -> CustomField:
    """Store a new field.

    Safe to repeat: one that is there in the same words is returned as it is. Raises AlreadyExists
    for one in other words, Invalid when there are too many.
    """

    def attempt() -> CustomField:
        stored = fields.find(field.module, field.key)
        if stored is not None:
            if field.says_the_same(stored):
                return stored
            raise AlreadyExists("there is a field with this key; change that one")
        others = [one for one in fields.read() if one.module == field.module]
        if len(others) >= MOST_FIELDS:
            raise Invalid("key", "too_many", f"a module has at most {MOST_FIELDS} fields")
        if field.unique and sum(one.unique for one in others) >= MOST_UNIQUE:
            raise Invalid("unique", "too_many", f"a module has at most {MOST_UNIQUE} unique fields")
        fields.save(field)
        return field

    return again(attempt)


def get_field(fields: Fields, module: Module, key: str) -> CustomField:
    """Return one field, an archived one too. Raises NotFound."""
    found = fields.find(module, key)
    if found is None:
        raise NotFound("field")
    return found


def change_field(
    fields: Fields,
    module: Module,
    key: str,
    changes: Mapping[str, Any],
    *,
    expected: int | None,
    stamp: Stamp,
) -> CustomField:
    """Change a field; values that are stored stay as they are.

    What does not differ is not written. Raises NotFound, Stale, Invalid, FieldFixed.
    """

    def attempt() -> CustomField:
        before = get_field(fields, module, key)
        expect_revision("field", before.rev, expected)
        after = before.changed_to(changes, stamp)
        if after is not before:
            fields.save(after)
        return after

    return again(attempt, expected=expected)
