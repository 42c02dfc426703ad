"""Schemes for tests: the shipped ones with another window, and random ones."""

import operator
from copy import deepcopy
from functools import cache
from typing import Any

from hypothesis import strategies as st

from stageline.domain.scheme import Scheme
from stageline.domain.scheme_document import compile_scheme
from tools.compile_schemes import documents

SHIPPED = documents()
COMPARE = {"at_least": operator.ge, "at_most": operator.le, "equals": operator.eq}


def with_window(node, months: int):
    """Return the document with every window changed."""
    if isinstance(node, dict):
        return {
            k: f"P{months}M" if k == "within" else with_window(v, months) for k, v in node.items()
        }
    return [with_window(part, months) for part in node] if isinstance(node, list) else node


@cache
def crm_stage(months: int = 6, *, open_wins: bool = False) -> Scheme:
    document = SHIPPED["crm_stage_open_wins" if open_wins else "crm_stage"]
    return Scheme.from_compiled(compile_scheme(with_window(deepcopy(document), months)))


def stage_document(key: str, rank: int, when: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": key, "name": key, "category": "in_progress", "rank": rank, "colour": "#000000",
        "definition": key, "when": when,
    }  # fmt: skip


def scheme_document(*conditions: dict[str, Any], **changes) -> dict[str, Any]:
    """A document with a stage for each condition; the first wins."""
    stages = [stage_document(f"s{i}", i + 1, when) for i, when in enumerate(conditions)]
    return {
        "key": "random", "version": 1, "name": "random", "kind": "derived", "subject": "group",
        "stages": stages, "precedence": [stage["key"] for stage in stages],
    } | changes  # fmt: skip


comparisons = st.dictionaries(
    st.sampled_from(["at_least", "at_most", "equals"]), st.integers(0, 3), min_size=1, max_size=1
)
windows = st.integers(0, 7).map(lambda months: {"within": f"P{months}M"})
leaves = st.one_of(
    st.booleans().map(lambda value: {"in_crm": value}),
    st.builds(
        lambda fact, comparison: {fact: comparison},
        st.sampled_from(["open_deals", "won_deals", "lost_deals"]),
        comparisons,
    ),
    st.builds(lambda comparison, window: {"lost_deals": comparison | window}, comparisons, windows),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=4,
)


def is_true(condition: dict[str, Any], counts: dict[Any, int]) -> bool:
    """Evaluate a condition as it is written, on the oracle's counts."""
    ((key, value),) = condition.items()
    if key in ("all", "any"):
        return {"all": all, "any": any}[key](is_true(part, counts) for part in value)
    if key == "not":
        return not is_true(value, counts)
    if key == "in_crm":
        return bool((counts["in_crm"] > 0) == value)
    within = value.get("within")
    count = counts[int(within[1:-1]) if within else key.removesuffix("_deals")]
    ((comparison, number),) = ((k, v) for k, v in value.items() if k != "within")
    return bool(COMPARE[comparison](count, number))
