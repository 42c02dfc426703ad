"""Texts that were erased in a record that lives on: blank until the privacy officer releases them.

Whatever somebody says of such a field meanwhile, an import too, the record does not take it.
"""

from dataclasses import dataclass
from typing import Literal

from stageline.domain.personal import Plain

type PinnedKind = Literal["account", "deal", "activity", "task", "contact"]


@dataclass(frozen=True, slots=True)
class Pin:
    """One text of one record: `field` is like "name", "tags" or "custom.region"."""

    kind: PinnedKind
    record_id: Plain
    field: Plain
