"""The document that says how a CRM's fields become ours (S3.34)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stageline.domain.crm_mapping import (
    LONGEST,
    CrmMapping,
    asked_fields,
    fields_of,
    read_mapping,
)
from stageline.domain.errors import Invalid

WHOLE = {
    "accounts": {
        "fields": {"industry": "sector", "country": None},
        "custom": {"tier": "customer_tier"},
        "values": {"industry": {"TECH": "Technology"}, "custom.tier": {"A": "gold"}},
        "defaults": {"in_crm": True},
    },
    "deals": {
        "fields": {"amount": "hs_acv", "probability": "chance"},
        "stages": {
            "closedwon": {"outcome": "won", "probability": 1},
            "decision": {"outcome": "open", "probability": 0.4},
            "on hold": {"outcome": "open"},
        },
        "defaults": {"currency": "EUR"},
        "probability": "percent",
    },
    "contacts": {"fields": {"phone": "mobile"}},
    "activities": {"bodies": True, "values": {"kind": {"VIDEO": "meeting"}}},
    "owners": {"7": "ada@example.com"},
}


def test_a_document_reads_the_same_as_json_and_as_what_json_was():
    document = read_mapping(json.dumps(WHOLE))

    assert document == read_mapping(WHOLE)
    assert document.deals.stages["closedwon"].outcome == "won"
    assert document.accounts.values.custom == {"tier": {"A": "gold"}}


def test_no_document_and_an_empty_one_say_nothing():
    assert read_mapping(None) == read_mapping({}) == read_mapping("{}") == CrmMapping()


@pytest.mark.parametrize(
    ("document", "path", "reason"),
    [
        ({"leads": {}}, "mapping.leads", "unknown_field"),
        ({"deals": {"feilds": {}}}, "mapping.deals.feilds", "unknown_field"),
        ({"deals": {"fields": {"nmae": "x"}}}, "mapping.deals.fields.nmae", "unknown_field"),
        (
            {"deals": {"stages": {"9": {"outcome": "maybe"}}}},
            "mapping.deals.stages.9.outcome",
            "literal_error",
        ),
        (
            {"deals": {"stages": {"9": {"outcome": "won", "probability": 40}}}},
            "mapping.deals.stages.9.probability",
            "less_than_equal",
        ),
        (
            {"deals": {"defaults": {"currency": "EURO"}}},
            "mapping.deals.defaults.currency",
            "value_error",
        ),
        ({"deals": {"values": {"name": {}}}}, "mapping.deals.values.name", "unknown_field"),
        (
            {"accounts": {"values": {"custom.Tier": {}}}},
            "mapping.accounts.values.custom.Tier",
            "string_pattern_mismatch",
        ),
        (
            {"accounts": {"custom": {"tier": ""}}},
            "mapping.accounts.custom.tier",
            "string_too_short",
        ),
        ({"owners": {"jane@crm.example": "Jane"}}, "mapping.owners", "string_pattern_mismatch"),
        ("[", "mapping", "malformed"),
        ("[" * 40_000, "mapping", "malformed"),
        ("[]", "mapping", "model_type"),
        ({"owners": {"x" * LONGEST: "a@b"}}, "mapping", "too_large"),
        ({"owners": object()}, "mapping", "malformed"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_fault_is_named_by_its_path(document, path, reason):
    with pytest.raises(Invalid) as refused:
        read_mapping(document)

    assert (refused.value.field, refused.value.reason) == (path, reason)
    assert "Jane" not in refused.value.detail


@given(st.recursive(st.none() | st.booleans() | st.text() | st.floats(), st.lists, max_leaves=3))
def test_whatever_it_is_given_it_reads_or_says_where_it_does_not(value):
    for document in (value, {"deals": value}, {"deals": {"values": value}}, {"owners": value}):
        try:
            assert isinstance(read_mapping(document), CrmMapping)
        except Invalid as error:
            assert error.field.startswith("mapping")


def test_what_is_read_is_the_connectors_fields_but_for_what_the_mapping_says():
    defaults = {"name": "Name", "industry": "Industry", "country": "Land"}

    assert asked_fields("accounts", read_mapping(None), defaults) == ("Industry", "Land", "Name")
    assert fields_of("accounts", read_mapping(WHOLE), defaults) == {
        "name": "Name",
        "industry": "sector",
    }
    assert asked_fields("accounts", read_mapping(WHOLE), defaults) == (
        "Name",
        "customer_tier",
        "sector",
    )


def test_bodies_are_read_only_where_that_is_switched_on():
    defaults = {"subject": "Subject", "text": "Body"}

    assert asked_fields("activities", read_mapping(None), defaults) == ("Subject",)
    assert asked_fields("activities", read_mapping(WHOLE), defaults) == ("Body", "Subject")


def test_a_field_that_feeds_two_of_ours_is_asked_for_once():
    mapping = read_mapping({"deals": {"fields": {"closed_on": "Day", "opened_on": "Day"}}})

    assert asked_fields("deals", mapping, {}) == ("Day",)
