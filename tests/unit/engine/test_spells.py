"""Observations of deals and presence become spells (S0.8, DESIGN: the engine)."""

from datetime import date

import pytest

from stageline.domain.calendar import BEGINNING
from stageline.domain.spells import (
    Observation,
    PresenceObservation,
    Spell,
    deal_spells,
    observe,
    observe_presence,
    presence_intervals,
)


def on(month: int, day: int, year: int = 2024) -> date:
    return date(year, month, day)


def spell(status, day: date, *, recent: bool = True) -> Spell:
    return Spell(status, day.toordinal(), recent)


OPEN = Observation("open", on(1, 10))


@pytest.mark.parametrize(
    ("opened_on", "observations", "expected"),
    [
        pytest.param(None, [OPEN], [spell("open", on(1, 10))], id="undated: from the day seen"),
        pytest.param(on(1, 2), [OPEN], [spell("open", on(1, 2))], id="dated: from its opening"),
        pytest.param(on(3, 1), [OPEN], [spell("open", on(3, 1))], id="opens in the future"),
        pytest.param(
            on(1, 2),
            [OPEN, Observation("won", on(3, 1), on(2, 20))],
            [spell("open", on(1, 2)), spell("won", on(2, 20))],
            id="closes on its close date when seen later",
        ),
        pytest.param(
            on(1, 2),
            [OPEN, Observation("won", on(11, 5), date(2025, 1, 31))],
            [spell("open", on(1, 2)), spell("won", on(11, 5))],
            id="won in November with a close date in January",
        ),
        pytest.param(
            None,
            [OPEN, Observation("lost", on(3, 1))],
            [spell("open", on(1, 10)), spell("lost", on(3, 1))],
            id="lost without a date after it was seen open",
        ),
        pytest.param(
            None,
            [Observation("lost", on(3, 1))],
            [spell("lost", on(3, 1), recent=False)],
            id="first seen lost without a date: never recent",
        ),
        pytest.param(
            on(1, 2),
            [Observation("lost", on(3, 1))],
            [spell("open", on(1, 2)), spell("lost", on(3, 1), recent=False)],
            id="first seen lost without a date still ends the open spell",
        ),
        pytest.param(
            None,
            [Observation("won", on(3, 1))],
            [spell("won", on(3, 1))],
            id="won without a date: from the day seen",
        ),
        pytest.param(
            on(1, 2),
            [OPEN, Observation("lost", on(3, 1), on(3, 1)), Observation("open", on(4, 1))],
            [spell("open", on(1, 2)), spell("lost", on(3, 1)), spell("open", on(4, 1))],
            id="reopened on the day seen",
        ),
        pytest.param(
            on(1, 2),
            [
                OPEN,
                Observation("lost", on(3, 1), on(3, 1)),
                Observation("open", on(4, 1)),
                Observation("won", on(5, 1), on(3, 1)),
            ],
            [
                spell("open", on(1, 2)),
                spell("lost", on(3, 1)),
                spell("open", on(4, 1)),
                spell("won", on(5, 1)),
            ],
            id="the date of the undone closing says nothing about the new one",
        ),
        pytest.param(
            on(1, 2),
            [OPEN, Observation("won", on(3, 1), on(3, 1)), Observation("lost", on(4, 1), on(2, 9))],
            [spell("open", on(1, 2)), spell("lost", on(2, 9))],
            id="won turns out lost before: the won spell is empty",
        ),
        pytest.param(
            on(1, 10),
            [OPEN, Observation("won", on(1, 10), on(1, 10))],
            [spell("won", on(1, 10))],
            id="opened and won on one day: its last status",
        ),
        pytest.param(
            on(1, 2),
            [OPEN, Observation("lost", on(3, 1), on(3, 1)), Observation("open", on(3, 1))],
            [spell("open", on(1, 2))],
            id="lost and reopened on one day",
        ),
        pytest.param(
            on(1, 2),
            [OPEN, Observation("gone", on(2, 1))],
            [spell("open", on(1, 2)), spell("gone", on(2, 1))],
            id="deleted from the day seen gone",
        ),
        pytest.param(on(1, 2), [Observation("gone", on(2, 1))], [], id="never seen alive"),
        pytest.param(on(1, 2), [], [], id="never seen"),
    ],
)
def test_spells_of_a_deal(opened_on, observations, expected):
    assert deal_spells(opened_on, observations) == tuple(expected)


def test_same_outcome_again_changes_nothing():
    seen = observe((OPEN,), "won", on(3, 1), on(2, 20))

    assert observe(seen, "won", on(4, 1), on(2, 20)) == seen


def test_corrected_close_date_edits_the_outcome_and_keeps_the_day_it_was_seen():
    seen = observe((OPEN,), "won", on(3, 1), on(2, 20))

    assert observe(seen, "won", on(4, 1), on(2, 25)) == (
        OPEN,
        Observation("won", on(3, 1), on(2, 25)),
    )


def test_changed_outcome_is_appended():
    assert observe((OPEN,), "gone", on(3, 1)) == (OPEN, Observation("gone", on(3, 1)))


def test_an_open_deal_has_no_close_date():
    assert observe((), "open", on(1, 10), on(6, 1)) == (OPEN,)


@pytest.mark.parametrize(
    ("observations", "expected"),
    [
        pytest.param([], (), id="never seen"),
        pytest.param([(True, on(5, 1))], ((on(2, 1), None),), id="seen in the CRM"),
        pytest.param([(False, on(5, 1))], (), id="seen outside: never was in it"),
        pytest.param(
            [(False, on(5, 1)), (True, on(6, 1))],
            ((on(6, 1), None),),
            id="added later: from the day seen, whatever the deals",
        ),
        pytest.param(
            [(True, on(5, 1)), (False, on(6, 1)), (True, on(7, 1))],
            ((on(2, 1), on(6, 1)), (on(7, 1), None)),
            id="left and came back",
        ),
    ],
)
def test_presence_in_the_crm(observations, expected):
    seen = [PresenceObservation(in_crm, day) for in_crm, day in observations]

    found = presence_intervals(seen, created_on=on(3, 1), deal_days=[on(4, 1), on(2, 1)])

    assert found == tuple(
        (first.toordinal(), end.toordinal() if end else None) for first, end in expected
    )


def test_presence_seen_again_is_no_news():
    seen = observe_presence((), True, on(5, 1))

    assert observe_presence(seen, True, on(6, 1)) == seen
    assert len(observe_presence(seen, False, on(6, 1))) == 2
    assert all(first > BEGINNING for first, _ in presence_intervals(seen))
