"""Cursors are as they were made, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cursors import make_cursor, read_cursor
from api.refusals import CursorInvalid
from stageline.domain.ids import Identities
from stageline.domain.workspace import Workspace

IDENTITIES = Identities(Workspace("acme"), b"key")
PLACES = st.lists(st.text(max_size=30) | st.integers(0, 9), min_size=1, max_size=3)


@given(place=PLACES, subject=st.text(max_size=5), query=st.text(max_size=20))
def test_place_comes_back(place, subject, query):
    cursor = make_cursor(IDENTITIES, subject, query, place)

    assert read_cursor(IDENTITIES, subject, query, cursor) == place
    assert cursor.isascii()


@given(place=PLACES, data=st.data())
def test_any_changed_character_is_noticed(place, data):
    cursor = make_cursor(IDENTITIES, "s", "q", place)
    at = data.draw(st.integers(0, len(cursor) - 1))
    other = data.draw(st.characters().filter(lambda char: char != cursor[at]))

    for tampered in (cursor[:at] + other + cursor[at + 1 :], cursor[:at] + cursor[at + 1 :]):
        if tampered != cursor:
            with pytest.raises(CursorInvalid):
                read_cursor(IDENTITIES, "s", "q", tampered)


@pytest.mark.parametrize(
    ("identities", "subject", "query"),
    [
        (Identities(Workspace("zeta"), b"key"), "s", "q"),
        (Identities(Workspace("acme"), b"another"), "s", "q"),
        (IDENTITIES, "other", "q"),
        (IDENTITIES, "s", "other"),
        (IDENTITIES, "sq", ""),
    ],
    ids=["workspace", "key", "caller", "query", "where one ends"],
)
def test_cursor_is_bound_to_all_it_was_made_for(identities, subject, query):
    cursor = make_cursor(IDENTITIES, "s", "q", ["place"])

    with pytest.raises(CursorInvalid):
        read_cursor(identities, subject, query, cursor)
