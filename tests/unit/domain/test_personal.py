"""Every text field of a stored record says whether it identifies a person (S3.28)."""

from dataclasses import fields, is_dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest

from stageline.domain.account import Account, Membership, Profile
from stageline.domain.activity import About, Activity, Happening
from stageline.domain.contact import Contact, Link, Person
from stageline.domain.deal import Deal, Terms
from stageline.domain.person_records import ActivityRecord, ContactRecord
from stageline.domain.personal import NotPersonal, PersonalData
from stageline.domain.stamp import Source, Stamp
from stageline.domain.task import Task, ToDo
from stageline.domain.touch import StoredTouch

MARKERS = (PersonalData, NotPersonal)


def unmarked(annotation: Any) -> bool:
    """Tell whether text hides in the annotation without a marker."""
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        return not any(isinstance(mark, MARKERS) for mark in marks) and unmarked(inner)
    return annotation is str or any(unmarked(inner) for inner in get_args(annotation))


@pytest.mark.parametrize(
    "record",
    [
        Account,
        Profile,
        Membership,
        Deal,
        Terms,
        Contact,
        Person,
        Link,
        Activity,
        Happening,
        About,
        ContactRecord,
        ActivityRecord,
        Task,
        ToDo,
        StoredTouch,
        Stamp,
        Source,
    ],
)
def test_every_text_field_is_marked_one_way_or_the_other(record):
    assert is_dataclass(record)
    hints = get_type_hints(record, include_extras=True)

    assert [field.name for field in fields(record) if unmarked(hints[field.name])] == []


def test_text_without_a_marker_is_found_wherever_it_stands():
    assert unmarked(str)
    assert unmarked(tuple[str | None, ...])
    assert not unmarked(dict[Annotated[str, NotPersonal()], int])
