"""What connectors that write have in common: which of our values a CRM takes, and as what."""

from collections.abc import Iterable, Mapping
from typing import Any

from stageline.domain.crm_records import CrmField


def taken(
    fields: Mapping[str, str], values: Mapping[str, Any], described: Iterable[CrmField]
) -> dict[str, Any]:
    """Return values by the CRM's names.

    What the CRM has no field for, lets nobody write or knows no such choice of is left out.
    """
    known = {field.name: field for field in described}
    found: dict[str, Any] = {}
    for ours, value in values.items():
        field = known.get(fields.get(ours, ""))
        if field is not None and field.is_writable:
            as_theirs = _as_theirs(field, value)
            if as_theirs is not None:
                found[field.name] = as_theirs
    return found


def _as_theirs(field: CrmField, value: Any) -> Any:
    if not field.options:
        return value
    wanted = str(value).casefold()
    return next((one for one in field.options if one.casefold() == wanted), None)
