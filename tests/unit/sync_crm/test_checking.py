"""A mapping is checked against what the CRM says of itself, and shown on real records (S3.34)."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from stageline.domain.crm_check import check_json
from stageline.domain.crm_errors import CrmRefused, CrmUnavailable, SignInRefused
from stageline.domain.crm_mapping import read_mapping
from stageline.domain.crm_records import CrmField
from stageline.domain.custom_field import new_field
from stageline.domain.stamp import Stamp
from stageline.domain.workspace import Workspace
from sync_crm.checking import MOST_ROWS, check_mapping
from tests.fakes.connector import FIELDS, MemoryConnector
from tests.fakes.fields import InMemoryFields
from tests.fakes.memory import Memory
from tests.fakes.writes import WritableCrm

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
STAMP = Stamp(by="u", request="r", at=NOON)
DEALS = (
    CrmField("Name", "Name", "text"),
    CrmField("Outcome", "Outcome", "choice", ("open", "won", "lost")),
    CrmField("Stage", "Pipeline stage", "choice", ("new", "offer", "signed")),
    CrmField("Created", "Created", "instant"),
    CrmField("Close", "Close date", "date"),
    CrmField("Amount", "Amount", "money"),
    CrmField("Currency", "Currency", "choice"),
    CrmField("Probability", "Probability", "number"),
    CrmField("Owner", "Owner", "reference"),
    CrmField("annual_value__c", "Annual value", "money"),
    CrmField("Notes__c", "Notes", "text"),
    CrmField("Tier__c", "Tier", "choice", ("A", "B")),
)


@pytest.fixture
def connector():
    return MemoryConnector(described={"deals": DEALS})


@pytest.fixture
def fields():
    fields = InMemoryFields(Memory(), Workspace("acme"))
    fields.save(new_field("deal", "tier", "Tier", "text", stamp=STAMP))
    fields.save(new_field("deal", "score", "Score", "number", stamp=STAMP))
    return fields


def check(connector, fields, deals=None, records=("deals",)):
    mapping = read_mapping({"deals": deals or {}})
    return check_mapping(connector, mapping, fields, "UTC", NOON + timedelta(hours=1), records)


def test_no_mapping_fits_and_so_does_one_that_names_what_is_there(connector, fields):
    deals = {
        "fields": {"amount": "annual_value__c", "stage": "Stage"},
        "custom": {"tier": "Tier__c"},
        "stages": {"Signed": {"outcome": "won"}},
    }

    for one in (None, deals):
        found = check(connector, fields, one)
        assert (found.fits, found.problems, found.hints) == (True, (), ())


def test_an_unknown_field_is_named_with_those_that_may_be_meant(connector, fields):
    found = check(connector, fields, {"fields": {"amount": "Annual Value"}})

    (problem,) = found.problems
    assert (problem.path, problem.code) == ("mapping.deals.fields.amount", "unknown_field")
    assert problem.near[0] == "annual_value__c"
    assert len(problem.near) == 3


@pytest.mark.parametrize(
    ("deals", "path"),
    [
        ({"fields": {"amount": "Notes__c"}}, "fields.amount"),
        ({"fields": {"closed_on": "Amount"}}, "fields.closed_on"),
        ({"fields": {"probability": "Stage"}}, "fields.probability"),
        ({"custom": {"score": "Notes__c"}}, "custom.score"),
    ],
)
def test_a_type_that_cannot_become_ours_is_a_problem(connector, fields, deals, path):
    (problem,) = check(connector, fields, deals).problems

    assert (problem.path, problem.code) == (f"mapping.deals.{path}", "type_mismatch")


def test_translated_values_may_be_of_any_type(connector, fields):
    deals = {"custom": {"score": "Tier__c"}, "values": {"custom.score": {"A": "1"}}}

    assert check(connector, fields, deals).fits


def test_a_custom_field_of_ours_that_is_not_there_is_a_problem(connector, fields):
    (problem,) = check(connector, fields, {"custom": {"teir": "Tier__c"}}).problems

    assert (problem.code, problem.near[0]) == ("unknown_custom_field", "tier")


STAGES = ("new_prospect", "In CRM", "Pipeline", "Client", "client pipeline", "RECENTLY_LOST")


@pytest.mark.parametrize(
    ("field", "code"),
    [
        (CrmField("Stage__c", "Stage", "text"), None),
        (CrmField("Stage__c", "Stage", "choice", STAGES), None),
        (CrmField("Stage__c", "Stage", "choice", STAGES[1:]), "unknown_choice"),
        (CrmField("Stage__c", "Stage", "number"), "type_mismatch"),
        (CrmField("Stage__c", "Stage", "text", is_writable=False), "not_writable"),
        (CrmField("stage", "Stage", "text"), "unknown_field"),
    ],
)
def test_a_field_for_the_stage_has_to_take_every_stage(fields, field, code):
    crm = WritableCrm(now=lambda: NOON, described={"accounts": (field,)})
    mapping = read_mapping({"accounts": {"write": {"stage": "Stage__c"}}})

    problems = check_mapping(crm, mapping, fields, "UTC", NOON, ("accounts",)).problems

    at_stage = [one for one in problems if one.path == "mapping.accounts.write.stage"]
    assert [one.code for one in at_stage] == ([code] if code else [])


def test_a_connector_that_only_reads_writes_no_stage(connector, fields):
    mapping = read_mapping({"accounts": {"write": {"stage": "Name"}}})

    (problem,) = check_mapping(connector, mapping, fields, "UTC", NOON, ("accounts",)).problems

    assert problem.code == "not_supported"


def test_a_stage_that_the_crm_does_not_have_is_a_problem(connector, fields):
    stages = {"signd": {"outcome": "won"}}

    (problem,) = check(connector, fields, {"stages": stages}).problems
    assert (problem.path, problem.code) == ("mapping.deals.stages.signd", "unknown_stage")
    assert problem.near[0] == "signed"

    (problem,) = check(connector, fields, {"stages": stages, "fields": {"stage": None}}).problems
    assert (problem.path, problem.code) == ("mapping.deals.fields.stage", "missing")


def test_amounts_without_a_currency_are_worth_a_hint(connector, fields):
    no_currency = {"fields": {"currency": None}}

    found = check(connector, fields, no_currency)
    assert (found.fits, [one.code for one in found.hints]) == (True, ["currency_missing"])
    assert check(connector, fields, no_currency | {"defaults": {"currency": "EUR"}}).hints == ()


def test_the_preview_shows_records_as_they_would_be_stored(connector, fields):
    connector.put("deals", "1", {"Name": "A", "Outcome": "won", "Close": "2026-01-31"}, at=NOON)
    amount = {"Amount": Decimal("10.50"), "Currency": "EUR", "Tier__c": "A"}
    connector.put("deals", "2", {"Name": "B", "Outcome": "open"} | amount, at=NOON)
    connector.put("deals", "3", {"Name": "C", "Outcome": "won", "Close": "soon"}, at=NOON)
    connector.put("deals", "4", {"Name": "D", "Stage": "odd"}, at=NOON)
    connector.put("deals", "5", at=NOON)
    connector.delete("deals", "5", at=NOON)

    (preview,) = check(connector, fields, {"custom": {"tier": "Tier__c"}}).previews

    assert [row.external_id for row in preview.rows] == ["1", "2", "4"]
    assert preview.rows[0].closed_on == date(2026, 1, 31)
    assert [row.faults[0].code for row in preview.refused] == ["invalid_date"]
    assert [one.code for one in preview.warnings] == ["unknown_stage"]
    filled = {name: preview.filled[name] for name in ("name", "amount", "owner_email")}
    assert (filled, preview.filled["custom.tier"]) == (
        {"name": 3, "amount": 1, "owner_email": 0},
        1,
    )


def test_the_preview_shows_some_and_asks_for_no_more_than_changes(connector, fields):
    for number in range(MOST_ROWS + 5):
        connector.put("deals", f"{number}", {"Outcome": "open"}, at=NOON - timedelta(days=400))

    (preview,) = check(connector, fields).previews

    assert len(preview.rows) == MOST_ROWS
    assert [ask.since is None for ask in connector.asked] == [False, False]


def test_a_field_that_is_not_there_is_not_asked_for(connector, fields):
    check(connector, fields, {"fields": {"amount": "Nothing"}})

    assert "Nothing" not in connector.asked[0].fields
    assert {*connector.asked[0].fields} < {*FIELDS["deals"].values()}


def test_what_may_not_be_read_is_a_problem_and_the_rest_is_checked(connector, fields):
    connector.errors.append(CrmRefused("the CRM refuses the request", 403, "NO_ACCESS"))

    found = check(connector, fields, records=("accounts", "deals"))

    (problem,) = found.problems
    assert (problem.path, problem.code) == ("accounts", "not_readable")
    assert "NO_ACCESS" in problem.message
    assert [one.records for one in found.previews] == ["deals"]


@pytest.mark.parametrize("error", [CrmUnavailable("down"), SignInRefused("wrong")])
def test_a_crm_that_does_not_answer_says_nothing_of_the_mapping(connector, fields, error):
    connector.errors.append(error)

    with pytest.raises(type(error)):
        check(connector, fields)


def test_the_result_is_json_and_says_nothing_of_people_but_in_rows(connector, fields):
    values = {"Name": "Jane's deal", "Outcome": "open", "Owner": "jane@example.com"}
    connector.put("deals", "1", values, at=NOON)
    connector.put("deals", "2", {"Name": "Jane", "Outcome": "won", "Close": "?"}, at=NOON)

    found = check(connector, fields, {"fields": {"amount": "x"}})

    said = json.loads(json.dumps(check_json(found)))
    (preview,) = said["previews"]
    (row,) = preview.pop("rows")
    assert row == {
        "external_id": "1",
        "name": "Jane's deal",
        "status": "open",
        "owner_email": "jane@example.com",
    }
    assert "jane" not in json.dumps(said).lower()
    assert "jane" not in repr(found).lower()
    assert preview["refused"][0]["faults"][0]["code"] == "invalid_date"
