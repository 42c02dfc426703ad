"""What HubSpot's records are associated with. Associations move no date of change."""

from collections.abc import Mapping, Sequence
from typing import Any

from sync_crm.connectors.hubspot_answers import Send, following, results

# What a link is to a record, and to which object it leads; by the record's object.
_LINKS: Mapping[str, Mapping[str, str]] = {
    "companies": {"parent": "companies"},
    "deals": {"account": "companies"},
    "contacts": {"accounts": "companies"},
}
_OF_ACTIVITIES = {"account": "companies", "deal": "deals", "contacts": "contacts"}
_PARENT = 14
# To the primary company, of a contact and of a deal.
_PRIMARY = frozenset({1, 5})
_NONE = "crm.associations.NO_ASSOCIATIONS_FOUND"

type Links = Mapping[str, tuple[str, ...]]


def links_of(send: Send, kind: str, ids: Sequence[str]) -> Mapping[str, Links]:
    """Return the links of records (1,000 at most) by their ids; what is unknown is left out."""
    found: dict[str, dict[str, tuple[str, ...]]] = {each: {} for each in ids}
    for name, end in _LINKS.get(kind, _OF_ACTIVITIES).items():
        for each, ends in _associated(send, kind, end, ids).items():
            found[each][name] = _chosen(name, ends)
    return found


def _associated(
    send: Send, kind: str, end: str, ids: Sequence[str]
) -> Mapping[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {each: [] for each in ids}
    asked: list[dict[str, str]] = [{"id": each} for each in found]
    while asked:
        answer = send(f"/crm/v4/associations/{kind}/{end}/batch/read", {"inputs": asked})
        asked = []
        for each in results(answer):
            record_id = str((each.get("from") or {}).get("id"))
            if record_id in found:
                found[record_id] += each.get("to") or ()
                if after := following(each):
                    asked.append({"id": record_id, "after": after})
        for error in answer.get("errors") or ():
            if error.get("subCategory") != _NONE:
                failed = (error.get("context") or {}).get("fromObjectId") or list(found)
                for record_id in failed:
                    found.pop(str(record_id), None)
        asked = [each for each in asked if each["id"] in found]
    return found


def _chosen(name: str, ends: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the ids of a link, those of primary companies first."""
    if name == "parent":
        ends = [end for end in ends if _PARENT in _types(end)]
    ends = sorted(ends, key=lambda end: not _PRIMARY & _types(end))
    return tuple(dict.fromkeys(str(end["toObjectId"]) for end in ends if "toObjectId" in end))


def _types(end: Mapping[str, Any]) -> set[int]:
    return {
        each.get("typeId")
        for each in end.get("associationTypes") or ()
        if each.get("category") == "HUBSPOT_DEFINED"
    }
