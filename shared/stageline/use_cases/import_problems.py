"""What is told of the rows of a page that were refused, or stored but for a part."""

from collections.abc import Mapping
from typing import Any

from stageline.domain.errors import Invalid
from stageline.domain.jobs import ImportJob, Problem, heading_of
from stageline.use_cases.import_decisions import SUPPRESSED, Decision


def problems_of[Stored](
    job: ImportJob, rows: Mapping[str, Any], decisions: Mapping[str, Decision[Stored]]
) -> list[Problem]:
    return [
        _problem(job, rows[record_id].line, fault, was_stored=was_stored)
        for record_id, decision in decisions.items()
        for faults, was_stored in (
            (decision.faults, decision.before is not None),
            (decision.notes, False),
        )
        for fault in faults
    ]


def _problem(job: ImportJob, line: int, fault: Invalid, *, was_stored: bool) -> Problem:
    code, detail = f"{fault.field}_{fault.reason}", fault.detail
    if fault.reason == SUPPRESSED:
        code = SUPPRESSED
    elif was_stored:
        code, detail = f"stored_{code}", f"with what was imported before: {detail}"
    return Problem(line, heading_of(job, fault.field), code, detail)
