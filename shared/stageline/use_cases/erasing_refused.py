"""Rows of people that a CRM's integration could not store are kept with their external ids."""

from collections.abc import Iterable, Sequence

from stageline.crm_ports import RefusedRecords
from stageline.domain.contact import Contact
from stageline.domain.ids import Identities


def forget_refused(
    integrations: Iterable[RefusedRecords],
    identities: Identities,
    contact_ids: Iterable[str],
    gone: Iterable[Contact],
) -> int:
    """Forget the rows of erased contacts (`gone`: as they were); return how many there were."""
    # Who goes on as another record of the CRM has another id than its row.
    of_rows = {
        identities.record(one.source.integration, "contact", one.external_id)
        for one in gone
        if one.source is not None and one.external_id is not None
    }
    ids = sorted(of_rows.union(contact_ids))
    forgotten = 0
    for refused in integrations:
        named = _named(refused, ids)
        refused.clear("contacts", named)
        forgotten += len(named)
    return forgotten


def refused_left(integrations: Iterable[RefusedRecords], contact_ids: Sequence[str]) -> int:
    return sum(len(_named(refused, contact_ids)) for refused in integrations)


def _named(refused: RefusedRecords, contact_ids: Sequence[str]) -> list[str]:
    """Return those of the rows that say who it is."""
    found = refused.find_many("contacts", contact_ids)
    return [id_ for id_, one in found.items() if one.external_id is not None]
