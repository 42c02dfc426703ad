"""A CRM's value as that of a custom field of ours: JSON, as the API would be sent it."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from stageline.custom_ports import Fields
from stageline.domain.custom_field import CustomField, Module
from stageline.domain.custom_value import LONGEST_TEXT, FieldType, read_value
from stageline.domain.errors import Invalid
from stageline.domain.job_states import RECORDS, Records
from sync_crm import crm_values
from sync_crm.connectors.csv_cells import CellFault
from sync_crm.crm_values import Reader

type CustomFields = Mapping[Records, Mapping[str, CustomField]]

MODULES: Mapping[Records, Module] = {
    "accounts": "account",
    "deals": "deal",
    "contacts": "contact",
    "activities": "activity",
}


def custom_fields(fields: Fields) -> CustomFields:
    """Return the custom fields that a CRM may fill, as they are now."""
    found = [field for field in fields.read() if not field.archived]
    return {
        records: {field.key: field for field in found if field.module == MODULES[records]}
        for records in RECORDS
    }


class CustomReader:
    """Reads the values of one custom field; `field` None: what it is is not known.

    `ours`: the mapping's translations by their value, folded. `unknown` is called for a value that
    is not among them.
    """

    def __init__(
        self,
        field: CustomField | None,
        ours: Mapping[str, str | bool],
        unknown: Callable[[], None],
        day: Reader,
    ) -> None:
        self._field = field
        self._ours = ours
        self._unknown = unknown
        self._day = day

    def read(self, value: Any, currency: str | None) -> Any:
        """Return the value as JSON, None for an empty one. Raises CellFault."""
        type_ = self._field.type if self._field else None
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        if type_ == "multi_select":
            parts = [part.strip() for part in (crm_values.line(value) or "").split(";")]
            sent: Any = [self._translated(part) for part in parts if part] or None
        else:
            sent = self._typed(type_, self._translated(value), currency)
        if self._field is not None and sent is not None:
            try:
                read_value(self._field.type, self._field.options, sent, "value")
            except Invalid as error:
                raise CellFault("invalid_custom_value", "does not fit the custom field") from error
        return sent

    def _translated(self, value: Any) -> Any:
        if not self._ours:
            return value
        text = crm_values.line(value) or ""
        found = self._ours.get(text.casefold())
        if found is not None:
            return found
        if text not in self._ours.values():
            self._unknown()
        return value

    def _typed(self, type_: FieldType | None, value: Any, currency: str | None) -> Any:
        match type_:
            case "number":
                return _number(value)
            case "money":
                amount = crm_values.number(value)
                if amount is None:
                    return None
                if currency is None:
                    raise CellFault("amount_without_currency", "an amount needs its currency")
                return {"amount": format(amount, "f"), "currency": currency}
            case "date":
                day = self._day(value)
                return None if day is None else day.isoformat()
            case "boolean":
                return crm_values.flag(value)
            case "picklist":
                return crm_values.line(value)
        if type_ is None and isinstance(value, bool | int | float | Decimal):
            return value if isinstance(value, bool) else _number(value)
        text = crm_values.lines(value)
        if text is not None and len(text) > LONGEST_TEXT:
            raise CellFault("too_long", f"at most {LONGEST_TEXT} characters")
        return text


def _number(value: Any) -> int | float | None:
    found = crm_values.number(value)
    if found is None:
        return None
    return int(found) if found == found.to_integral_value() else float(found)
