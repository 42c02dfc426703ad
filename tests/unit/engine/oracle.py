"""What the stage of a group is on a day, worked out from the statements, one day at a time.

Shares nothing with the engine, not even how a month is added: dates, loops and plain dicts. A
`Report` is what a source said of a deal at an instant, the same thing twice included.
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

type DealStatus = Literal["open", "won", "lost", "gone"]

PROGRESSION = ["new_prospect", "in_crm", "pipeline", "client", "client_pipeline", "recently_lost"]


@dataclass(frozen=True)
class Report:
    at: datetime
    status: DealStatus
    closed_on: date | None = None


@dataclass(frozen=True)
class PresenceReport:
    at: datetime
    in_crm: bool


@dataclass(frozen=True)
class DealStory:
    deal_id: str
    opened_on: date | None
    reports: tuple[Report, ...]


@dataclass(frozen=True)
class AccountStory:
    account_id: str
    created_on: date | None
    presence: tuple[PresenceReport, ...]
    members: tuple[tuple[date | None, date | None], ...]  # joined, left (that day is not in it)
    deals: tuple[DealStory, ...]


def local_day(instant: datetime, zone: str) -> date:
    offset = instant.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return (instant.replace(tzinfo=None) - (instant.utcoffset() or timedelta()) + offset).date()


def months_later(day: date, months: int) -> date:
    """Walk to the month that many later; there, the same number or the last that exists (S0.8)."""
    first = day.replace(day=1)
    for _ in range(months):
        first = (first + timedelta(days=31)).replace(day=1)
    found = first
    while found.day < day.day and (found + timedelta(days=1)).month == first.month:
        found += timedelta(days=1)
    return found


@dataclass
class Outcome:
    status: str
    seen: date
    closed_on: date | None
    begins: date = date.max


class DealOracle:
    """A deal as one finds it on a day: the outcome learned last among those that had happened."""

    def __init__(self, story: DealStory, zone: str) -> None:
        self.story = story
        self.outcomes: list[Outcome] = []
        for report in story.reports:
            closed_on = report.closed_on if report.status in ("won", "lost") else None
            if not self.outcomes and report.status == "gone":
                continue
            if self.outcomes and self.outcomes[-1].status == report.status:
                self.outcomes[-1].closed_on = closed_on
            else:
                seen = local_day(report.at, zone)
                self.outcomes.append(Outcome(report.status, seen, closed_on))
        for number, outcome in enumerate(self.outcomes):
            outcome.begins = self._begins(number)

    def _begins(self, number: int) -> date:
        outcome, before = self.outcomes[number], self.outcomes[:number]
        if outcome.status == "open" and not before:
            return self.story.opened_on or outcome.seen
        if outcome.closed_on is None:
            return outcome.seen
        reopenings = [i for i, other in enumerate(before) if other.status == "open"]
        undone = [
            other
            for other in before[: reopenings[-1] if reopenings else 0]
            if other.status in ("won", "lost")
        ]
        if undone and outcome.closed_on <= undone[-1].begins:
            return outcome.seen
        return min(outcome.closed_on, outcome.seen)

    def dated_days(self) -> list[date]:
        days = [outcome.closed_on for outcome in self.outcomes if outcome.closed_on]
        return days + ([self.story.opened_on] if self.story.opened_on else [])

    def on(self, day: date) -> tuple[str | None, date | None]:
        """The status on `day`; for a loss that can be recent, the day it was lost (S0.8)."""
        if not self.outcomes:
            return None, None
        for number in reversed(range(len(self.outcomes))):
            outcome = self.outcomes[number]
            if outcome.begins > day:
                continue
            if outcome.status != "lost":
                return outcome.status, None
            seen_open = any(other.status == "open" for other in self.outcomes[:number])
            recent = outcome.closed_on is not None or seen_open
            return "lost", outcome.begins if recent else None
        opened = self.story.opened_on is not None and self.story.opened_on <= day
        return ("open" if opened else None), None


class GroupOracle:
    def __init__(self, accounts: list[AccountStory], zone: str) -> None:
        self.zone = zone
        self.accounts = [
            (account, [DealOracle(deal, zone) for deal in account.deals]) for account in accounts
        ]

    def counts(self, day: date, windows: Set[int] = frozenset()) -> dict[Any, int]:
        """`in_crm`, `open`, `won`, `lost`, and by months how many were lost that recently."""
        found: dict[Any, int] = {
            "in_crm": 0,
            "open": 0,
            "won": 0,
            "lost": 0,
            **dict.fromkeys(windows, 0),
        }
        for account, deals in self.accounts:
            if not any(
                (joined is None or joined <= day) and (left is None or day < left)
                for joined, left in account.members
            ):
                continue
            found["in_crm"] += self._in_crm(account, deals, day)
            for deal in deals:
                status, lost_on = deal.on(day)
                if status in ("open", "won", "lost"):
                    found[status] += 1
                for months in windows:
                    recent = lost_on is not None and day <= months_later(lost_on, months)
                    found[months] += recent
        return found

    def _in_crm(self, account: AccountStory, deals: list[DealOracle], day: date) -> bool:
        state = False
        for number, report in enumerate(account.presence):
            seen = local_day(report.at, self.zone)
            if number and account.presence[number - 1].in_crm == report.in_crm:
                continue
            if number == 0 and report.in_crm:
                dated = [other for deal in deals for other in deal.dated_days()]
                seen = min([seen, *dated] + ([account.created_on] if account.created_on else []))
            if number == 0 or seen <= day:
                state = report.in_crm and (number > 0 or seen <= day)
        return state


def stages_that_hold(counts: dict[Any, int], months: int) -> set[str]:
    is_open, is_won, is_lost = counts["open"] > 0, counts["won"] > 0, counts[months] > 0
    held = set()
    if not counts["in_crm"] and not is_won:
        held.add("new_prospect")  # S0.2
    if counts["in_crm"] and not is_won and not is_open and not is_lost:
        held.add("in_crm")  # S0.3
    if is_open and not is_won:
        held.add("pipeline")  # S0.4
    if is_won and not is_open:
        held.add("client")  # S0.5
    if is_won and is_open:
        held.add("client_pipeline")  # S0.6
    if is_lost and not is_won:
        held.add("recently_lost")  # S0.7
    return held


def stage(held: set[str], *, open_wins: bool) -> str:
    """S0.11: the further stage wins, or, in the variant, an open deal does."""
    if open_wins and "pipeline" in held:
        return "pipeline"
    return max(held, key=PROGRESSION.index)
