"""What the stages must be, day by day, by brute force: nothing of the engine is used here.

Reads records as the canonical CSV columns say them. For every single day it goes through every
deal of the group and asks S0.2 to S0.13 as they are written, plus what the decisions add: a day
seen for what has no date, spells that end when a deal is seen closed.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

DASH = "-"


@dataclass(frozen=True, slots=True)
class SeenDeal:
    """A deal as one file said it, seen for the first time on `seen_on` and not changed since."""

    external_id: str
    status: str
    opened_on: date | None
    closed_on: date | None
    seen_on: date

    def closes_on(self) -> date:
        """The earlier of the close date and the day it was first seen closed (S0.8)."""
        return min(self.closed_on or self.seen_on, self.seen_on)

    def is_open(self, day: date) -> bool:
        opened_on = self.opened_on
        if self.status == "open":
            return day >= (opened_on or self.seen_on)
        # Seen closed only: without an opening day nothing is known of an open time.
        return opened_on is not None and opened_on <= day < self.closes_on()

    def is_won(self, day: date) -> bool:
        return self.status == "won" and day >= self.closes_on()

    def is_recently_lost(self, day: date) -> bool:
        # Never seen open before, so without a close date it is never recent (S0.8).
        if self.status != "lost" or self.closed_on is None:
            return False
        return self.closes_on() <= day <= six_months_after(self.closes_on())


@dataclass(slots=True)
class SeenAccount:
    external_id: str
    name: str
    parent: str | None
    in_crm: bool
    created_on: date | None
    seen_on: date
    deals: list[SeenDeal] = field(default_factory=list)

    def is_in_crm(self, day: date) -> bool:
        """In it from its creation there, any dated day of its deals, or the day it was seen."""
        days = [self.seen_on]
        if self.created_on:
            days.append(self.created_on)
        for deal in self.deals:
            days += [one for one in (deal.opened_on, deal.closed_on) if one]
        return self.in_crm and day >= min(days)


def six_months_after(day: date) -> date:
    """Calendar months, forwards, clamped to the month's end (S0.8)."""
    year, month = (day.year, day.month + 6) if day.month <= 6 else (day.year + 1, day.month - 6)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def stage_on(day: date, members: Iterable[SeenAccount]) -> str:
    """Return the stage of a group of accounts on a day, their deals pooled (S0.12, S0.13)."""
    members = list(members)
    deals = [deal for member in members for deal in member.deals]
    won = sum(deal.is_won(day) for deal in deals)
    is_open = sum(deal.is_open(day) for deal in deals)
    recently_lost = sum(deal.is_recently_lost(day) for deal in deals)
    if won and is_open:
        return "client_pipeline"  # S0.6
    if won:
        return "client"  # S0.5
    if recently_lost:
        return "recently_lost"  # S0.7; over Pipeline: the further stage wins (S0.11)
    if is_open:
        return "pipeline"  # S0.4; over New prospect (S0.11)
    if any(member.is_in_crm(day) for member in members):
        return "in_crm"  # S0.3
    return "new_prospect"  # S0.2


class Oracle:
    """Every account of a workspace after one import of two files on the day `seen_on`.

    Rows that the files say wrongly must be left out by the caller.
    """

    def __init__(
        self,
        accounts: Sequence[Mapping[str, str]],
        deals: Sequence[Mapping[str, str]],
        seen_on: date,
    ) -> None:
        self.accounts = {row["external_id"]: _account(row, seen_on) for row in accounts}
        for row in deals:
            owner = self.accounts.get(row.get("account_external_id") or "")
            if owner is not None:
                owner.deals.append(_deal(row, seen_on))

    def group(self, external_id: str) -> list[SeenAccount]:
        root = self.root(external_id)
        return [one for one in self.accounts.values() if self.root(one.external_id) == root]

    def root(self, external_id: str) -> str:
        account = self.accounts[external_id]
        while account.parent and account.parent in self.accounts:
            account = self.accounts[account.parent]
        return account.external_id

    def stage(self, external_id: str, day: date) -> str:
        return stage_on(day, self.group(external_id))

    def stages(self, external_id: str, days: Iterable[date]) -> Iterator[tuple[date, str]]:
        members = self.group(external_id)
        return ((day, stage_on(day, members)) for day in days)

    def changes(self, external_id: str, first: date, last: date) -> list[tuple[date, str]]:
        """Return the stage on the first day, and every day on which it became another one."""
        found: list[tuple[date, str]] = []
        for day, stage in self.stages(external_id, days_between(first, last)):
            if not found or found[-1][1] != stage:
                found.append((day, stage))
        return found


def days_between(first: date, last: date) -> Iterator[date]:
    """Yield every day, both ends included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _account(row: Mapping[str, str], seen_on: date) -> SeenAccount:
    return SeenAccount(
        external_id=row["external_id"],
        name=" ".join(row["name"].split()),
        parent=row.get("parent_external_id") or None,
        in_crm=(row.get("in_crm") or "true") == "true",
        created_on=_day(row.get("created_on")),
        seen_on=seen_on,
    )


def _deal(row: Mapping[str, str], seen_on: date) -> SeenDeal:
    return SeenDeal(
        external_id=row["external_id"],
        status=row["status"].casefold(),
        opened_on=_day(row.get("opened_on")),
        closed_on=_day(row.get("closed_on")),
        seen_on=seen_on,
    )
