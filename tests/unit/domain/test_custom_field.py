"""Custom fields: which there may be, and which values they take (S3.30, S3.31)."""

from dataclasses import fields as attributes
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import answers, bodies
from api.addresses import fields as addresses
from stageline.adapters.dynamodb.codec import from_item, to_item
from stageline.adapters.dynamodb.custom_items import custom_from, custom_values
from stageline.adapters.dynamodb.fields import field_from_item, field_item
from stageline.domain.currency import CURRENCIES
from stageline.domain.custom_field import MODULES, STANDARD_FIELDS, checked, new_field, taken
from stageline.domain.custom_value import TYPES, Money, Value, Values, shown
from stageline.domain.errors import FieldFixed, Invalid
from stageline.domain.stamp import Stamp
from stageline.domain.workspace import Workspace

STAMP = Stamp("admin", "a-request", datetime(2026, 3, 2, 12, tzinfo=UTC))
LATER = Stamp("admin", "another", datetime(2026, 3, 3, 12, tzinfo=UTC))
OPTIONS = ["gold", "silver", "bronze"]


def field(key="one", type_="text", **more):
    if type_ in ("picklist", "multi_select"):
        more = {"options": OPTIONS} | more
    return new_field("account", key, "One", type_, **more, stamp=STAMP)


def by_key(*fields):
    return {one.key: one for one in fields}


EVERY = by_key(*(field(type_, type_) for type_ in TYPES))

SENT = {
    "text": st.text(max_size=40) | st.just("two\nlines"),
    "number": st.integers(-(10**15), 10**15) | st.floats() | st.just(0.000001),
    "money": st.fixed_dictionaries(
        {
            "amount": st.decimals(-(10**12), 10**12, places=3).map(str) | st.integers(),
            "currency": st.sampled_from(sorted(CURRENCIES)) | st.just("XYZ"),
        }
    ),
    "date": st.dates().map(date.isoformat) | st.text(max_size=10),
    "boolean": st.booleans(),
    "picklist": st.sampled_from(OPTIONS),
    "multi_select": st.lists(st.sampled_from(OPTIONS), max_size=4),
}
ANYTHING: Any = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
ANYTHING |= st.lists(ANYTHING, max_size=2) | st.dictionaries(st.text(max_size=8), ANYTHING)


@given(st.fixed_dictionaries({}, optional={type_: sent | ANYTHING for type_, sent in SENT.items()}))
def test_what_is_accepted_survives_the_table_and_the_api(sent):
    values: dict[str, Value] = {}
    for key, value in sent.items():
        try:
            values |= checked(EVERY, {key: value})
        except Invalid as refusal:
            assert refusal.field.startswith(f"custom.{key}")

    stored = from_item(to_item({k: v for k, v in custom_values(values, ()).items() if v}))

    assert custom_from(stored) == values
    assert {k: type(v) for k, v in custom_from(stored).items()} == {
        k: type(v) for k, v in values.items()
    }
    assert checked(EVERY, {key: shown(value) for key, value in values.items()}) == values


@pytest.mark.parametrize(
    ("type_", "sent", "value", "said"),
    [
        ("text", "  Otto\n ", "Otto", "Otto"),
        ("number", 1.50, Decimal("1.5"), 1.5),
        ("number", -0.0, Decimal(0), 0),
        ("money", {"amount": "1234.50", "currency": "EUR"}, Money(Decimal("1234.50"), "EUR"), ...),
        ("date", "2024-02-29", date(2024, 2, 29), ...),
        ("boolean", False, False, ...),
        ("picklist", "gold", "gold", ...),
        ("multi_select", ["bronze", "gold", "gold"], ("gold", "bronze"), ["gold", "bronze"]),
    ],
)
def test_values_are_read_and_said(type_, sent, value, said):
    values = checked(EVERY, {type_: sent})

    assert values == {type_: value}
    assert shown(value) == (sent if said is ... else said)


@pytest.mark.parametrize(
    ("type_", "sent", "where", "reason"),
    [
        ("text", 1, "", "no_text"),
        ("text", "   ", "", "length"),
        ("text", "x" * 2_001, "", "length"),
        ("text", "a\x00b", "", "malformed"),
        ("text", "\ud800", "", "malformed"),
        ("number", "1", "", "no_number"),
        ("number", True, "", "no_number"),
        ("number", 10**15, "", "out_of_range"),
        ("number", 0.1234567, "", "out_of_range"),
        ("number", float("nan"), "", "out_of_range"),
        ("number", 10**4_000, "", "out_of_range"),
        ("money", "12", "", "no_money"),
        ("money", {"amount": "1e3", "currency": "EUR"}, ".amount", "no_number"),
        ("money", {"amount": "1", "currency": "EURO"}, ".currency", "unknown"),
        ("money", {"amount": 10**20, "currency": "EUR"}, ".amount", "out_of_range"),
        ("money", {"amount": 1, "currency": "EUR", "at": 1}, ".at", "unknown_field"),
        ("date", "2026-02-30", "", "no_date"),
        ("date", "20260203", "", "no_date"),
        ("boolean", "true", "", "no_boolean"),
        ("picklist", "lead", "", "unknown"),
        ("multi_select", ["gold", "lead"], "", "unknown"),
        ("multi_select", "gold", "", "no_list"),
        ("colour", "blue", "", "unknown_field"),
    ],
)
def test_values_that_are_refused_are_named(type_, sent, where, reason):
    with pytest.raises(Invalid) as refusal:
        checked(EVERY, {type_: sent})

    assert (refusal.value.field, refusal.value.reason) == (f"custom.{type_}{where}", reason)


def test_changes_are_merged_by_key_and_null_removes():
    before: Values = {"text": "Otto", "boolean": True}

    assert checked(EVERY, {"boolean": None, "picklist": "gold"}, before) == {
        "text": "Otto",
        "picklist": "gold",
    }
    assert checked(EVERY, {"multi_select": []}, {"multi_select": ("gold",)}) == {}


def test_defaults_are_those_of_new_records_only():
    fields = by_key(field(default="none yet"), field("level", "picklist", default="silver"))

    assert checked(fields, {"level": "gold"}) == {"one": "none yet", "level": "gold"}
    assert checked(fields, {"level": None}) == {"one": "none yet"}
    assert checked(fields, {"level": "gold"}, {}) == {"level": "gold"}


def test_what_is_required_is_demanded_of_whoever_changes_a_value():
    fields = by_key(field(required=True), field("two"))

    for sent, before in (({}, None), ({"two": "x"}, {}), ({"one": None}, {"one": "x"})):
        with pytest.raises(Invalid) as refusal:
            checked(fields, sent, before)
        assert (refusal.value.field, refusal.value.reason) == ("custom.one", "missing")


def test_an_archived_field_keeps_its_values_and_takes_none():
    hidden = field(required=True, default="x").changed_to({"archived": True}, LATER)
    fields = by_key(hidden, field("two"))

    assert checked(fields, {"two": "y"}) == {"two": "y"}
    assert checked(fields, {"two": "y"}, {"one": "kept"}) == {"one": "kept", "two": "y"}
    with pytest.raises(Invalid, match="no field here"):
        checked(fields, {"one": "new"})


def test_an_option_that_was_taken_away_may_stay_where_it_is():
    fewer = by_key(
        field("level", "picklist", options=["gold"]), field("all", "multi_select", options=["gold"])
    )
    before: Values = {"level": "silver", "all": ("silver", "bronze")}

    assert checked(fewer, {"level": "silver", "all": ["bronze", "gold"]}, before) == {
        "level": "silver",
        "all": ("gold", "bronze"),
    }
    with pytest.raises(Invalid):
        checked(fewer, {"level": "bronze"}, before)


def test_all_values_of_a_record_have_a_size():
    fields = by_key(*(field(f"f{number}") for number in range(40)))

    with pytest.raises(Invalid, match="16,000 bytes"):
        checked(fields, dict.fromkeys(fields, "x" * 2_000))


@pytest.mark.parametrize("key", ["", "1st", "Key", "a-b", "a" * 41, "naïve", "key\n"])
def test_keys_have_one_form(key):
    with pytest.raises(Invalid) as refusal:
        field(key)
    assert refusal.value.reason == "malformed"


@pytest.mark.parametrize("module", MODULES)
def test_standard_fields_are_those_that_records_are_shown_with(module):
    model = getattr(answers, module.capitalize(), None)
    if model is not None:  # S3.31
        own = {"custom", "tags"}
        assert STANDARD_FIELDS[module] | own == {one for one in model.model_fields} | own
    for key in STANDARD_FIELDS[module]:
        with pytest.raises(Invalid) as refusal:
            new_field(module, key, "Mine", "text", stamp=STAMP)
        assert refusal.value.reason == "standard_field"


def test_the_api_knows_the_same_modules_and_types():
    assert addresses.MODULES == MODULES == get_args(bodies.Module)
    assert get_args(bodies.FieldType) == TYPES


def test_text_is_personal_unless_somebody_says_otherwise():  # S3.28
    assert field().personal
    assert not field(personal=False).personal
    assert not field("level", "picklist").personal
    assert field("born_on", "date", personal=True).personal


@pytest.mark.parametrize(
    ("type_", "more", "where"),
    [
        ("picklist", {"options": []}, "options"),
        ("text", {"options": ["a"]}, "options"),
        ("picklist", {"options": ["x" * 101]}, "options"),
        ("picklist", {"options": [str(number) for number in range(101)]}, "options"),
        ("boolean", {"unique": True}, "unique"),
        ("text", {"unique": True, "default": "x"}, "default"),
        ("picklist", {"default": "lead"}, "default"),
        ("date", {"default": "tomorrow"}, "default"),
    ],
)
def test_a_field_has_to_make_sense(type_, more, where):
    with pytest.raises(Invalid) as refusal:
        field("one", type_, **more)
    assert refusal.value.field == where


def test_type_and_uniqueness_stay_and_the_rest_may_change():
    before = field("level", "picklist", default="silver")

    for changes in ({"type": "text"}, {"unique": True}):
        with pytest.raises(FieldFixed):
            before.changed_to(changes, LATER)
    with pytest.raises(Invalid) as refusal:
        before.changed_to({"options": ["gold"]}, LATER)
    after = before.changed_to(
        {"type": "picklist", "options": ["gold"], "default": None, "required": True}, LATER
    )

    assert refusal.value.field == "default"
    assert (after.options, after.default, after.required, after.rev) == (("gold",), None, True, 2)
    assert after.changed_to({"required": True}, STAMP) is after


@pytest.mark.parametrize("one", EVERY.values(), ids=lambda one: one.type)
def test_a_field_survives_the_table(one):
    default = {"text": "x", "money": {"amount": 1, "currency": "EUR"}, "date": "2026-01-01"}
    one = one.changed_to({"default": default.get(one.type), "required": True}, LATER)

    assert field_from_item(from_item(to_item(field_item(Workspace("acme"), one)))) == one
    assert {attribute.name for attribute in attributes(one)} >= {"personal", "archived"}


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.just(["gold"])
)


@given(st.dictionaries(st.sampled_from([*TYPES, "unknown"]), ANYTHING), st.booleans())
def test_of_what_nobody_can_send_again_the_sound_values_are_taken(sent, is_new):
    before: Values | None = None if is_new else {"text": "as it was"}

    values, faults = taken(EVERY, sent, before)

    expected = before
    refused = []
    for key, value in sent.items():
        try:
            expected = checked(EVERY, {key: value}, expected)
        except Invalid as fault:
            refused.append((fault.field, fault.reason))
    assert values == (expected or {})
    assert [(fault.field, fault.reason) for fault in faults] == refused


def test_what_is_too_large_in_all_is_left_out():
    many = by_key(*(field(f"f{number}") for number in range(20)))

    values, faults = taken(many, {key: "x" * 2_000 for key in many}, None)

    assert len(values) + len(faults) == 20
    assert {fault.reason for fault in faults} == {"too_large"}
