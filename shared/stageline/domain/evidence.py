"""Evidence: the facts that decide a stage on a day, and which conditions held. Ids only.

Computed when it is read, from the ledgers; evaluating the evidence alone gives the same stage.
"""

from collections.abc import Iterable, Mapping, Set
from typing import Any, Final, Literal, NotRequired, TypedDict

from stageline.domain.calendar import to_date
from stageline.domain.change import NextChange, next_change
from stageline.domain.conditions import Fact
from stageline.domain.facts import account_on, ids_behind
from stageline.domain.ledger import Ledger
from stageline.domain.scheme import Scheme
from stageline.domain.windows import format_months

__all__ = [
    "MOST_IDS",
    "Evidence",
    "FactEvidence",
    "NextChange",
    "evidence",
    "fact_name",
    "ids_in",
    "next_change",
    "stage_from_evidence",
    "without_ids",
]

MOST_IDS: Final = 20
_IDS: Final = ("deal_ids", "account_ids")


class SchemeReference(TypedDict):
    key: str
    version: int


class FactEvidence(TypedDict):
    """A fact and its count; `deal_ids` or `account_ids` are the first 20 of them, sorted.

    `hidden`: how many of these its reader does not see, and that are left out.
    """

    fact: str
    within: NotRequired[str]
    count: int
    hidden: NotRequired[int]
    deal_ids: NotRequired[list[str]]
    account_ids: NotRequired[list[str]]


class Evidence(TypedDict):
    """Plain JSON-able data. `on` is the day (null: before any day); `holds` has the strongest
    stage first, and `stage` is that one: the only one that held, or first by precedence.
    """

    on: str | None
    scheme: SchemeReference
    facts: list[FactEvidence]
    holds: list[str]
    stage: str
    decided_by: Literal["ONLY_ONE_HELD", "PRECEDENCE"]


def evidence(scheme: Scheme, ledgers: Iterable[Ledger], day: int) -> Evidence:
    """Return what decides the group's stage on `day` (an ordinal)."""
    accounts = [account_on(ledger, day) for ledger in ledgers]
    behind = [ids_behind(fact, accounts, day) for fact in scheme.facts]
    held = scheme.held([len(ids) for ids in behind])
    on = to_date(day)
    return {
        "on": on.isoformat() if on else None,
        "scheme": {"key": scheme.key, "version": scheme.version},
        "facts": [_fact(fact, ids) for fact, ids in zip(scheme.facts, behind, strict=True)],
        "holds": list(held),
        "stage": held[0],
        "decided_by": "ONLY_ONE_HELD" if len(held) == 1 else "PRECEDENCE",
    }


def stage_from_evidence(scheme: Scheme, evidence: Mapping[str, Any] | Evidence) -> str:
    """Return the stage that the facts of the evidence alone lead to.

    Raises ValueError when the evidence lacks a fact that the scheme asks for.
    """
    found = {(fact["fact"], fact.get("within")): fact["count"] for fact in evidence["facts"]}
    try:
        return scheme.held([found[fact_name(fact)] for fact in scheme.facts])[0]
    except KeyError as error:
        raise ValueError("the evidence lacks a fact of the scheme") from error


def ids_in(evidence: Mapping[str, Any]) -> frozenset[str]:
    """Return the ids of the deals and accounts that the evidence names."""
    facts = evidence.get("facts", ())
    return frozenset(id_ for fact in facts for name in _IDS for id_ in fact.get(name, ()))


def without_ids(evidence: Mapping[str, Any], hidden: Set[str]) -> Mapping[str, Any]:
    """Return the evidence without these ids; each fact says how many it lacks."""
    return {**evidence, "facts": [_without(fact, hidden) for fact in evidence.get("facts", ())]}


def _without(fact: Mapping[str, Any], hidden: Set[str]) -> Mapping[str, Any]:
    kept = {name: [i for i in fact[name] if i not in hidden] for name in _IDS if name in fact}
    left_out = sum(len(fact[name]) - len(ids) for name, ids in kept.items())
    return {**fact, **kept, **({"hidden": left_out} if left_out else {})}


def fact_name(fact: Fact) -> tuple[str, str | None]:
    """Return the fact as evidence writes it: its name, and its window as "P6M" or None."""
    return fact.name, None if fact.within_months is None else format_months(fact.within_months)


def _fact(fact: Fact, ids: list[str]) -> FactEvidence:
    name, within = fact_name(fact)
    found: FactEvidence = {"fact": name, "count": len(ids)}
    if within is not None:
        found["within"] = within
    if name == "in_crm":
        found["account_ids"] = ids[:MOST_IDS]
    else:
        found["deal_ids"] = ids[:MOST_IDS]
    return found
