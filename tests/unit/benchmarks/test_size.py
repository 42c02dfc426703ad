"""How the size report draws conclusions from what was measured."""

import pytest

from benchmarks.size import extrapolated, slope

NOTHING = {"cpu_seconds": 0, "requests": 0, "read_units": 0, "write_units": 0, "peak_mb": 0}


@pytest.mark.parametrize(
    ("larger", "expected"),
    [
        pytest.param(5, 0, id="stays"),
        pytest.param(50, 1, id="in proportion"),
        pytest.param(500, 2, id="with the square"),
        pytest.param(0, 0, id="nothing"),
    ],
)
def test_the_slope_says_how_a_value_grows(larger, expected):
    assert slope((1_000, 5), (10_000, larger)) == expected


def test_workers_wait_for_one_request_after_the_other():
    found = extrapolated("import_deals", NOTHING | {"requests": 7_200_000})

    assert (found["hours"], found["dollars"]) == (1.0, 0)


def test_the_table_takes_only_so_much():
    found = extrapolated("import_deals", NOTHING | {"write_units": 28_800_000})

    assert (found["hours"], found["dollars"]) == (2.0, 18.0)


def test_what_nobody_shares_takes_one_worker():
    assert extrapolated("tick", NOTHING | {"cpu_seconds": 3_600})["hours"] == 1.0
