"""What is noticed of a CRM's records that refuses none of them."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from stageline.domain.jobs import Warned


class Notice(NamedTuple):
    """`field` by our name, "custom.<key>" for a custom one."""

    code: str
    field: str


type Noticed = Counter[Notice]

_LEFT_OUT = "could not be read; the field is empty, and the rest of the record is there"
_MESSAGES = {
    "unknown_value": "values that the mapping does not know were kept as they are (values)",
    "unknown_stage": "stages that neither mapping nor CRM explains were read as open (stages)",
    "unknown_owner": "owners without an e-mail address; the mapping can name them (owners)",
    "unknown_custom_field": "custom fields in the mapping that are not there or are archived",
    "unknown_currency": "amounts whose currency is no ISO 4217 code were left out (values)",
    "amount_without_currency": "amounts without a currency were left out (defaults: currency)",
    "negative_amount": "amounts below 0 were left out",
    "probability_out_of_range": "probabilities not from 0 to 1 were left out (percent?)",
    "opened_after_closed": "opening dates after the close date were left out",
    "won_without_close_date": "won deals without a close date: they count from the day first seen",
    "lost_without_close_date": "lost deals without a close date: never recent unless seen open",
    "text_cut": "texts were cut at the limit",
}


def warned(noticed: Noticed, before: Sequence[Warned] = ()) -> tuple[Warned, ...]:
    """Return warnings by code, with those of earlier pages; `columns` are our fields."""
    counts = Counter({one.code: one.count for one in before})
    fields = {one.code: {*one.columns} for one in before}
    for notice, count in noticed.items():
        counts[notice.code] += count
        fields.setdefault(notice.code, set()).add(notice.field)
    return tuple(
        Warned(code, _MESSAGES.get(code, _LEFT_OUT), count, tuple(sorted(fields[code])))
        for code, count in sorted(counts.items())
    )
