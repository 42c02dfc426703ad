"""What a connector gives of a CRM, and what it is asked for. Still in the CRM's own words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from stageline.domain.job_states import Records
from stageline.domain.personal import Personal, Plain

type Place = Any
"""Where a page ended, as JSON; only the connector that made it reads it. It stays good for days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Which records to read: those changed from `since` (None: all there are) until `until`.

    `fields` are the CRM's names. `since` lies before what was read last (overlap): a record may
    come again, none may be left out. `place` is where the page before ended, None at the beginning.
    """

    records: Records
    fields: tuple[Plain, ...]
    since: datetime | None
    until: datetime
    place: Place = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmRecord:
    """One record. `values` by the CRM's names: text, int, Decimal, bool or None.

    `is_gone`: deleted or merged away (archived where the CRM means that by it), or none of ours any
    more; then only the ids have to be there. `merged_into`:
    the record that stands for it now. `merged`: those for which this one stands.
    `links`: ids of other records by what they are to this one (account, parent, deal, contacts);
    a name that is missing says nothing, an empty tuple says that there are none.
    """

    external_id: Personal = field(repr=False)
    values: Mapping[Plain, Any] = field(default_factory=dict, repr=False)
    links: Mapping[Plain, tuple[Personal, ...]] = field(default_factory=dict, repr=False)
    is_gone: bool = False
    merged_into: Personal | None = field(default=None, repr=False)
    merged: tuple[Personal, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class CrmPage:
    """Some records, and where to go on (None: that was all). `wait`: not before then."""

    records: Sequence[CrmRecord] = field(repr=False)
    place: Place = None
    wait: timedelta | None = None


class PlaceLost(Exception):
    """The CRM no longer knows the place: the records have to be read from the beginning."""


type FieldKind = Literal[
    "text", "number", "money", "date", "instant", "boolean", "choice", "choices", "reference"
]


@dataclass(frozen=True, slots=True)
class CrmField:
    """How a CRM describes one of its fields. `options` are its choices, as they are stored."""

    name: Plain
    label: Plain
    kind: FieldKind
    options: tuple[Plain, ...] = ()
    is_writable: bool = True
