"""What a person reads about a stage, in a tooltip: name, definition, what decided it (S0.15).

Ids stand in the evidence, never here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from stageline.domain.conditions import thresholds
from stageline.domain.evidence import Evidence, FactEvidence, fact_name
from stageline.domain.scheme import Scheme
from stageline.domain.windows import parse_months

NOT_KNOWN: Final = "NOT_KNOWN"


@dataclass(frozen=True, slots=True)
class Explanation:
    """`definition` belongs to a stage, `hint` to its absence: what to do about it."""

    text: str
    definition: str | None = None
    hint: str | None = None


_NO_STAGE: Final = {
    "NO_INTEGRATION": Explanation(
        text="There is no stage: no CRM integration is configured.",
        hint="Enable a CRM integration, or import a CSV export of your CRM.",
    ),
    "INTEGRATION_INACTIVE": Explanation(
        text="There is no stage: the CRM integration is not active.",
        hint="Activate the integration.",
    ),
    "OPPORTUNITY_PULL_OFF": Explanation(
        text="There is no stage: the CRM integration does not pull opportunities.",
        hint="Switch on pulling of opportunity data.",
    ),
    "SYNC_OFF": Explanation(
        text="There is no stage: CRM data is not synchronised automatically.",
        hint="Switch on the automatic synchronisation of CRM data.",
    ),
    "NEEDS_ATTENTION": Explanation(
        text="There is no stage: the CRM does not let us read its deals.",
        hint="Look at the integration: it says what the CRM asks for.",
    ),
    NOT_KNOWN: Explanation(
        text="Nothing was known of this account at that instant.",
        hint="Ask for a later known_at, or leave it out for what is known now.",
    ),
}


def explain_no_stage(reason: str) -> Explanation:
    """Return the text and the hint for a reason of "-" (see `overlay`) or NOT_KNOWN."""
    return _NO_STAGE[reason]


def explain(scheme: Scheme, evidence: Evidence | Mapping[str, Any]) -> Explanation:
    """Return the stage's name, its definition and the facts that decided it."""
    stage = scheme.stages[evidence["stage"]]
    asked = {number for number, _ in thresholds(scheme.conditions[stage.key])}
    names = {fact_name(scheme.facts[number]) for number in asked}
    decisive = [
        _phrase(fact) for fact in evidence["facts"] if (fact["fact"], fact.get("within")) in names
    ]
    others = [scheme.stages[key].name for key in evidence["holds"] if key != stage.key]
    sentences = [f"{stage.name}: {_list(decisive)}."] if decisive else [f"{stage.name}."]
    if others:
        verb = "holds" if len(others) == 1 else "hold"
        sentences.append(f"{_list(others)} {verb} as well; {stage.name} takes precedence.")
    return Explanation(" ".join(sentences), definition=stage.definition)


def hidden_hint(deals: int, accounts: int) -> str:
    """Return how many of the records behind a stage its reader does not see (S3.26)."""
    told = [
        f"{number} {what}{'' if number == 1 else 's'}"
        for number, what in ((deals, "deal"), (accounts, "account"))
        if number
    ]
    return f"Among what decides are {_list(told)} that you can't see."


def _phrase(fact: FactEvidence) -> str:
    count = fact["count"]
    deals = f"{count or 'no'} {{}}deal{'' if count == 1 else 's'}"
    match fact["fact"]:
        case "in_crm":
            return "in the CRM" if count else "not in the CRM"
        case "open_deals":
            return deals.format("open ")
        case "won_deals":
            return deals.format("won ")
    if "within" not in fact:
        return deals.format("lost ")
    months = parse_months(fact["within"])
    return f"{deals.format('')} lost within {months} month{'' if months == 1 else 's'}"


def _list(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
