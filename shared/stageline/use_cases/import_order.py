"""In which order accounts come under their parents. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched

from stageline.domain.jobs import Link

_LINKS_IN_A_PAGE = 100


def pages_of(levels: Iterable[Iterable[Link]]) -> list[list[Sequence[Link]]]:
    """Return each level in pages; links to the same parent side by side, so that they seldom meet
    in two workers.
    """
    return [
        [
            list(page)
            for page in batched(
                sorted(level, key=lambda link: (link.parent_id, link.child_id)),
                _LINKS_IN_A_PAGE,
                strict=False,
            )
        ]
        for level in levels
    ]


def circles(parent_of: Mapping[str, str]) -> Iterator[list[str]]:
    """Yield each circle of a map from child to parent, as ids from child to parent."""
    done: set[str] = set()
    for start in parent_of:
        path: dict[str, int] = {}
        place: str | None = start
        while place is not None and place not in done and place not in path:
            path[place] = len(path)
            place = parent_of.get(place)
        if place is not None and place in path:
            yield list(path)[path[place] :]
        done |= path.keys()


def in_levels(links: Mapping[str, Link], leaving: Mapping[str, Sequence[str]]) -> list[list[Link]]:
    """Return the links so that whoever is linked comes after its own new parent's link, and after
    the links of those that are `leaving` it (by parent): then it has no children when it moves.

    Where that cannot be, it comes last.
    """
    waits = {
        child_id: {link.parent_id, *leaving.get(child_id, ())} & links.keys()
        for child_id, link in links.items()
    }
    waiting: dict[str, list[str]] = {}
    for child_id, others in waits.items():
        for other in others:
            waiting.setdefault(other, []).append(child_id)
    levels: list[list[Link]] = []
    free = [child_id for child_id, others in waits.items() if not others]
    while free:
        levels.append([links[child_id] for child_id in free])
        freed = []
        for child_id in free:
            del waits[child_id]
            for other in waiting.get(child_id, ()):
                waits[other].discard(child_id)
                if not waits[other]:
                    freed.append(other)
        free = freed
    return levels + [[links[child_id]] for child_id in sorted(waits)]
