"""What remains of an activity or a task when a person leaves it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stageline.domain.activity import About, Activity, Happening, new_activity
from stageline.domain.stamp import Source, Stamp
from stageline.domain.task import ToDo, new_task

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
STAMP = Stamp("officer", "an-erasure", NOW)
SOURCE = Source("file", "a-hash", "2026-03-01")
TEXTS: Any = {"custom": {"note": "Doe"}, "tags": ("Doe",), "owner_email": "seller@example.com"}


def activity(*contact_ids, account_id: str | None = "a", **more: Any) -> Activity:
    happening = Happening(
        kind="call", occurred_at=NOW, two_way=True, subject="Jane", text="Jane Doe", **TEXTS
    )
    about = About(account_id, None, contact_ids)
    made = new_activity("x", happening, about, external_id="1", source=SOURCE, stamp=STAMP)
    return replace(made, **more)


def task(about: About, **more: Any):
    made = new_task(
        "t", ToDo(title="Call Jane", due_on=NOW.date(), **TEXTS), about, source=SOURCE, stamp=STAMP
    )
    return replace(made, **more)


@pytest.mark.parametrize(
    ("other_id", "shells", "left"),
    [(None, set(), ()), ("s", set(), ("s",)), (None, {"s2"}, ("s2",)), ("s", {"s2"}, ("s", "s2"))],
)
def test_with_nobody_left_the_texts_of_an_activity_are_about_who_leaves(other_id, shells, left):
    before = activity("c", *shells)

    after = before.without("c", other_id, shells=shells, stamp=STAMP)

    was, is_ = before.happening, after.happening
    kept: Any = {"kind": "call", "two_way": True, "owner_email": was.owner_email}
    assert is_ == Happening(occurred_at=NOW, **kept)
    assert after.about == About("a", None, left)
    assert after.pinned == ("external_id", "subject", "text")
    assert (after.external_id, after.source) == (None, replace(SOURCE, hash=""))
    assert (after.rev, after.is_touch, after.deleted) == (2, True, False)
    assert after.without("c", other_id, shells=shells, stamp=STAMP) is after


def test_with_others_left_the_texts_stay():
    after = activity("c", "d").without("c", "s", stamp=STAMP)

    assert after.happening == activity().happening
    assert (after.about.contact_ids, after.pinned, after.source) == (("s", "d"), (), SOURCE)


@pytest.mark.parametrize("deleted", [False, True])
def test_an_activity_with_nothing_left_is_erased(deleted):
    before = activity("c", account_id=None, pinned=("text",))
    before = before.gone(STAMP) if deleted else before

    after = before.without("c", None, stamp=STAMP)

    assert (after.deleted, after.erased, after.about, after.pinned) == (True, True, About(), ())
    assert after.happening == Happening(kind="call", occurred_at=NOW, two_way=True)
    assert after.external_id is None
    assert not activity("c", account_id=None).without("c", "s", stamp=STAMP).erased


def test_a_task_about_something_else_too_stays_without_its_texts():
    about = About("a", "d", ("c",))
    before = task(about, done_at=NOW)

    after = before.without("c", "s", stamp=STAMP)

    owner = before.to_do.owner_email
    assert after.to_do == ToDo(title="", due_on=NOW.date(), owner_email=owner)
    assert (after.about, after.pinned) == (About("a", "d", ("s",)), ("title",))
    assert (after.done_at, after.rev) == (NOW, 2)
    assert after.without("c", "s", stamp=STAMP) is after
    assert before.without("c", None, stamp=STAMP).about == About("a", "d")


def test_a_task_about_nothing_else_is_erased():
    after = task(About(contact_ids=("c",))).without("c", None, stamp=STAMP)

    assert (after.deleted, after.erased, after.about) == (True, True, About())
    assert after.to_do == ToDo(title="", due_on=NOW.date())
    assert not task(About(contact_ids=("c",))).without("c", "s", stamp=STAMP).erased


@given(
    people=st.permutations(["c", "d", "e"]),
    account_id=st.sampled_from([None, "a"]),
    with_shells=st.lists(st.booleans(), min_size=3, max_size=3),
)
def test_when_all_have_left_no_text_and_none_of_them_remains(people, account_id, with_shells):
    record = activity("c", "d", "e", account_id=account_id)
    shells = set[str]()
    for person, has_shell in zip(people, with_shells, strict=True):
        shell = f"shell of {person}" if has_shell else None
        record = record.without(person, shell, shells=shells, stamp=STAMP)
        shells |= {shell} if shell else set()
        assert ("Jane" in repr(record)) == (person != people[-1])

    assert set(record.about.contact_ids) == (set() if record.erased else shells)
    assert record.erased == (account_id is None and not shells)
