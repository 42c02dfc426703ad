"""Months, days and zones."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stageline.domain.calendar import (
    UnknownZone,
    add_months,
    day_in_zone,
    start_of_day,
    to_date,
    to_ordinal,
)
from stageline.domain.windows import format_months, parse_months
from tests.unit.engine.oracle import local_day, months_later
from tests.unit.engine.worlds import ZONES


@pytest.mark.parametrize(  # S0.8
    ("day", "months", "expected"),
    [
        pytest.param(date(2023, 8, 31), 6, date(2024, 2, 29), id="31 August, leap year"),
        pytest.param(date(2024, 8, 31), 6, date(2025, 2, 28), id="31 August"),
        pytest.param(date(2024, 8, 29), 6, date(2025, 2, 28), id="29 August"),
        pytest.param(date(2024, 2, 29), 6, date(2024, 8, 29), id="leap day"),
        pytest.param(date(2024, 10, 31), 1, date(2024, 11, 30), id="into a short month"),
        pytest.param(date(2024, 12, 15), 1, date(2025, 1, 15), id="over the year"),
        pytest.param(date(2024, 12, 15), 0, date(2024, 12, 15), id="no months"),
        pytest.param(date(9999, 8, 31), 6, date.max, id="end of the calendar"),
    ],
)
def test_months_are_counted_forwards_and_clamped(day, months, expected):
    assert add_months(day, months) == expected


def test_months_are_never_counted_backwards():
    with pytest.raises(ValueError):
        add_months(date(2024, 1, 1), -1)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 30))
def test_months_equal_walking_the_calendar(day, months):
    assert add_months(day, months) == months_later(day, months)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.sampled_from(ZONES))
def test_an_instant_belongs_to_the_day_of_the_zone(naive, zone):
    instant = naive.replace(tzinfo=UTC)

    assert day_in_zone(instant, zone) == local_day(instant, zone)
    assert day_in_zone(instant.astimezone(), zone) == local_day(instant, zone)


def test_days_differ_by_zone():
    instant = datetime(2024, 3, 31, 23, 30, tzinfo=UTC)

    assert day_in_zone(instant, "UTC") == date(2024, 3, 31)
    assert day_in_zone(instant, "Europe/Vienna") == date(2024, 4, 1)
    assert day_in_zone(instant, "Pacific/Pago_Pago") == date(2024, 3, 31)
    assert day_in_zone(instant - timedelta(hours=14), "Pacific/Kiritimati") == date(2024, 3, 31)


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "", "../etc/passwd", "CET\0"])
def test_unknown_zone_is_refused(zone):
    with pytest.raises(UnknownZone):
        day_in_zone(datetime(2024, 1, 1, tzinfo=UTC), zone)


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.sampled_from(ZONES))
def test_a_day_begins_with_its_first_instant(day, zone):
    begins = start_of_day(day, zone)

    assert day_in_zone(begins, zone) == day
    assert day_in_zone(begins - timedelta(seconds=1), zone) < day


def test_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError):
        day_in_zone(datetime(2024, 1, 1), "UTC")  # naive on purpose


def test_the_beginning_of_time_is_no_date():
    assert to_date(to_ordinal(None)) is None
    assert to_date(to_ordinal(date(2024, 1, 1))) == date(2024, 1, 1)


@pytest.mark.parametrize("months", [0, 6, 120])
def test_months_as_duration(months):
    assert parse_months(format_months(months)) == months


@pytest.mark.parametrize("text", ["P6D", "6M", "P-1M", "P121M", "P1Y", "", None, 6, "P6M "])
def test_other_durations_are_refused(text):
    with pytest.raises(ValueError):
        parse_months(text)
