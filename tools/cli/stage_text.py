"""A stage answer as a person reads it."""

from collections.abc import Iterator
from typing import Any


def print_stage(answer: dict[str, Any], name: str | None) -> None:
    from tools.cli.output import console

    for line in stage_lines(answer, name):
        console().print(line, soft_wrap=True)


def stage_lines(answer: dict[str, Any], name: str | None) -> Iterator[str]:
    """Yield the lines: stage and since, why, what changes it next, how fresh this is."""
    if name:
        yield name
    since = answer.get("since")
    begun = f" since {since}" if since else ""
    predicted = " (predicted)" if answer.get("predicted") else ""
    yield f"{answer['display']}{begun}, as of {answer['as_of']}{predicted}"
    explanation = answer.get("explanation") or {}
    if explanation.get("text"):
        yield explanation["text"]
    if explanation.get("definition"):
        yield f"  {explanation['definition']}"
    if answer.get("hint"):
        yield answer["hint"]
    yield from _evidence_lines(explanation.get("evidence") or {})
    following = answer.get("next_change")
    if following:
        reason = f": {following['reason']}" if following.get("reason") else ""
        yield f"Next: {following.get('display') or following['to']} on {following['on']}{reason}"
    if answer.get("evaluated_at"):
        current = answer.get("current_as_of")
        stale = " (stale)" if answer.get("stale") else ""
        yield f"Evaluated at {answer['evaluated_at']}" + (
            f", current as of {current}{stale}" if current else stale
        )


def _evidence_lines(evidence: dict[str, Any]) -> Iterator[str]:
    for fact in evidence.get("facts", ()):
        ids = fact.get("deal_ids") or fact.get("account_ids") or []
        if fact["count"]:
            within = f" within {fact['within']}" if fact.get("within") else ""
            yield f"  {fact['fact']}{within}: {fact['count']} ({', '.join(ids)})"
