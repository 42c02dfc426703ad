"""Every text field of a stored record says whether it identifies a person (S3.28)."""

from dataclasses import fields, is_dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Annotated, Any, TypeAliasType, get_args, get_origin, get_type_hints

import pytest

from stageline import domain
from stageline.domain.custom_value import Value
from stageline.domain.personal import NotPersonal, PersonalData

MARKERS = (PersonalData, NotPersonal)
# Values that are computed and never stored, or hold nothing of records: rules, keys, drift by id.
NOT_STORED = {
    "Access",
    "AccountItems",
    "AccountOnDay",
    "Ask",
    "Beside",
    "ChildrenCount",
    "CrmReply",
    "CrmRequest",
    "Dialect",
    "Drift",
    "Explanation",
    "Fact",
    "Found",
    "GroupItems",
    "Locator",
    "NextChange",
    "Parts",
    "PlacedVersion",
    "Problem",
    "Query",
    "Scheme",
    "SearchWord",
    "Shown",
    "Span",
    "Stage",
    "State",
    "Stay",
    "Stored",
    "Tally",
    "Timeline",
    "Token",
    "UploadForm",
    "Workspace",
    "Written",
    "_Cause",
}


def records():
    """Yield every dataclass of the domain, but for those."""
    for module in iter_modules(domain.__path__):
        found = import_module(f"{domain.__name__}.{module.name}")
        for name, one in vars(found).items():
            is_own = isinstance(one, type) and one.__module__ == found.__name__
            if is_own and is_dataclass(one) and name not in NOT_STORED:
                yield one


def unmarked(annotation: Any) -> bool:
    """Tell whether text hides in the annotation without a marker."""
    if isinstance(annotation, TypeAliasType):
        return unmarked(annotation.__value__)
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        return not any(isinstance(mark, MARKERS) for mark in marks) and unmarked(inner)
    return annotation is str or any(unmarked(inner) for inner in get_args(annotation))


@pytest.mark.parametrize("record", list(records()))
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
