"""Requests by themselves: due days, what is masked, what of a person a record still says."""

from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from stageline.domain.activity import About, Happening, new_activity
from stageline.domain.calendar import add_months
from stageline.domain.contact import Person, Touched, new_contact
from stageline.domain.due_days import due_day
from stageline.domain.erasure import masked_fields
from stageline.domain.erasure_stores import HORIZONS, METHODS
from stageline.domain.errors import Invalid
from stageline.domain.personal import PersonalData
from stageline.domain.stamp import Source, Stamp
from stageline.domain.task import ToDo, new_task

AT = datetime(2026, 3, 2, tzinfo=UTC)
STAMP, SOURCE = Stamp("somebody", "r", AT), Source("file", "hash", "1")
STORES = yaml.safe_load((Path(__file__).parents[3] / "stores.yaml").read_text())


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_months_last(day, months, later):
    assert add_months(day, months) == later


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 40))
def test_months_later_is_never_early_by_a_day(day, months):
    later = add_months(day, months)

    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (later.day < day.day and add_months(later, 0) == later)


def test_a_request_is_due_a_month_after_it_came_in():
    today = date(2026, 3, 10)

    assert due_day(date(2026, 3, 2), None, today) == date(2026, 4, 2)
    assert due_day(date(2026, 3, 2), date(2026, 3, 12), today) == date(2026, 3, 12)


@pytest.mark.parametrize(
    ("received_on", "due_on", "fault"),
    [
        (date(2026, 3, 11), None, ("received_on", "in_the_future")),
        (date(2026, 1, 2), None, ("received_on", "due_in_the_past")),
        (date(2026, 3, 2), date(2026, 3, 9), ("due_on", "in_the_past")),
        (date(2026, 3, 2), date(2026, 4, 3), ("due_on", "too_late")),
    ],
)
def test_a_day_that_cannot_be_is_refused_by_name(received_on, due_on, fault):
    with pytest.raises(Invalid) as refusal:
        due_day(received_on, due_on, date(2026, 3, 10))

    assert (refusal.value.field, refusal.value.reason) == fault


def test_the_name_is_always_masked():
    """S2.39"""
    assert masked_fields("mask_selected", ["phone"]) == ("first_name", "last_name", "phone")
    assert masked_fields("erase", []) == ()
    for way, names in (("erase", ["phone"]), ("mask_selected", ["shoe_size"])):
        with pytest.raises(Invalid):
            masked_fields(way, names)  # type: ignore[arg-type]


def personal_texts(value: Any) -> list[Any]:
    """Return what stands in the fields that are marked as personal, wherever they are."""
    if not is_dataclass(value):
        return []
    found = []
    hints = get_type_hints(type(value), include_extras=True)
    for one in fields(value):
        text = getattr(value, one.name)
        if _is_personal(hints[one.name]):
            found.append(text)
        found += personal_texts(text)
    return [text for text in found if text not in (None, "", ())]


def _is_personal(hint: Any) -> bool:
    marks = getattr(hint, "__metadata__", ())
    return any(isinstance(mark, PersonalData) for mark in marks) or any(
        map(_is_personal, get_args(hint))
    )


def everything_said() -> Person:
    texts = {one.name: "somebody" for one in fields(Person) if one.name not in ("custom", "tags")}
    return Person(**texts, custom={"key": "somebody"}, tags=("somebody",))


def test_no_field_that_is_marked_outlives_the_person():
    """S3.28"""
    contact = new_contact("c", everything_said(), external_id="crm", source=SOURCE, stamp=STAMP)
    contact = contact.touched("asked by somebody", STAMP)
    assert len(personal_texts(contact)) > 8 and isinstance(contact.touch, Touched)

    for left in (contact.erased("r", STAMP), contact.anonymous("shell", STAMP)):
        assert personal_texts(left) == []
        assert left.person == Person() and left.source is None


def test_no_text_about_the_person_outlives_them():
    about = About("a", None, ("c",))
    call = Happening(
        kind="call", occurred_at=AT, subject="x", text="x", custom={"key": "x"}, tags=("x",)
    )
    activity = new_activity("i", call, about, external_id="crm", source=SOURCE, stamp=STAMP)
    to_do = ToDo(title="x", due_on=AT.date(), custom={"key": "x"}, tags=("x",))
    task = new_task("t", to_do, about, source=SOURCE, stamp=STAMP)

    for left in (activity.without("c", None, stamp=STAMP), task.without("c", None, stamp=STAMP)):
        assert personal_texts(left) == []
        described: Any = getattr(left, left.DESCRIBED)
        assert not described.custom and left.about.contact_ids == ()


def test_what_an_erasure_counts_is_registered():
    known = {*STORES["table"], *STORES["resources"]}

    assert METHODS.keys() <= known
    assert {store.partition(" ")[0] for store, _, _ in HORIZONS} <= known
