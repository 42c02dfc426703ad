"""What came of checking a mapping against a CRM: what does not fit, and records as they would be.

Only `rows` and `refused` of previews hold what is personal.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from stageline.domain.job_states import Records
from stageline.domain.jobs import Warned
from stageline.domain.personal import Plain
from stageline.domain.records import Record, RefusedRecord


@dataclass(frozen=True, slots=True)
class Misfit:
    """What of a mapping does not fit the CRM or our fields; `path` as in the document.

    `near`: names that may have been meant.
    """

    path: Plain
    code: Plain
    message: Plain
    near: tuple[Plain, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Some records of a kind as they would be stored, or why not.

    `filled`: in how many rows a field of ours has a value.
    """

    records: Records
    rows: tuple[Record, ...] = field(repr=False)
    refused: tuple[RefusedRecord, ...] = field(repr=False)
    warnings: tuple[Warned, ...]
    filled: Mapping[Plain, int]


@dataclass(frozen=True, slots=True)
class CrmCheck:
    """`problems` have to be put right before the mapping can be used, `hints` need not."""

    problems: tuple[Misfit, ...]
    hints: tuple[Misfit, ...]
    previews: tuple[Preview, ...]

    @property
    def fits(self) -> bool:
        return not self.problems


def check_json(check: CrmCheck) -> dict[str, Any]:
    """Return the result as JSON says it."""
    return {
        "fits": check.fits,
        "problems": [_json(one) for one in check.problems],
        "hints": [_json(one) for one in check.hints],
        "previews": [
            {
                "records": preview.records,
                "rows": [_row(row) for row in preview.rows],
                "refused": [_row(row) for row in preview.refused],
                "warnings": [_json(one) for one in preview.warnings],
                "filled": dict(preview.filled),
            }
            for preview in check.previews
        ],
    }


def _json(one: Misfit | Warned) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(one).items()
    }


def _row(row: Record | RefusedRecord) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(row.to_json())
    return {name: value for name, value in values.items() if name not in ("line", "cleared")}
