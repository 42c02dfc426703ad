"""Ids of records in a CRM, and what a record says it is linked to."""

from collections.abc import Iterable
from typing import Any

from stageline.domain.crm_records import CrmRecord
from sync_crm import crm_values
from sync_crm.connectors.csv_cells import CellFault
from sync_crm.connectors.csv_rows import MOST_TEXT


def id_of(value: Any) -> str | None:
    """Return an id as text; None for none, and for what cannot be one."""
    if value is None or isinstance(value, bool):
        return None
    try:
        text = crm_values.line(value)
    except CellFault:
        return None
    return text if text is not None and len(text) <= MOST_TEXT else None


def ids_of(values: Iterable[Any]) -> list[str]:
    return [found for value in values if (found := id_of(value)) is not None]


def linked(record: CrmRecord, *names: str) -> dict[str, None] | None:
    """Return the ids under these names, each once; None: nothing is told."""
    told = [record.links[name] for name in names if name in record.links]
    return dict.fromkeys(found for ids in told for found in ids_of(ids)) if told else None


def first(record: CrmRecord, **ours: str) -> dict[str, str | None]:
    """Return, by our names, the first id of each kind of link that is told; None for none."""
    found = {field: linked(record, name) for name, field in ours.items()}
    return {field: next(iter(ids), None) for field, ids in found.items() if ids is not None}
