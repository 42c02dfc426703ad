"""When an integration is read: its times, in its zone, also when clocks are put forward or back."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stageline.domain.errors import Invalid
from stageline.domain.integration import Connection, Integration, Schedule
from stageline.domain.job_states import RECORDS
from stageline.domain.stamp import Stamp
from stageline.domain.sync import Progress, SyncState
from stageline.domain.sync_schedule import (
    first_after,
    is_due,
    make_schedule,
    mode_due,
    next_run_at,
    planned_at,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
VIENNA = "Europe/Vienna"
DAY = timedelta(days=1)
DAILY = Schedule()
NEVER = SyncState(integration="crm")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def daily(*times, zone=VIENNA, full_every_days=7):
    return make_schedule(map(time.fromisoformat, times), zone, full_every_days)


def integration(schedule=DAILY, **changes):
    connection = Connection(
        vendor="hubspot",
        base_url="https://api.hubapi.com",
        sign_in="private_app",
        schedule=schedule,
    )
    made = Integration(
        key="crm",
        active=True,
        opportunity_pull=True,
        connection=connection,
        created_at=NOW - DAY,
        changed=Stamp("admin", "request", NOW),
    )
    return replace(made, **changes)


@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    [
        pytest.param(daily("02:00"), "2026-03-02T00:30", "2026-03-02T01:00", id="today"),
        pytest.param(daily("02:00"), "2026-03-02T01:00", "2026-03-03T01:00", id="not the same"),
        pytest.param(daily("20:00", "08:00"), "2026-03-02T12:00", "2026-03-02T19:00", id="next"),
        pytest.param(daily("02:00"), "2026-07-02T12:00", "2026-07-03T00:00", id="in summer"),
        pytest.param(
            daily("01:00", zone="Asia/Tokyo"), "2026-03-02T15:59", "2026-03-02T16:00", id="east"
        ),
        pytest.param(
            daily("23:00", zone="America/Los_Angeles"),
            "2026-03-02T06:59",
            "2026-03-02T07:00",
            id="west, the day before in UTC",
        ),
        pytest.param(
            daily("02:30"), "2026-03-29T00:00", "2026-03-29T01:30", id="skipped: an hour later"
        ),
        pytest.param(
            daily("02:30"), "2026-03-29T01:30", "2026-03-30T00:30", id="skipped: once that day"
        ),
        pytest.param(
            daily("02:30"), "2026-10-24T12:00", "2026-10-25T00:30", id="twice: the first time"
        ),
        pytest.param(daily("02:30"), "2026-10-25T00:30", "2026-10-26T01:30", id="twice: not again"),
        pytest.param(
            daily("02:30", "03:15"), "2026-03-29T00:00", "2026-03-29T01:15", id="skipped, in order"
        ),
        pytest.param(
            daily("12:00", zone="Pacific/Apia"),
            "2011-12-29T22:00",
            "2011-12-30T22:00",
            id="over a day that there was not",
        ),
    ],
)
def test_the_next_time_of_a_schedule(schedule, after, expected):
    assert first_after(schedule, at(after)) == at(expected)


@given(
    st.lists(st.times(), min_size=1, max_size=4),
    st.sampled_from([VIENNA, "UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
)
def test_every_day_has_each_time_once(times, zone, start):
    schedule = make_schedule((one.replace(second=0, microsecond=0) for one in times), zone, 7)

    found = [start]
    while found[-1] < start + 10 * DAY:
        found.append(first_after(schedule, found[-1]))

    assert found == sorted(set(found))
    assert all(later - sooner <= DAY + timedelta(hours=1) for sooner, later in pairwise(found))
    assert len(found) - 1 <= 11 * len(schedule.times)


@pytest.mark.parametrize(
    ("times", "zone", "field"),
    [
        ((), VIENNA, "schedule.times"),
        ((time(2),), "Europe/Nowhere", "schedule.zone"),
        ((time(2),), "../etc", "schedule.zone"),
    ],
)
def test_a_schedule_at_fault_is_named(times, zone, field):
    with pytest.raises(Invalid) as refused:
        make_schedule(times, zone, 7)

    assert refused.value.field == field


def test_what_was_missed_is_past_and_due():
    started_at = NOW - 3 * DAY

    assert next_run_at(daily("02:00"), started_at, NOW) == at("2026-02-28T01:00")
    assert next_run_at(daily("02:00"), None, NOW) == at("2026-03-03T01:00")


@pytest.mark.parametrize(
    ("now", "due"), [("2026-03-03T00:59", False), ("2026-03-03T01:00", True)], ids=["before", "at"]
)
def test_the_first_run_is_at_the_next_time_after_it_was_set_up(now, due):
    assert is_due(integration(daily("02:00")), NEVER, at(now)) is due


@pytest.mark.parametrize(
    "changes",
    [
        {"active": False},
        {"sync": False},
        {"connection": None},
        {"connection": Connection(vendor="hubspot", base_url="https://api.hubapi.com")},
    ],
    ids=["inactive", "not synchronised", "files", "without credentials"],
)
def test_nothing_starts_by_itself(changes):
    one = integration(**changes)

    assert planned_at(one, NEVER, NOW + 9 * DAY) is None
    assert not is_due(one, NEVER, NOW + 9 * DAY)


def test_nothing_starts_beside_a_run_nor_twice_for_a_time():
    one, later = integration(daily("02:00")), at("2026-03-03T01:05")
    started = replace(NEVER, last_started_at=later)

    assert not is_due(one, replace(NEVER, running="run-1"), later)
    assert not is_due(one, started, later)
    assert is_due(one, started, later + DAY)


def full_at(deals=NOW):
    read = dict.fromkeys(RECORDS, Progress(full_at=NOW))
    return replace(NEVER, progress=read | {"deals": Progress(full_at=deals)})


@pytest.mark.parametrize(
    ("state", "changes", "mode"),
    [
        pytest.param(NEVER, {}, "full", id="never read"),
        pytest.param(full_at(), {}, "changes", id="all of it read"),
        pytest.param(full_at(None), {}, "full", id="but for deals"),
        pytest.param(
            full_at(None),
            {"opportunity_pull": False},
            "changes",
            id="but for deals, which are not pulled",
        ),
        pytest.param(full_at(NOW - 6 * DAY), {}, "changes", id="six days ago"),
        pytest.param(
            full_at(NOW - 7 * DAY + timedelta(seconds=30)),
            {},
            "full",
            id="seven days ago, some seconds after the time",
        ),
    ],
)
def test_all_there_is_is_read_after_so_many_days(state, changes, mode):
    assert mode_due(integration(**changes), state, NOW) == mode
