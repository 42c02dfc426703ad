"""Every text field of a stored record says whether it identifies a person (S3.28)."""

from dataclasses import fields, is_dataclass
from typing import Annotated, Any, TypeAliasType, get_args, get_origin, get_type_hints

import pytest

from stageline.domain.access import AccessProfile
from stageline.domain.account import Account, Membership, Profile
from stageline.domain.activity import About, Activity, Happening
from stageline.domain.audit import AuditEntry
from stageline.domain.contact import Contact, Link, Person
from stageline.domain.custom_field import CustomField
from stageline.domain.custom_value import Money, Value
from stageline.domain.deal import Deal, Terms
from stageline.domain.keyed_call import KeyedCall
from stageline.domain.person_records import ActivityRecord, ContactRecord
from stageline.domain.personal import NotPersonal, PersonalData
from stageline.domain.principal import Member, Preferences
from stageline.domain.settings import Settings
from stageline.domain.stamp import Source, Stamp
from stageline.domain.task import Task, ToDo
from stageline.domain.touch import StoredTouch

MARKERS = (PersonalData, NotPersonal)
RECORDS = (
    About,
    AccessProfile,
    Account,
    Activity,
    ActivityRecord,
    AuditEntry,
    Contact,
    ContactRecord,
    CustomField,
    Deal,
    Happening,
    KeyedCall,
    Link,
    Member,
    Membership,
    Money,
    Person,
    Preferences,
    Profile,
    Settings,
    Source,
    Stamp,
    StoredTouch,
    Task,
    Terms,
    ToDo,
)


def unmarked(annotation: Any) -> bool:
    """Tell whether text hides in the annotation without a marker."""
    if isinstance(annotation, TypeAliasType):
        return unmarked(annotation.__value__)
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        return not any(isinstance(mark, MARKERS) for mark in marks) and unmarked(inner)
    return annotation is str or any(unmarked(inner) for inner in get_args(annotation))


@pytest.mark.parametrize("record", RECORDS)
def test_every_text_field_is_marked_one_way_or_the_other(record):
    assert is_dataclass(record)
    hints = get_type_hints(record, include_extras=True)

    assert [field.name for field in fields(record) if unmarked(hints[field.name])] == []


def test_text_without_a_marker_is_found_wherever_it_stands():
    assert unmarked(str)
    assert unmarked(tuple[str | None, ...])
    assert unmarked(TypeAliasType("Hidden", list[str]))
    assert not unmarked(Value)
    assert not unmarked(dict[Annotated[str, NotPersonal()], int])
