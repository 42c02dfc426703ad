"""Documents of derived schemes: validated when they are written, compiled when published.

Evaluation never imports this module; `scheme.Scheme` runs what `compile_scheme` returns.
"""

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stageline.domain.conditions import Compiled, ConditionCompiler, Problem, holds, thresholds

_MOST_COMBINATIONS: Final = 200_000

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, Field(min_length=1, max_length=500)]


class SchemeInvalid(ValueError):
    """The document is no scheme; `problems` says what is wrong and where."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class StageDocument(_Document):
    """A stage, and the condition (see `conditions`) under which it holds."""

    key: Key
    name: Annotated[str, Field(min_length=1, max_length=60)]
    category: Literal["succeeded", "in_progress", "not_succeeded"]
    rank: Annotated[int, Field(ge=1, le=8)]
    colour: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
    definition: Text
    when: dict[str, Any]


class ExampleDocument(_Document):
    """A given/when/then example; `given` and `when` are read by the tests that run it."""

    name: Text
    given: dict[str, Any]
    when: Any
    then: dict[str, Any]


class SchemeDocument(_Document):
    """A derived scheme; `precedence` names every stage, the strongest first."""

    key: Key
    version: Annotated[int, Field(ge=1)]
    name: Text
    kind: Literal["derived"]
    subject: Literal["group"]
    stages: Annotated[list[StageDocument], Field(min_length=1)]
    precedence: list[str]
    examples: list[ExampleDocument] = []


def read_document(document: object) -> SchemeDocument:
    """Return the validated document. Raises SchemeInvalid with every problem and its path."""
    try:
        return SchemeDocument.model_validate(document)
    except ValidationError as error:
        problems = [
            Problem(_path(fault["loc"]), fault["msg"])
            for fault in error.errors(include_input=False, include_context=False)
        ]
        raise SchemeInvalid(problems) from None


def compile_scheme(document: object) -> dict[str, Any]:
    """Return the scheme as plain JSON for `Scheme.from_compiled`.

    Raises SchemeInvalid, also when there are counts for which no stage would hold: a subject has
    exactly one stage (S0.1).
    """
    scheme = read_document(document)
    compiler = ConditionCompiler()
    conditions = {
        stage.key: compiler.compile(stage.when, f"stages[{index}].when")
        for index, stage in enumerate(scheme.stages)
    }
    problems = [*_inconsistencies(scheme), *compiler.problems]
    if not problems:
        problems = _uncovered(compiler, list(conditions.values()))
    if problems:
        raise SchemeInvalid(problems)
    return {
        "key": scheme.key,
        "version": scheme.version,
        "name": scheme.name,
        "subject": scheme.subject,
        "stages": [stage.model_dump() for stage in scheme.stages],
        "precedence": list(scheme.precedence),
        "facts": [[fact.name, fact.within_months] for fact in compiler.facts],
        "conditions": conditions,
    }


def _inconsistencies(scheme: SchemeDocument) -> list[Problem]:
    named: dict[str, list[str]] = {
        "key": [stage.key for stage in scheme.stages],
        "name": [stage.name.casefold() for stage in scheme.stages],
        "rank": [str(stage.rank) for stage in scheme.stages],
    }
    problems = [
        Problem(f"stages[{index}].{name}", "is used by an earlier stage")
        for name, values in named.items()
        for index, value in enumerate(values)
        if value in values[:index]
    ]
    if sorted(scheme.precedence) != sorted(stage.key for stage in scheme.stages):
        problems.append(Problem("precedence", "names every stage exactly once"))
    return problems


def _uncovered(compiler: ConditionCompiler, conditions: list[Compiled]) -> list[Problem]:
    """Look for counts under which no condition holds, trying both sides of every threshold."""
    numbers: list[set[int]] = [{0} for _ in compiler.facts]
    for condition in conditions:
        for fact, number in thresholds(condition):
            numbers[fact] |= {max(number - 1, 0), number, number + 1}
    lost = [index for index, fact in enumerate(compiler.facts) if fact.name == "lost_deals"]
    of_any_window = set[int]().union(*(numbers[index] for index in lost))
    for index in lost:
        numbers[index] = of_any_window
    if prod(map(len, numbers)) > _MOST_COMBINATIONS:
        return [Problem("stages", "compare with too many different numbers to be checked")]
    # A longer window counts at least what a shorter one does; no window counts every lost deal.
    lost.sort(
        key=lambda index: (
            compiler.facts[index].within_months is None,
            compiler.facts[index].within_months or 0,
        )
    )
    for counts in product(*map(sorted, numbers)):
        of_lost = [counts[index] for index in lost]
        if of_lost == sorted(of_lost) and not any(holds(one, counts) for one in conditions):
            example = ", ".join(
                f"{fact}: {n}" for fact, n in zip(compiler.facts, counts, strict=True)
            )
            return [Problem("stages", f"no stage holds for {example}")]
    return []


def _path(location: Sequence[int | str]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path or "document"
