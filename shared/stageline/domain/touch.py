"""When an account was first and last touched, and when both sides last took part (S3.9, S4.13)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from stageline.domain.personal import Plain


@dataclass(frozen=True, slots=True)
class Touch:
    """None: never. A touch is an activity that is no note, an attempt too."""

    first_at: datetime | None = None
    last_at: datetime | None = None
    last_two_way_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredTouch:
    account_id: Plain
    touch: Touch
    rev: int


class Ends(NamedTuple):
    """The first and the last of some touches; None when there are none."""

    first: datetime | None
    last: datetime | None


def touch_of(one_way: Ends, two_way: Ends) -> Touch:
    """Return what the ends of both kinds of touches say together."""
    return Touch(
        first_at=min(_known(one_way.first, two_way.first), default=None),
        last_at=max(_known(one_way.last, two_way.last), default=None),
        last_two_way_at=two_way.last,
    )


def _known(*instants: datetime | None) -> Iterable[datetime]:
    return (instant for instant in instants if instant is not None)
