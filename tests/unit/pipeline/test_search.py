"""Names and words as they are searched and sorted by (S0.22)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stageline.adapters.dynamodb.keys import row_sort, word_key
from stageline.domain.search import MOST_WORDS, fold, sort_name, words
from tests.fakes.world import WORKSPACE

ID = "0" * 32


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("ACME", "acme"),
        ("Čeřovský  GmbH", "cerovsky gmbh"),
        ("Straße", "strasse"),
        ("  Ärzte\t& Co ", "arzte & co"),
        ("A#B", "a b"),
        ("zero\u200bwidth\x00", "zerowidth"),
        ("\ufb01ne \uff21BC", "fine abc"),
        ("株式会社", "株式会社"),
    ],
)
def test_case_accents_and_what_nobody_sees_do_not_count(name, folded):
    assert fold(name) == folded


def test_a_shorter_name_sorts_before_a_longer_one_in_the_index_too():
    names = ["Acme", "Acme Corp", 'Acme "East"', "Acme-West", "Acme2", "Acmeville"]

    keys = [row_sort(1, sort_name(name), ID) for name in names]

    assert min(keys) == keys[0]


def test_a_name_of_which_nothing_is_left_sorts_as_none():
    assert sort_name("\u200b") == "-"


def test_words_are_those_of_the_name_and_the_domain_with_its_labels_but_the_last():
    found = words("Müller & Söhne AG", "www.mueller.example.com")

    assert found == {
        "muller",
        "sohne",
        "www.mueller.example.com",
        "www",
        "mueller",
        "example",
    }


def test_as_many_words_as_one_transaction_can_change():
    assert len(words(" ".join(f"word{number}" for number in range(500)), None)) == MOST_WORDS


@given(st.text(max_size=2000), st.none() | st.text(max_size=300))
def test_keys_stay_short_and_their_parts_apart(name, domain):
    by = sort_name(name)

    assert "#" not in by
    assert len(row_sort(1, by, ID).encode()) < 1024
    for word in words(name, domain):
        assert len(word) >= 3
        assert "#" not in word
        assert len(word_key(WORKSPACE, word, by, ID)["SK"].encode()) < 1024


@given(st.text(max_size=60))
def test_folding_again_changes_nothing(name):
    assert fold(fold(name)) == fold(name)


@given(st.text(st.characters(max_codepoint=127), max_size=40))
def test_ascii_takes_a_shorter_way_to_the_same(name):
    assert fold(name) == fold(f"{name}\u200b")
