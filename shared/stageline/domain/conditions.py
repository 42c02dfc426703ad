"""The closed language in which a derived scheme says when a stage holds.

    {all: [...]}  {any: [...]}  {not: ...}
    {in_crm: true}
    {open_deals: {at_least: 1}}  {won_deals: {at_most: 3}}  {lost_deals: {equals: 0, within: P6M}}

It is compiled to nested lists of plain JSON over numbered facts:

    ["all", ...] | ["any", ...] | ["not", c] | ["at_least" | "at_most" | "equals", fact, number]
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from stageline.domain.windows import parse_months

type Compiled = list[Any]

COUNTS: Final = ("open_deals", "won_deals", "lost_deals")
COMPARISONS: Final = ("at_least", "at_most", "equals")
# More deals than any group has; keeps a mistyped number from being taken at its word.
LARGEST_COUNT: Final = (1 << 20) - 1


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is counted: `name`, and for lost deals the window in months or None.

    `in_crm` counts what makes the group present; conditions only ask whether it is any.
    """

    name: str
    within_months: int | None = None

    def __str__(self) -> str:
        return (
            self.name
            if self.within_months is None
            else f"{self.name} within P{self.within_months}M"
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a document, and where: a path like `stages[5].when.all[0].in_crm`."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class ConditionCompiler:
    """Compiles the conditions of one scheme, numbering the facts they ask for.

    Collects problems instead of stopping at the first; what it returns for a node with a problem
    is of no use.
    """

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.problems: list[Problem] = []

    def compile(self, node: object, path: str) -> Compiled:
        """Return the compiled condition; `path` is where it stands in the document."""
        if not isinstance(node, Mapping) or len(node) != 1:
            return self._refuse(path, "a condition is an object with exactly one key")
        ((key, value),) = node.items()
        path = f"{path}.{key}"
        match key:
            case "all" | "any":
                return [key, *self._compile_each(value, path)]
            case "not":
                return ["not", self.compile(value, path)]
            case "in_crm":
                return self._presence(value, path)
            case "open_deals" | "won_deals" | "lost_deals":
                return self._comparison(key, value, path)
        known = ("all", "any", "not", "in_crm", *COUNTS)
        return self._refuse(path, f"unknown; a condition is one of {', '.join(known)}")

    def _compile_each(self, nodes: object, path: str) -> Iterator[Compiled]:
        if not isinstance(nodes, Sequence) or isinstance(nodes, str) or not nodes:
            self._refuse(path, "takes a list of one or more conditions")
            return
        for index, node in enumerate(nodes):
            yield self.compile(node, f"{path}[{index}]")

    def _presence(self, value: object, path: str) -> Compiled:
        if not isinstance(value, bool):
            return self._refuse(path, "is true or false")
        fact = self._number_of(Fact("in_crm"))
        return ["at_least", fact, 1] if value else ["equals", fact, 0]

    def _comparison(self, name: str, node: object, path: str) -> Compiled:
        if not isinstance(node, Mapping):
            return self._refuse(path, "takes a comparison, like {at_least: 1}")
        within = node.get("within")
        comparisons = {key: value for key, value in node.items() if key != "within"}
        if len(comparisons) != 1:
            return self._refuse(path, f"needs exactly one of {', '.join(COMPARISONS)}")
        ((comparison, number),) = comparisons.items()
        if comparison not in COMPARISONS:
            return self._refuse(f"{path}.{comparison}", f"is none of {', '.join(COMPARISONS)}")
        if type(number) is not int or not 0 <= number <= LARGEST_COUNT:
            return self._refuse(f"{path}.{comparison}", f"is a number from 0 to {LARGEST_COUNT}")
        if within is None:
            return [comparison, self._number_of(Fact(name)), number]
        if name != "lost_deals":
            return self._refuse(f"{path}.within", "only lost_deals has a window")
        try:
            months = parse_months(within)
        except ValueError as error:
            return self._refuse(f"{path}.within", str(error))
        return [comparison, self._number_of(Fact(name, months)), number]

    def _number_of(self, fact: Fact) -> int:
        if fact not in self.facts:
            self.facts.append(fact)
        return self.facts.index(fact)

    def _refuse(self, path: str, message: str) -> Compiled:
        self.problems.append(Problem(path, message))
        return ["any"]


def holds(condition: Compiled, counts: Sequence[int]) -> bool:
    """Tell whether a compiled condition holds, given the count of each numbered fact."""
    match condition:
        case ["all", *parts]:
            return all(holds(part, counts) for part in parts)
        case ["any", *parts]:
            return any(holds(part, counts) for part in parts)
        case ["not", part]:
            return not holds(part, counts)
        case ["at_least", fact, number]:
            return bool(counts[fact] >= number)
        case ["at_most", fact, number]:
            return bool(counts[fact] <= number)
        case ["equals", fact, number]:
            return bool(counts[fact] == number)
    raise ValueError("not a compiled condition")


def thresholds(condition: Compiled) -> Iterator[tuple[int, int]]:
    """Yield `(fact, number)` of every comparison in a compiled condition."""
    if condition[0] in COMPARISONS:
        yield condition[1], condition[2]
    else:
        for part in condition[1:]:
            yield from thresholds(part)
