"""The whole timeline of a group of 19 deals, against its current stage alone from dataclasses.

The reference is the least that answers "which stage today": one pass over plain deals, with the
last day of each window already worked out.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from time import perf_counter_ns
from typing import Final

from stageline.domain.calendar import add_months
from stageline.domain.ledger import DealFacts, Ledger, build_ledger
from stageline.domain.spells import Observation, PresenceObservation
from stageline.domain.timeline import timeline
from stageline.schemes import shipped

GOAL: Final = 10.0
TODAY: Final = date(2025, 6, 15)
_DEALS: Final = 19


@dataclass(frozen=True, slots=True)
class _Deal:
    status: str
    opened_on: date
    recent_until: date | None


def measure(small: bool) -> dict[str, float | str]:
    """Return the median ratio of pairs measured in turn; asserts that both agree on the stage."""
    groups, rounds, pairs = (20, 2, 3) if small else (200, 20, 15)
    made = [_group(seed) for seed in range(groups)]
    scheme = shipped()
    for deals, ledgers in made:
        whole = timeline(scheme, ledgers)
        assert whole.at(TODAY.toordinal()).stage == _current_stage(deals, True, TODAY)

    def reference() -> None:
        for deals, _ in made:
            _current_stage(deals, True, TODAY)

    def ours() -> None:
        for _, ledgers in made:
            timeline(scheme, ledgers)

    ratios = []
    for _ in range(pairs):
        base = _nanoseconds(reference, rounds)
        ratios.append(_nanoseconds(ours, rounds) / base)
    return {"value": round(median(ratios), 2), "unit": "ratio", "goal": GOAL, "better": "lower"}


def _nanoseconds(run: Callable[[], None], rounds: int) -> int:
    begun = perf_counter_ns()
    for _ in range(rounds):
        run()
    return perf_counter_ns() - begun


def _current_stage(deals: Sequence[_Deal], in_crm: bool, today: date) -> str:
    open_deals = won_deals = recently_lost = 0
    for deal in deals:
        if deal.status == "won":
            won_deals += 1
        elif deal.status == "open":
            if deal.opened_on <= today:
                open_deals += 1
        elif deal.recent_until is not None and today <= deal.recent_until:
            recently_lost += 1
    if won_deals:
        return "client_pipeline" if open_deals else "client"
    if recently_lost:
        return "recently_lost"
    if open_deals:
        return "pipeline"
    return "in_crm" if in_crm else "new_prospect"


def _group(seed: int) -> tuple[list[_Deal], list[Ledger]]:
    """Return 19 deals of two years, in both forms; every third group has two accounts."""
    chance = random.Random(seed)
    outcomes = ["open", "lost"] if seed % 2 else ["open", "won", "won", "lost", "lost"]
    plain: list[_Deal] = []
    facts: list[DealFacts] = []
    for number in range(_DEALS):
        opened_on = TODAY - timedelta(days=chance.randint(100, 730))
        closed_on = opened_on + timedelta(days=chance.randint(5, 99))
        status = chance.choice(outcomes)
        observed = [Observation("open", opened_on)]
        if status == "lost":
            observed.append(Observation("lost", closed_on, closed_on))
        elif status == "won":
            observed.append(Observation("won", closed_on, closed_on))
        recent_until = add_months(closed_on, 6) if status == "lost" else None
        plain.append(_Deal(status, opened_on, recent_until))
        facts.append(DealFacts(f"{seed:04x}{number:028x}", opened_on, tuple(observed)))
    presence = (PresenceObservation(True, TODAY - timedelta(days=730)),)
    cut = 8 if seed % 3 == 0 else 0
    parts = [part for part in (facts[:cut], facts[cut:]) if part]
    ledgers = [
        build_ledger(f"account-{number}", presence=presence, deals=part)
        for number, part in enumerate(parts)
    ]
    return plain, ledgers


if __name__ == "__main__":
    print(measure(small=False))
