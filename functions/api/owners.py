"""Which member owns a record: the one whose address stands on it (S2.10)."""

from collections.abc import Mapping
from time import monotonic

from stageline import bootstrap
from stageline.domain.workspace import Workspace

UNASSIGNED = "unassigned"
_KEPT_SECONDS = 30.0
_KEPT_WITHOUT_SECONDS = 1.0
_known: dict[Workspace, tuple[float, Mapping[str, str]]] = {}


def owner_shown(workspace: Workspace, address: str | None) -> str:
    """Return the id of the member with this address, "unassigned" if there is none.

    As of at most 30 s ago; somebody who is not known is looked for again after a second. Where no
    owner is to be shown, no members are read.
    """
    if address is None:
        return UNASSIGNED
    folded = address.strip().casefold()
    found = _addresses(workspace, _KEPT_SECONDS).get(folded)
    return found or _addresses(workspace, _KEPT_WITHOUT_SECONDS).get(folded, UNASSIGNED)


def forget() -> None:
    _known.clear()


def _addresses(workspace: Workspace, kept_seconds: float) -> Mapping[str, str]:
    read_at, found = _known.get(workspace, (float("-inf"), {}))
    now = monotonic()
    if now - read_at >= kept_seconds:
        addresses = bootstrap.directory().addresses(workspace)
        found = {address.strip().casefold(): one for address, one in addresses.items()}
        _known[workspace] = (now, found)
    return found
