"""Documents of schemes are refused with the place of each fault."""

from copy import deepcopy

import pytest
from hypothesis import given

from stageline.domain.scheme import Scheme
from stageline.domain.scheme_document import SchemeInvalid, compile_scheme
from tests.unit.engine.schemes import SHIPPED, conditions, scheme_document

ALWAYS = {"any": [{"in_crm": True}, {"in_crm": False}]}


def problems_of(document):
    with pytest.raises(SchemeInvalid) as refused:
        compile_scheme(document)
    return {problem.path: problem.message for problem in refused.value.problems}


@pytest.mark.parametrize(
    ("when", "path"),
    [
        pytest.param({"open_deal": {"at_least": 1}}, "open_deal", id="unknown fact"),
        pytest.param({"all": []}, "all", id="empty list"),
        pytest.param({"all": {"in_crm": True}}, "all", id="no list"),
        pytest.param({"all": [ALWAYS, {}]}, "all[1]", id="empty condition"),
        pytest.param({"in_crm": True, "not": ALWAYS}, "", id="two keys"),
        pytest.param({"not": [ALWAYS]}, "not", id="not takes one"),
        pytest.param({"in_crm": "yes"}, "in_crm", id="no boolean"),
        pytest.param({"in_crm": 1}, "in_crm", id="a number for a boolean"),
        pytest.param({"won_deals": 1}, "won_deals", id="no comparison"),
        pytest.param({"won_deals": {}}, "won_deals", id="empty comparison"),
        pytest.param({"won_deals": {"at_least": 1, "at_most": 2}}, "won_deals", id="two of them"),
        pytest.param({"won_deals": {"more_than": 1}}, "won_deals.more_than", id="unknown one"),
        pytest.param({"won_deals": {"at_least": -1}}, "won_deals.at_least", id="negative"),
        pytest.param({"won_deals": {"at_least": True}}, "won_deals.at_least", id="no number"),
        pytest.param({"won_deals": {"at_least": 1.5}}, "won_deals.at_least", id="a fraction"),
        pytest.param(
            {"won_deals": {"at_least": 1, "within": "P6M"}}, "won_deals.within", id="no window"
        ),
        pytest.param(
            {"not": {"any": [{"lost_deals": {"equals": 0, "within": "P180D"}}]}},
            "not.any[0].lost_deals.within",
            id="window of days",
        ),
        pytest.param(
            {"lost_deals": {"equals": 0, "within": "P999M"}}, "lost_deals.within", id="too long"
        ),
    ],
)
def test_faulty_condition_is_named_by_its_path(when, path):
    expected = ".".join(filter(None, ["stages[0].when", path]))

    assert list(problems_of(scheme_document(when, ALWAYS))) == [expected]


def test_every_problem_is_reported_at_once():
    document = scheme_document({"foo": 1}, {"bar": 1})

    assert set(problems_of(document)) == {"stages[0].when.foo", "stages[1].when.bar"}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        pytest.param({"key": "CRM stage"}, "key", id="key"),
        pytest.param({"version": 0}, "version", id="version"),
        pytest.param({"kind": "stateful"}, "kind", id="kind"),
        pytest.param({"stages": []}, "stages", id="no stages"),
        pytest.param({"precedence": ["s0"]}, "precedence", id="stage without precedence"),
        pytest.param({"precedence": ["s0", "s1", "s1"]}, "precedence", id="named twice"),
        pytest.param({"owner": "me"}, "owner", id="unknown field"),
    ],
)
def test_faulty_field_is_named(change, path):
    assert path in problems_of(scheme_document(ALWAYS, ALWAYS, **change))


@pytest.mark.parametrize("field", ["key", "name", "rank"])
def test_stages_differ_in_key_name_and_rank(field):
    document = scheme_document(ALWAYS, ALWAYS)
    document["stages"][1][field] = document["stages"][0][field]

    assert f"stages[1].{field}" in problems_of(document)


def test_refused_values_are_not_quoted():
    problems = problems_of(scheme_document(ALWAYS, key="Jane Doe <jane@example.com>"))

    assert "Jane" not in str(problems)


def test_a_document_that_is_no_object_is_refused():
    assert list(problems_of("crm_stage")) == ["document"]


@pytest.mark.parametrize(
    "gap",
    [
        pytest.param([{"in_crm": True}], id="absent from the CRM"),
        pytest.param(
            [{"open_deals": {"at_least": 2}}, {"open_deals": {"at_most": 0}}], id="one open deal"
        ),
        pytest.param(
            [
                {"lost_deals": {"at_least": 1, "within": "P2M"}},
                {"lost_deals": {"equals": 0, "within": "P6M"}},
            ],
            id="lost 3 months ago",
        ),
    ],
)
def test_some_stage_must_hold_for_every_group(gap):  # S0.1
    assert "no stage holds" in problems_of(scheme_document(*gap))["stages"]


def test_what_no_group_can_have_needs_no_stage():
    # Lost within 2 months but not within 6 does not exist.
    document = scheme_document(
        {"lost_deals": {"at_least": 1, "within": "P6M"}},
        {"lost_deals": {"equals": 0, "within": "P2M"}},
    )

    assert compile_scheme(document)["facts"] == [["lost_deals", 6], ["lost_deals", 2]]


def test_a_forgotten_stage_of_the_shipped_scheme_is_noticed():
    document = deepcopy(SHIPPED["crm_stage"])
    document["stages"] = [one for one in document["stages"] if one["key"] != "pipeline"]
    document["precedence"].remove("pipeline")

    assert "open_deals: 1" in problems_of(document)["stages"]


@given(conditions)
def test_compiled_schemes_are_plain_and_stable(condition):
    document = scheme_document(condition, ALWAYS)

    assert compile_scheme(document) == compile_scheme(deepcopy(document))
    assert Scheme.from_compiled(compile_scheme(document)).precedence == ("s0", "s1")
