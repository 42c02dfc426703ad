"""Custom values as the API shows them: those of fields that are not archived, by key."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from api import render
from stageline import bootstrap
from stageline.domain.custom_value import Values
from stageline.domain.custom_value import shown as shown_value
from stageline.domain.deal import Deal
from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    from stageline.domain.custom_field import Module


def shown(workspace: Workspace, module: "Module", values: Values) -> Mapping[str, Any]:
    """Return the values of a record; without any, the fields are not read."""
    if not values:
        return {}
    fields = bootstrap.fields(workspace).of(module, values)
    return {
        key: shown_value(values[key])
        for key, field in fields.items()
        if key in values and not field.archived
    }


def deal(workspace: Workspace, one: Deal) -> dict[str, Any]:
    return render.deal(one, shown(workspace, "deal", one.terms.custom))
