"""Why there is no stage, and logs of what holds from a day on (S0.16, S0.17)."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stageline.domain.dated_log import LogEntry, resolve
from stageline.domain.explanation import explain_no_stage
from stageline.domain.overlay import DashReason, overlay_entry, overlay_on, overlay_reason
from stageline.domain.steps import ALWAYS, covers, intervals_where, value_on

START = datetime(2025, 1, 1, 12, tzinfo=UTC)


def day(number: int) -> date:
    return START.date() + timedelta(days=number)


def at(number: int) -> datetime:
    return START + timedelta(days=number)


@pytest.mark.parametrize(
    ("integrations", "reason"),
    [
        pytest.param([], "NO_INTEGRATION", id="none"),
        pytest.param([(False, True, True)], "INTEGRATION_INACTIVE", id="inactive"),
        pytest.param([(True, False, True)], "OPPORTUNITY_PULL_OFF", id="no pulling"),
        pytest.param([(True, True, False)], "SYNC_OFF", id="no sync"),
        pytest.param([(True, True, True)], None, id="all on"),
        pytest.param([(False, True, True), (True, False, True)], "OPPORTUNITY_PULL_OFF", id="best"),
        pytest.param([(True, True, False), (True, False, True)], "SYNC_OFF", id="not mixed"),
        pytest.param([(False, False, False), (True, True, True)], None, id="one answers"),
        pytest.param([(True, True, True, False)], "NEEDS_ATTENTION", id="deals not readable"),
        pytest.param([(True, True, False, False)], "SYNC_OFF", id="switches before that"),
        pytest.param(
            [(True, True, True, False), (True, True, True, True)], None, id="another is readable"
        ),
    ],
)
def test_what_is_missing_for_stages(integrations, reason):  # S0.17
    assert overlay_reason(integrations) == reason


@pytest.mark.parametrize("switches", list(product([False, True], repeat=3)))
def test_only_all_three_switches_show_stages(switches):  # S0.17
    assert (overlay_reason([switches]) is None) == all(switches)


def log_of(*reasons):
    log: list[LogEntry[DashReason | None]] = []
    for number, reason in enumerate(reasons):
        entry = overlay_entry(log, reason, today=day(number), recorded_at=at(number))
        log += [entry] if entry else []
    return log


def test_first_activation_holds_from_the_beginning():
    log = log_of("NO_INTEGRATION", "INTEGRATION_INACTIVE", None)

    assert overlay_on(log, day(-999)) is None
    assert overlay_on(log, day(-999), known_at=at(1)) == "NO_INTEGRATION"
    assert overlay_on(log, day(1), known_at=at(1)) == "INTEGRATION_INACTIVE"


def test_switching_off_and_on_again_counts_from_the_day():
    log = log_of(None, "SYNC_OFF", None)

    assert [overlay_on(log, day(n)) for n in (0, 1, 2, 99)] == [None, "SYNC_OFF", None, None]


def test_the_same_again_is_not_recorded():
    assert len(log_of(None, None, "SYNC_OFF", "SYNC_OFF")) == 2


def test_a_workspace_without_a_log_has_no_integration():  # S0.16
    assert overlay_on([], day(0)) == "NO_INTEGRATION"


@pytest.mark.parametrize(
    "reason",
    [*get_args(DashReason.__value__), "NOT_KNOWN"],
)
def test_every_reason_has_a_text_and_a_hint(reason):  # S0.16
    explanation = explain_no_stage(reason)

    assert explanation.text and explanation.hint and explanation.definition is None


def test_no_integration_suggests_enabling_one():  # S0.16
    assert "Enable a CRM integration" in (explain_no_stage("NO_INTEGRATION").hint or "")


entries = st.lists(st.tuples(st.none() | st.integers(0, 9), st.sampled_from("abc")), max_size=6)


@given(entries, st.integers(-1, 6), st.integers(-1, 11))
def test_a_day_has_the_value_recorded_last_among_those_that_reach_it(written, known, number):
    log = [
        LogEntry(value, None if first is None else day(first), at(index))
        for index, (first, value) in enumerate(written)
    ]
    reaching = [
        value
        for index, (first, value) in enumerate(written)
        if index <= known and (first is None or first <= number)
    ]

    steps = resolve(reversed(log), known_at=at(known))

    assert value_on(steps, day(number).toordinal(), None) == (reaching[-1] if reaching else None)
    inside = covers(intervals_where(steps, lambda value: value == "a"), day(number).toordinal())
    assert inside == (bool(reaching) and reaching[-1] == "a")


def test_what_always_holds_is_one_interval_without_ends():
    assert intervals_where(resolve([LogEntry("a", None, at(0))]), bool) == ALWAYS


def test_equal_neighbours_make_one_interval():
    assert intervals_where(((1, "a"), (3, "a"), (5, "b"), (8, "a")), lambda one: one == "a") == (
        (1, 5),
        (8, None),
    )
