"""Which row may follow which (DESIGN §3, rule 5)."""

import pytest

from stageline.domain.row import supersedes
from tests.unit.pipeline.rows import make_row


@pytest.mark.parametrize(
    ("before", "after", "may_follow"),
    [
        pytest.param((1, 5, 3), (1, 5, 3), False, id="the same again"),
        pytest.param((1, 5, 3), (1, 6, 3), True, id="a newer value"),
        pytest.param((1, 5, 3), (1, 4, 3), False, id="an older value"),
        pytest.param((1, 5, 3), (1, 5, 4), True, id="a newer account"),
        pytest.param((1, 5, 3), (1, 6, 2), False, id="a newer value with an older account"),
        pytest.param((1, 5, 3), (2, 1, 3), True, id="another home, whose value is young"),
        pytest.param((2, 1, 3), (1, 9, 3), False, id="the home that was left"),
        pytest.param((1, 5, 3), (2, 1, 2), False, id="another home with an older account"),
        pytest.param((1, 5, 3), (1, 0, 4), True, id="deleted: no value any more"),
        pytest.param((1, 0, 4), (1, 6, 3), False, id="a late writer after the deletion"),
    ],
)
def test_only_what_is_newer_in_all_it_rests_on_follows(before, after, may_follow):
    assert supersedes(make_row(*after), make_row(*before)) is may_follow


def test_the_first_row_follows_nothing():
    assert supersedes(make_row(1, 0, 1), None)
