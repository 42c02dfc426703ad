"""Writing to Salesforce: accounts, and the erasure of contacts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from stageline.crm_ports import Crm
from stageline.domain.crm_errors import CrmRefused, CrmUnavailable
from stageline.domain.crm_messages import CrmRequest
from sync_crm.connectors.salesforce_objects import FIELDS
from sync_crm.connectors.salesforce_schema import Org
from sync_crm.connectors.writing import taken

# What tells one account from others.
_KEYS = ("name", "domain")
# Deleted already, or never there.
_GONE = frozenset({"ENTITY_IS_DELETED", "NOT_FOUND"})
# Of a contact whose last name is blanked, which has to have one.
_NOBODY = "-"


class SalesforceWriting:
    """`url` is where the REST API is."""

    def __init__(self, crm: Crm, url: str, org: Org) -> None:
        self._crm = crm
        self._url = url
        self._org = org

    def create(self, values: Mapping[str, Any]) -> str:
        body = taken(FIELDS["accounts"], values, self._org.fields("accounts"))
        answer = self._send("POST", "sobjects/Account", body, once=True)
        made = answer.get("id") if isinstance(answer, Mapping) else None
        if not isinstance(made, str):
            raise CrmUnavailable("the CRM's answer has no id")
        return made

    def find_created(self, values: Mapping[str, Any], since: datetime) -> str | None:
        """Return the first one with this name and website."""
        fields = FIELDS["accounts"]
        same = [f"{fields[one]} = {_quoted(values[one])}" for one in _KEYS if one in values]
        created = f"CreatedDate >= {since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        where = " AND ".join([*same, created])
        soql = f"SELECT Id FROM Account WHERE {where} ORDER BY Id LIMIT 1"
        request = CrmRequest(url=f"{self._url}/query", query={"q": soql})
        records = self._crm.send(request).data["records"]
        return str(records[0]["Id"]) if records else None

    def update(self, external_id: str, values: Mapping[str, Any]) -> None:
        self._send("PATCH", f"sobjects/Account/{external_id}", values, has_answer=False)

    def erase(self, external_id: str) -> None:
        """Blank all that can be, since what is deleted lies in the bin for 15 days; then delete."""
        blank: dict[str, Any] = dict.fromkeys(self._org.blankable("Contact"))
        path = f"sobjects/Contact/{external_id}"
        try:
            self._send("PATCH", path, blank | {"LastName": _NOBODY}, has_answer=False)
            self._send("DELETE", path, None, has_answer=False)
        except CrmRefused as error:
            if error.code not in _GONE:
                raise

    def _send(
        self,
        method: Literal["POST", "PATCH", "DELETE"],
        path: str,
        body: Any,
        *,
        once: bool = False,
        has_answer: bool = True,
    ) -> Any:
        request = CrmRequest(
            method=method,
            url=f"{self._url}/{path}",
            json=body,
            media="json" if has_answer else None,
            once=once,
        )
        return self._crm.send(request).data


def _quoted(value: object) -> str:
    text = str(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{text}'"
