"""HubSpot's objects as they come: lists, searches, batches of ids."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import batched
from typing import Any

from stageline.domain.crm_errors import CrmRefused, CrmUnavailable
from stageline.domain.crm_records import PlaceLost
from sync_crm.connectors.hubspot_answers import Send, following, results

SEARCH_PAGE = 200
LIST_PAGE = 100
BATCH = 100

type Raw = Mapping[str, Any]


class Objects:
    def __init__(self, send: Send) -> None:
        self._send = send

    def search(
        self, kind: str, filters: Sequence[Raw], names: Sequence[str], last: str | None
    ) -> tuple[list[Raw], str | None]:
        """Return the first records with an id after `last`; and the last id if there are more."""
        after = int(last or 0)
        found_by = [*filters, bound("hs_object_id", "GT", after)]
        answer = self._searched(kind, found_by, names, SEARCH_PAGE)
        found = results(answer)
        ids = [int(each["id"]) for each in found if str(each.get("id")).isdecimal()]
        if [after, *ids] != sorted({after, *ids}):
            raise CrmRefused("the CRM did not sort what it found", code="NOT_SORTED")
        more = ids and (len(found) >= SEARCH_PAGE or following(answer) is not None)
        return found, str(ids[-1]) if more else None

    def total(self, kind: str, *filters: Raw) -> int:
        total = self._searched(kind, filters, [], 1).get("total")
        if not isinstance(total, int):
            raise CrmUnavailable("the CRM's answer has no total")
        return total

    def page(
        self, kind: str, names: Sequence[str], after: str | None, **query: str
    ) -> tuple[list[Raw], str | None]:
        """Return a page of all there are, and where the next begins. Raises PlaceLost."""
        query |= {"limit": str(LIST_PAGE), "properties": ",".join(names)}
        if after is not None:
            query["after"] = after
        try:
            answer = self._send(f"/crm/v3/objects/{kind}", **query)
        except CrmRefused as error:
            if after is not None and error.status == 400:
                raise PlaceLost from None
            raise
        return results(answer), following(answer)

    def read(self, kind: str, ids: Iterable[str], names: Sequence[str], **query: str) -> list[Raw]:
        """Return the records that HubSpot has for these ids, each once."""
        found: dict[object, Raw] = {}
        for some in batched(ids, BATCH, strict=False):
            body = {
                "inputs": [{"id": each} for each in some],
                "properties": list(names),
                "propertiesWithHistory": [],
            }
            answer = self._send(f"/crm/v3/objects/{kind}/batch/read", body, **query)
            found |= {each.get("id"): each for each in results(answer)}
            # What could not be read for another reason is not missing.
            if any(e.get("category") != "OBJECT_NOT_FOUND" for e in answer.get("errors") or ()):
                raise CrmUnavailable("the CRM answers for some records only")
        return list(found.values())

    def _searched(self, kind: str, filters: Sequence[Raw], names: Sequence[str], limit: int) -> Any:
        body = {
            "filterGroups": [{"filters": list(filters)}] if filters else [],
            "sorts": ["hs_object_id"],
            "properties": list(names),
            "limit": limit,
        }
        return self._send(f"/crm/v3/objects/{kind}/search", body)


def bound(name: str, operator: str, value: object) -> Raw:
    return {"propertyName": name, "operator": operator, "value": str(value)}
