"""Tags: equal whatever their case and spaces, so many, and fit for an address (S3.4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stageline.domain.errors import Invalid
from stageline.domain.tags import (
    LONGEST_TAG,
    MOST_TAGS,
    folded,
    read_tag,
    read_tags,
    with_tag,
    without_tag,
)


def test_tags_are_trimmed_sorted_and_each_there_once():
    assert read_tags(["  Key \t account", "büro", "KEY ACCOUNT"]) == ("büro", "Key account")


@pytest.mark.parametrize(
    "sent", ["", " ", "x" * 51, "a/b", "50%", "a?", "#1", "a\\b", "..", "\ud800"]
)
def test_what_is_no_tag_is_refused_by_its_place(sent):
    with pytest.raises(Invalid) as refusal:
        read_tags(["fine", sent])
    assert refusal.value.field == "tags.1"


def test_a_record_has_so_many():
    many = read_tags([f"tag {number}" for number in range(MOST_TAGS)])

    assert with_tag(many, "TAG 1") == many
    with pytest.raises(Invalid, match=str(MOST_TAGS)):
        with_tag(many, "one more")


@given(st.lists(st.text(min_size=1, max_size=LONGEST_TAG), max_size=8), st.text(max_size=9))
def test_adding_and_taking_away_end_the_same_in_any_order(sent, other):
    def is_tag(text):
        try:
            return bool(read_tag(text, "tag"))
        except Invalid:
            return False

    tags = read_tags(filter(is_tag, sent))

    assert read_tags(tags) == tags
    assert len(set(map(folded, tags))) == len(tags)
    if is_tag(other):
        tag = read_tag(other, "tag")
        assert with_tag(with_tag(tags, tag), tag) == with_tag(tags, tag)
        assert folded(tag) not in map(folded, without_tag(with_tag(tags, tag), tag))
