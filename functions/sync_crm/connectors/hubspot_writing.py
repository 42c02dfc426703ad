"""Writing to HubSpot: companies, and the erasure of contacts."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from stageline.crm_ports import Crm
from stageline.domain.crm_errors import CrmRefused, CrmUnavailable
from stageline.domain.crm_messages import CrmRequest
from stageline.domain.crm_records import CrmField
from sync_crm.connectors.hubspot_fields import FIELDS, ID
from sync_crm.connectors.hubspot_objects import Objects, bound
from sync_crm.connectors.writing import taken

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class HubSpotWriting:
    def __init__(self, crm: Crm, base_url: str, objects: Objects) -> None:
        self._crm = crm
        self._url = f"{base_url}/crm/v3/objects"
        self._objects = objects

    def create(self, values: Mapping[str, Any], described: Iterable[CrmField]) -> str:
        properties = taken(FIELDS["accounts"], values, described)
        answer = self._send("POST", "companies", {"properties": properties}, once=True)
        made = answer.get("id") if isinstance(answer, Mapping) else None
        if not made:
            raise CrmUnavailable("the CRM's answer has no id")
        return str(made)

    def find_created(self, values: Mapping[str, Any], since: datetime) -> str | None:
        """Return the first one with this name and domain; a search finds it some moments later."""
        fields = FIELDS["accounts"]
        filters = [
            bound("createdate", "GTE", (since - _EPOCH) // _MILLISECOND),
            *(bound(fields[one], "EQ", values[one]) for one in ("name", "domain") if one in values),
        ]
        found, _ = self._objects.search("companies", filters, [ID], None)
        return str(found[0]["id"]) if found else None

    def update(self, external_id: str, values: Mapping[str, Any]) -> None:
        self._send("PATCH", f"companies/{external_id}", {"properties": dict(values)})

    def erase(self, external_id: str) -> None:
        """By id only: by an address that nobody has, HubSpot would block that address."""
        try:
            body = {"objectId": external_id}
            self._send("POST", "contacts/gdpr-delete", body, has_answer=False)
        except CrmRefused as error:
            if error.status != 404:
                raise

    def _send(
        self, method: Any, path: str, body: Any, *, once: bool = False, has_answer: bool = True
    ) -> Any:
        request = CrmRequest(
            method=method,
            url=f"{self._url}/{path}",
            json=body,
            media="json" if has_answer else None,
            once=once,
        )
        return self._crm.send(request).data
