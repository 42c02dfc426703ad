"""How a benchmark is measured and what it hands back."""

from collections.abc import Callable
from statistics import median
from typing import Literal, TypedDict


class Measurement(TypedDict):
    """`goal` is the worst value that is good enough; `better` says which way is up."""

    value: float
    unit: str
    goal: float
    better: Literal["lower", "higher"]


def reaches_goal(measured: Measurement) -> bool:
    if measured["better"] == "lower":
        return measured["value"] <= measured["goal"]
    return measured["value"] >= measured["goal"]


def median_ratio(ours: Callable[[], float], reference: Callable[[], float], *, pairs: int) -> float:
    """Return the median of ours / reference over so many pairs, measured in turn.

    Each returns what it took, in one unit. In turn, because absolute times drift while ratios hold.
    The first pair warms caches and is thrown away, when there are more.
    """
    ratios = [ours() / reference() for _ in range(pairs + (pairs > 1))]
    return median(ratios[1:] or ratios)


def ratio(value: float, goal: float) -> Measurement:
    return {"value": round(value, 3), "unit": "ratio", "goal": goal, "better": "lower"}


def pairs(small: bool) -> int:
    """Return how many pairs to measure: one to see that it works, else enough for a median."""
    return 1 if small else 11
