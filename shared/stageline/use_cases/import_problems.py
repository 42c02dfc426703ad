"""What is told of the rows of a page that were refused, or stored but for a part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stageline.domain.errors import Invalid
from stageline.domain.jobs import ImportJob, PageResult, Problem, heading_of
from stageline.use_cases.import_decisions import SUPPRESSED, Decision


@dataclass(frozen=True, slots=True)
class Page:
    """What became of a page: `rows` by their ids, and why some of them were `refused`."""

    result: PageResult
    rows: Mapping[str, Any]
    problems: Sequence[Problem]
    refused: Mapping[str, Problem]


def page_of[Stored](
    result: PageResult,
    job: ImportJob,
    rows: Mapping[str, Any],
    decisions: Mapping[str, Decision[Stored]],
) -> Page:
    problems: list[Problem] = []
    refused: dict[str, Problem] = {}
    for record_id, decision in decisions.items():
        line, was_stored = rows[record_id].line, decision.before is not None
        found = [_problem(job, line, fault, was_stored) for fault in decision.faults]
        if found:
            refused[record_id] = found[0]
        notes = (_problem(job, line, note, False) for note in decision.notes)
        problems += [*found, *notes]
    return Page(result, rows, problems, refused)


def _problem(job: ImportJob, line: int, fault: Invalid, was_stored: bool) -> Problem:
    # Of a custom value the column says which.
    code, detail = f"{fault.field.partition('.')[0]}_{fault.reason}", fault.detail
    if fault.reason == SUPPRESSED:
        code = SUPPRESSED
    elif was_stored:
        code, detail = f"stored_{code}", f"with what was imported before: {detail}"
    return Problem(line, heading_of(job, fault.field), code, detail)
