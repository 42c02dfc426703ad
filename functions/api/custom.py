"""Custom values as the API shows them: those of fields that are not archived, by key."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from api import render
from stageline import bootstrap
from stageline.domain.custom_value import Values
from stageline.domain.custom_value import shown as shown_value
from stageline.domain.deal import Deal
from stageline.domain.errors import ValueNotUnique
from stageline.domain.workspace import Workspace

if TYPE_CHECKING:
    from api.call import Call
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


def deal(call: "Call", one: Deal) -> dict[str, Any]:
    """Return a deal as the caller may see it."""
    values = shown(call.workspace, "deal", one.terms.custom)
    return call.rights.shown("deals", render.deal(one, values))


@contextmanager
def naming_only_seen(
    hidden: Callable[[Iterable[str]], frozenset[str]],
) -> Iterator[None]:
    """Name the other record that has a unique value only to those who see it."""
    try:
        yield
    except ValueNotUnique as error:
        if error.other_id is not None and hidden([error.other_id]):
            raise ValueNotUnique(error.field, None) from error
        raise
