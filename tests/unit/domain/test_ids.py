"""Ids are keyed hashes that say nothing and never collide by construction (DESIGN §4)."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stageline.domain.ids import Identities
from stageline.domain.workspace import Workspace

MAIN = Identities(Workspace("main"), b"a key")


def test_a_record_always_has_the_same_id():
    again = Identities(Workspace("main"), b"a key")

    assert MAIN.record("file", "deal", "42") == again.record("file", "deal", "42")


def test_two_record_types_two_integrations_two_workspaces_and_two_keys_share_no_ids():
    ids = [
        MAIN.record("file", "deal", "42"),
        MAIN.record("file", "account", "42"),
        MAIN.record("hubspot", "deal", "42"),
        Identities(Workspace("other"), b"a key").record("file", "deal", "42"),
        Identities(Workspace("main"), b"another key").record("file", "deal", "42"),
        MAIN.of_request("deal", "42"),
        MAIN.of_call("file", "deal", "42"),
        MAIN.sign("42"),
        MAIN.owner("42"),
    ]

    assert all(one != other for one, other in combinations(ids, 2))


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_what_is_hashed_cannot_be_split_in_two_ways(one, other):
    same = MAIN.record(one[0], "deal", one[1]) == MAIN.record(other[0], "deal", other[1])

    assert same == (one == other)


def test_an_owner_is_the_same_however_the_address_is_written():
    assert MAIN.owner(" Ann@Example.com") == MAIN.owner("ann@example.com")
    assert MAIN.owner(None) == "-"


def test_the_key_stays_out_of_what_is_printed():
    assert "a key" not in repr(MAIN)


@pytest.mark.parametrize("wrong", ["", "a", "A1", "main#A", "~", "-main", "a" * 41, "main\n"])
def test_a_workspace_id_that_could_reach_into_another_is_refused(wrong):
    with pytest.raises(ValueError, match="2 to 40"):
        Workspace(wrong)
