"""Random groups: what sources reported of accounts and deals, and the ledgers made of it."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from stageline.domain.calendar import day_in_zone, to_ordinal
from stageline.domain.ledger import DealFacts, Ledger, build_ledger
from stageline.domain.spells import (
    DealStatus,
    Observation,
    PresenceObservation,
    observe,
    observe_presence,
)
from tests.unit.engine.oracle import AccountStory, DealStory, PresenceReport, Report

FIRST, LAST = date(2023, 7, 1), date(2025, 3, 31)
# Every date of a world lies between FIRST and LAST; a window of 7 months ends before this day.
END = date(2025, 12, 1)
ZONES = ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Vienna", "America/St_Johns")

# Days on which months end, leap days and a dense fortnight, so that things coincide.
_SPECIAL = [
    date(2023, 8, 31), date(2023, 9, 30), date(2023, 12, 31), date(2024, 1, 31), date(2024, 2, 28),
    date(2024, 2, 29), date(2024, 3, 1), date(2024, 8, 29), date(2024, 8, 30), date(2024, 8, 31),
    date(2025, 2, 28), date(2025, 3, 1),
]  # fmt: skip
days = st.one_of(
    st.sampled_from(_SPECIAL),
    st.integers(0, 13).map(lambda n: date(2024, 1, 20) + timedelta(days=n)),
    st.dates(FIRST, LAST),
)
instants = st.builds(
    lambda day, hour: datetime(day.year, day.month, day.day, hour, 30, tzinfo=UTC),
    days.filter(lambda day: FIRST < day < LAST),
    st.integers(0, 23),
)
_STATUSES: list[DealStatus] = ["open", "open", "won", "lost", "lost", "gone"]
statuses = st.sampled_from(_STATUSES)
optional_days = st.none() | days


@st.composite
def deal_stories(draw, deal_id: str) -> DealStory:
    at = sorted(draw(st.lists(instants, min_size=1, max_size=5)))
    reports = [Report(instant, draw(statuses), draw(optional_days)) for instant in at]
    return DealStory(deal_id, draw(optional_days), tuple(reports))


@st.composite
def memberships(draw):
    if draw(st.booleans()):
        return ((None, None),)
    edges = sorted(set(draw(st.lists(days, min_size=1, max_size=4))))
    starts = [None, *edges] if draw(st.booleans()) else list(edges)
    pairs = [starts[i : i + 2] for i in range(0, len(starts), 2)]
    return tuple((pair[0], pair[1] if len(pair) > 1 else None) for pair in pairs)


@st.composite
def groups(draw) -> list[AccountStory]:
    accounts = []
    for number in range(draw(st.integers(1, 3))):
        at = sorted(draw(st.lists(instants, max_size=3)))
        accounts.append(
            AccountStory(
                account_id=f"account-{number}",
                created_on=draw(optional_days),
                presence=tuple(PresenceReport(instant, draw(st.booleans())) for instant in at),
                members=draw(memberships()),
                deals=tuple(
                    draw(deal_stories(f"deal-{number}-{deal}"))
                    for deal in range(draw(st.integers(0, 4)))
                ),
            )
        )
    return accounts


def facts_of(story: DealStory, zone: str) -> DealFacts:
    observations: tuple[Observation, ...] = ()
    for report in story.reports:
        seen_on = day_in_zone(report.at, zone)
        observations = observe(observations, report.status, seen_on, report.closed_on)
    return DealFacts(story.deal_id, story.opened_on, observations)


def ledger_of(story: AccountStory, zone: str, deals: tuple[DealStory, ...] | None = None) -> Ledger:
    """The ledger of an account, or of a chunk of it with only these of its deals."""
    presence: tuple[PresenceObservation, ...] = ()
    for report in story.presence:
        presence = observe_presence(presence, report.in_crm, day_in_zone(report.at, zone))
    return build_ledger(
        story.account_id,
        memberships=[
            (to_ordinal(first), end.toordinal() if end else None) for first, end in story.members
        ],
        presence=presence,
        created_on=story.created_on,
        deals=[facts_of(deal, zone) for deal in (story.deals if deals is None else deals)],
    )


def every_day() -> list[date]:
    """All days on which anything of a world can happen, with a margin on both sides."""
    return [FIRST + timedelta(days=n) for n in range(-3, (END - FIRST).days)]
