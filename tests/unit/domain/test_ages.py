"""How old a person's data is, and from when on it is older than a period (S2.40)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stageline.domain.ages import (
    Period,
    age_in_days,
    older_than,
    parse_period,
    younger_than,
)
from stageline.domain.calendar import day_in_zone

VIENNA = "Europe/Vienna"


@pytest.mark.parametrize(
    ("text", "months", "days"),
    [("P2Y", 24, 0), ("P18M", 18, 0), ("P90D", 0, 90), ("P1Y6M2W1D", 18, 15), ("P0D", 0, 0)],
)
def test_a_period_is_written_as_an_iso_duration(text, months, days):
    assert parse_period(text) == Period(months, days)


@pytest.mark.parametrize(
    "text", ["", "P", "2Y", "P2", "PT1H", "P1D1Y", "P-1D", "P101Y", "P\u0663D"]
)
def test_what_is_no_period_of_days_is_refused(text):
    with pytest.raises(ValueError, match="duration"):
        parse_period(text)


@pytest.mark.parametrize(
    ("began", "days"),
    [
        pytest.param(datetime(2026, 3, 1, 22, 59, tzinfo=UTC), 1, id="yesterday, in the zone"),
        pytest.param(datetime(2026, 3, 1, 23, 0, tzinfo=UTC), 0, id="today, in the zone"),
        pytest.param(datetime(2025, 3, 2, 12, tzinfo=UTC), 365, id="a year"),
        pytest.param(datetime(2026, 3, 9, tzinfo=UTC), 0, id="the day was set back"),
    ],
)
def test_age_is_counted_in_days_of_the_zone(began, days):
    assert age_in_days(began, VIENNA, date(2026, 3, 2)) == days


@pytest.mark.parametrize(
    ("period", "today", "last_older", "first_younger"),
    [
        ("P1Y", date(2026, 3, 2), date(2025, 3, 1), date(2025, 3, 3)),
        ("P90D", date(2026, 3, 2), date(2025, 12, 1), date(2025, 12, 3)),
        pytest.param(
            "P6M", date(2026, 2, 28), date(2025, 8, 27), date(2025, 9, 1), id="clamped to its end"
        ),
        ("P0D", date(2026, 3, 2), date(2026, 3, 1), date(2026, 3, 3)),
    ],
)
def test_the_last_day_of_a_period_belongs_to_it(period, today, last_older, first_younger):
    until, since = (at(parse_period(period), VIENNA, today) for at in (older_than, younger_than))

    assert day_in_zone(until, VIENNA) == last_older
    assert day_in_zone(until + timedelta(microseconds=1), VIENNA) > last_older
    assert day_in_zone(since, VIENNA) == first_younger
    assert day_in_zone(since - timedelta(microseconds=1), VIENNA) < first_younger


@given(
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    st.integers(0, 40),
    st.integers(0, 100),
    st.dates(date(2010, 1, 1), date(2040, 1, 1)),
)
def test_what_is_older_stays_so_and_nothing_is_both(today, months, days, began):
    period, at = Period(months, days), datetime.combine(began, datetime.min.time(), UTC)

    def is_older(day):
        return at <= older_than(period, "UTC", day)

    assert not (is_older(today) and at >= younger_than(period, "UTC", today))
    assert is_older(today) <= is_older(today + timedelta(days=1))
