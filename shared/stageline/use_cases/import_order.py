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
                sorted(level, key=lambda link: (link.parent_id or "", link.child_id)),
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


def in_levels(links: Mapping[str, Link], above: Mapping[str, str | None]) -> list[list[Link]]:
    """Return the links so that whoever is linked comes after everybody who will then be above it.

    `above` are the parents of accounts that have no link. So no link makes a circle on the way to
    an end without one, and most accounts have no children yet when they are linked.
    """
    waiting: dict[str, list[str]] = {}
    level = []
    for child_id, link in links.items():
        if (first := _first_linked(link.parent_id, links, above)) is None:
            level.append(child_id)
        else:
            waiting.setdefault(first, []).append(child_id)
    levels = []
    while level:
        levels.append([links[child_id] for child_id in level])
        level = [child_id for linked in level for child_id in waiting.get(linked, ())]
    return levels


def _first_linked(
    account_id: str | None, links: Mapping[str, Link], above: Mapping[str, str | None]
) -> str | None:
    """Return the account itself, or the nearest above it, that has a link."""
    place = account_id
    seen = set()
    while place is not None and place not in links:
        seen.add(place)
        place = above.get(place)
        if place in seen:
            return None
    return place
