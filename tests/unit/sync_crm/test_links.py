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


@given(PARENTS, st.dictionaries(NAMES, st.lists(NAMES, max_size=3)))
def test_who_is_linked_comes_after_its_parent_and_after_those_that_leave_it(parents, leaving):
    in_circles = {child for circle in circles(parents) for child in circle}
    links = {c: Link(c, p, None) for c, p in parents.items() if c not in in_circles}

    free = in_levels(links, {})
    with_leaving = in_levels(links, leaving)

    assert sorted(link.child_id for level in with_leaving for link in level) == sorted(links)
    place = {link.child_id: number for number, level in enumerate(free) for link in level}
    assert all(
        place[child] > place[link.parent_id]
        for child, link in links.items()
        if link.parent_id in links
    )


def test_a_parent_moves_after_its_children_have_left_it():
    links = {"p": Link("p", "x", 2), "k": Link("k", "y", 3)}

    levels = in_levels(links, {"p": ["k"]})

    assert [[link.child_id for link in level] for level in levels] == [["k"], ["p"]]
