"""A mapping that is checked against its CRM because somebody asked, and what came of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from stageline.domain.personal import Personal, Plain
from stageline.domain.sync import Attention

type CheckStatus = Literal["running", "completed", "failed"]

# An item of the table holds 400 KB.
_MOST_BYTES: Final = 300_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingCheck:
    """The last check of an integration; it is forgotten after a day.

    `mapping` (JSON): what is checked; None: what the integration has. `result` (JSON, as
    `crm_check.check_json` makes it) shows records of the CRM. `attention`: why there is none.
    """

    check_id: Plain
    integration: Plain
    mapping: Personal | None = field(default=None, repr=False)
    requested_by: Plain
    requested_at: datetime
    status: CheckStatus = "running"
    result: Personal | None = field(default=None, repr=False)
    attention: Attention | None = None
    finished_at: datetime | None = None


def result_text(result: Mapping[str, Any]) -> str:
    """Return a result as JSON, with as many records as can be kept."""
    while True:
        text = json.dumps(result, ensure_ascii=False, separators=(",", ":"))
        rows = max((len(one["rows"]) for one in result["previews"]), default=0)
        if len(text.encode()) <= _MOST_BYTES or not rows:
            return text
        fewer = [one | {"rows": one["rows"][: rows // 2]} for one in result["previews"]]
        result = {**result, "previews": fewer}
