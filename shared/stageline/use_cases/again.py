"""Decide again when somebody else wrote in between."""

from collections.abc import Callable

from stageline.domain.errors import Stale

_TRIES = 5


def again[Result](attempt: Callable[[], Result]) -> Result:
    """Return what `attempt` returns; it reads, decides and writes, and is repeated while `Stale`.

    Raises Stale when others were first five times.
    """
    for _ in range(_TRIES - 1):
        try:
            return attempt()
        except Stale:
            continue
    return attempt()


def expect_revision(what: str, found: int, expected: int | None) -> None:
    """Raise Stale unless the caller expected this revision, or none in particular."""
    if expected is not None and found != expected:
        raise Stale(what)
