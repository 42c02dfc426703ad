"""Deciding again when somebody else wrote in between."""

import pytest

from stageline.domain.errors import Stale
from stageline.use_cases.again import again


class Contested:
    """Something that others write first for some tries."""

    def __init__(self, lost: int) -> None:
        self.lost = lost
        self.tries = 0

    def attempt(self) -> str:
        self.tries += 1
        if self.tries <= self.lost:
            raise Stale("account")
        return "written"


def test_a_lost_race_is_run_again():
    contested = Contested(lost=4)

    assert again(contested.attempt) == "written"
    assert contested.tries == 5


def test_it_ends_when_others_are_always_first():
    contested = Contested(lost=100)

    with pytest.raises(Stale):
        again(contested.attempt)

    assert contested.tries == 5


def test_a_caller_who_named_a_revision_is_told_at_once():
    contested = Contested(lost=1)

    with pytest.raises(Stale):
        again(contested.attempt, expected=7)

    assert contested.tries == 1
