"""Decide again when somebody else wrote in between."""

from collections.abc import Callable

from stageline.domain.errors import Stale

_TRIES = 5


def again[Result](attempt: Callable[[], Result], *, expected: int | None = None) -> Result:
    """Return what `attempt` returns; it reads, decides and writes, and is repeated while `Stale`.

    With `expected`, the revision that a caller has read, it is not: they have to decide again.
    Raises Stale then, and when others were first five times.
    """
    if expected is not None:
        return attempt()
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
