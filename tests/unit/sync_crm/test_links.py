"""The order in which accounts come under their parents, and circles among these (S0.14)."""

from hypothesis import given
from hypothesis import strategies as st

from stageline.domain.jobs import Link
from stageline.use_cases.import_order import circles, in_levels

NAMES = st.sampled_from("abcdefghij")
PARENTS = st.dictionaries(NAMES, NAMES)


def comes_back(parents, start):
    place, seen = parents.get(start), set()
    while place is not None and place != start and place not in seen:
        seen.add(place)
        place = parents.get(place)
    return place == start


@given(PARENTS)
def test_circles_are_those_who_come_back_to_themselves(parents):
    found = list(circles(parents))

    members = [child for circle in found for child in circle]
    assert sorted(members) == sorted(name for name in parents if comes_back(parents, name))
    for circle in found:
        assert [parents[child] for child in circle] == [*circle[1:], circle[0]]


@given(PARENTS, PARENTS)
def test_who_is_linked_comes_after_everybody_who_will_be_above_it(parents, stored):
    after = stored | parents
    in_circles = {child for circle in circles(after) for child in circle}
    links = {c: Link(c, p, None) for c, p in parents.items() if c not in in_circles}
    above = {c: p for c, p in stored.items() if c not in in_circles}

    levels = in_levels(links, above)

    assert sorted(link.child_id for level in levels for link in level) == sorted(links)
    place = {link.child_id: number for number, level in enumerate(levels) for link in level}
    for child in links:
        one = after[child]
        while one is not None and one not in in_circles:
            assert place.get(one, -1) < place[child]
            one = after.get(one)


def test_a_circle_that_is_stored_keeps_nobody_waiting():
    """Reads of several accounts are no snapshot: what looks like a circle may never have been."""
    links = {"a": Link("a", "b", 2)}

    assert in_levels(links, {"b": "c", "c": "b"}) == [[links["a"]]]
