"""What becomes of a CRM's record (docs/mapping.md): mirrored, and never lost for a bad value."""

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stageline.domain.activity import LONGEST_TEXT
from stageline.domain.crm_mapping import read_mapping
from stageline.domain.crm_records import CrmRecord
from stageline.domain.custom_field import new_field
from stageline.domain.job_states import RECORDS
from stageline.domain.person_records import ActivityRecord, ContactRecord
from stageline.domain.records import AccountRecord, DealRecord, GoneRecord, RefusedRecord
from stageline.domain.stamp import Stamp
from sync_crm.noticed import Notice, warned
from sync_crm.translation import Translator
from tests.fakes.connector import FIELDS

STAMP = Stamp(by="u", request="r", at=datetime(2026, 3, 2, tzinfo=UTC))


class Translated:
    """One record translated: `row`, and `noticed` as {(code, field): count}."""

    def __init__(self, records, values, mapping=None, links=None, custom=None):
        translator = Translator(read_mapping(mapping), FIELDS, "Europe/Vienna", custom)
        record = CrmRecord(external_id="1", values=values, links=links or {})
        self.row: Any = translator.row(records, record, 7)
        self.noticed = dict(translator.noticed)

    @property
    def faults(self):
        return [(fault.field, fault.code) for fault in self.row.faults]


def account(mapping=None, links=None, **values):
    return Translated("accounts", {"Name": "Acme"} | values, mapping, links)


def deal(mapping=None, links=None, **values):
    given = {"Name": "Renewal", "Outcome": "open"} | values
    return Translated("deals", given, mapping, links)


def contact(mapping=None, links=None, **values):
    return Translated("contacts", {"Last": "Brandt"} | values, mapping, links)


def activity(mapping=None, links=None, **values):
    given = {"Kind": "call", "At": "2026-01-05T10:00:00Z"} | values
    return Translated("activities", given, mapping, links)


def custom_fields(**types):
    fields = {
        key: new_field("deal", key, key, type_, options=options, stamp=STAMP)
        for key, (type_, *options) in types.items()
    }
    return {"deals": fields}


def custom(value, key, fields, mapping=None, **values):
    """Return what a custom field `key` of a deal has, and what was noticed."""
    section = {"custom": {key: "Theirs"}} | (mapping or {})
    given = {"Name": "A", "Outcome": "open", "Theirs": value} | values
    found = Translated("deals", given, {"deals": section}, custom=fields)
    return found.row.custom[key], [code for code, _ in found.noticed]


def test_an_account_says_what_the_crm_says():
    found = account(
        links={"parent": ("9",)},
        Website="https://Acme.example/about",
        Owner="ada@example.com",
        Created="2025-12-31T23:30:00Z",
        Industry=None,
        Country="",
    )

    assert found.row == AccountRecord(
        line=7,
        external_id="1",
        name="Acme",
        parent_external_id="9",
        domain="acme.example",
        owner_email="ada@example.com",
        created_on=date(2026, 1, 1),
        in_crm=True,
        cleared=("country", "industry"),
    )
    assert found.noticed == {}


def test_what_is_not_told_says_nothing_and_what_is_empty_clears():
    told, untold = account(links={"parent": ()}, Owner=None), account()

    assert told.row.cleared == ("owner_email", "parent_external_id")
    assert untold.row.cleared == ()


@pytest.mark.parametrize(
    ("values", "name"),
    [({"Name": None, "Website": "acme.example"}, "acme.example"), ({"Name": " "}, "1")],
)
def test_an_account_without_a_name_is_called_by_its_domain_or_id(values, name):
    assert account(**values).row.name == name


@pytest.mark.parametrize(
    ("field", "ours", "value", "code"),
    [
        ("Website", "domain", "n/a", "invalid_domain"),
        ("Website", "domain", "see jane@acme.example", "invalid_domain"),
        ("Owner", "owner_email", "Jane Doe", "unknown_owner"),
        ("Created", "created_on", "yesterday", "invalid_date"),
        ("Created", "created_on", "0001-01-01", "date_out_of_range"),
    ],
)
def test_an_account_is_not_lost_for_a_bad_value(field, ours, value, code):
    found = account(**{field: value})

    assert found.row.cleared == (ours,)
    assert found.noticed == {(code, ours): 1}


def test_owners_of_other_addresses_are_members_by_the_mapping():
    mapping = {"owners": {"Ada@CRM.example": "ada@example.com", "005": "bo@example.com"}}

    assert account(mapping, Owner="ada@crm.example").row.owner_email == "ada@example.com"
    assert account(mapping, Owner=" 005 ").row.owner_email == "bo@example.com"


def test_values_are_translated_and_unknown_ones_are_kept_with_a_warning():
    mapping = {"accounts": {"values": {"industry": {"tech": "Technology"}}}}

    assert account(mapping, Industry="TECH").row.industry == "Technology"
    assert account(mapping, Industry="Technology").noticed == {}
    kept = account(mapping, Industry="Mining")
    assert (kept.row.industry, kept.noticed) == ("Mining", {("unknown_value", "industry"): 1})


def test_an_account_is_in_the_crm_unless_a_mapped_field_says_otherwise():
    mapping = {"accounts": {"fields": {"in_crm": "State"}, "values": {"in_crm": {"former": False}}}}

    found = {value: account(mapping, State=value) for value in ("Former", "no", False, None, "?")}

    assert [one.row.in_crm for one in found.values()] == [False, False, False, True, True]
    assert found["?"].noticed == {("invalid_boolean", "in_crm"): 1}


def test_defaults_fill_what_is_empty():
    mapping = {"accounts": {"defaults": {"country": "AT"}}}

    assert account(mapping, Country="").row.country == "AT"
    assert account(mapping, Country="DE").row.country == "DE"


def test_a_closed_deal():
    found = deal(
        links={"account": ("a", "b")},
        Outcome="Won",
        Close="2026-01-31T23:30:00Z",
        Amount=Decimal("1234.567"),
        Currency="eur",
        Probability=1,
    )

    assert found.row == DealRecord(
        line=7,
        external_id="1",
        name="Renewal",
        status="won",
        account_external_id="a",
        closed_on=date(2026, 2, 1),
        amount=Decimal("1234.567"),
        currency="EUR",
        probability=Decimal(1),
    )


def test_the_close_date_of_an_open_deal_is_the_expected_one():
    found, emptied = deal(Close="2026-01-31"), deal(Close=None)

    assert found.row.closed_on is None
    assert found.row.expected_close_on == date(2026, 1, 31)
    assert emptied.row.cleared == ("expected_close_on",)


def test_a_stage_of_the_mapping_wins_over_what_the_crm_says():
    mapping = {"deals": {"stages": {"Paid": {"outcome": "won", "probability": 0.95}}}}

    found = deal(mapping, Stage="paid", Close="2026-01-31", Probability="?")

    assert (found.row.status, found.row.probability) == ("won", Decimal("0.95"))
    assert (found.row.closed_on, found.noticed) == (date(2026, 1, 31), {})


def test_an_unknown_stage_is_what_the_crm_says_else_open_with_a_warning():
    told = deal(Stage="new", Outcome="lost", Close="2026-01-31")
    untold = deal(Stage="new", Outcome=None)

    assert (told.row.status, told.noticed) == ("lost", {})
    assert (untold.row.status, untold.noticed) == ("open", {("unknown_stage", "stage"): 1})


def test_a_deal_of_which_nothing_says_whether_it_is_open_is_refused():
    found = Translated("deals", {"Name": "A"})

    assert found.faults == [("status", "missing_value")]


def test_a_closed_deal_is_refused_for_a_close_date_that_cannot_be_read():
    assert deal(Outcome="won", Close="31.1.2026").faults == [("closed_on", "invalid_date")]
    assert deal(Close="31.1.2026").noticed == {("invalid_date", "expected_close_on"): 1}


@pytest.mark.parametrize(
    ("values", "cleared", "code"),
    [
        ({"Amount": "1.234,50", "Currency": "EUR"}, {"amount"}, "ambiguous_decimal"),
        ({"Amount": "1.234", "Currency": "EUR"}, {"amount"}, "ambiguous_decimal"),
        ({"Amount": -1, "Currency": "EUR"}, {"amount"}, "negative_amount"),
        ({"Amount": Decimal("NaN")}, {"amount"}, "invalid_decimal"),
        ({"Amount": Decimal("1E+999999")}, {"amount"}, "number_too_large"),
        ({"Amount": 5}, {"amount"}, "amount_without_currency"),
        ({"Amount": 5, "Currency": None}, {"amount", "currency"}, "amount_without_currency"),
        ({"Amount": 5, "Currency": "XXY"}, {"amount", "currency"}, "unknown_currency"),
        ({"Probability": 40}, {"probability"}, "probability_out_of_range"),
        ({"Created": "?"}, {"opened_on"}, "invalid_date"),
        (
            {"Outcome": "won", "Created": "2026-02-01", "Close": "2020-01-01"},
            {"opened_on"},
            "opened_after_closed",
        ),
        ({"Outcome": "won", "Close": None}, {"closed_on"}, "won_without_close_date"),
    ],
    ids=str,
)
def test_a_deal_is_kept_without_what_its_stage_does_not_depend_on(values, cleared, code):
    found = deal(**values)

    assert isinstance(found.row, DealRecord)
    assert set(found.row.cleared) == cleared
    assert [one for one, _ in found.noticed] == [code]


def test_an_amount_without_currency_has_that_of_the_mapping():
    found = deal({"deals": {"defaults": {"currency": "CHF"}}}, Amount="10.5", Currency=None)

    assert (found.row.amount, found.row.currency) == (Decimal("10.5"), "CHF")


def test_percents_are_those_of_the_field_that_the_mapping_names():
    mapping = {"deals": {"fields": {"probability": "Chance"}, "probability": "percent"}}

    assert deal(mapping, Chance="40 %").row.probability == Decimal("0.4")
    assert deal(mapping, Chance=Decimal("12.5")).row.probability == Decimal("0.125")
    own = deal({"deals": {"probability": "percent"}}, Probability=Decimal("0.4"))
    assert own.row.probability == Decimal("0.4")


def test_a_contact_has_all_of_its_accounts_in_one_order():
    found = contact(links={"accounts": ("b", "a", "b")}, Email="ada@example.com", Phone="none")

    assert found.row == ContactRecord(
        line=7,
        external_id="1",
        last_name="Brandt",
        email="ada@example.com",
        account_external_ids=("a", "b"),
        cleared=("phone",),
    )
    assert found.noticed == {("invalid_phone", "phone"): 1}
    assert contact(links={"account": ()}).row.account_external_ids == ()
    assert contact().row.account_external_ids is None


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"Last": None, "Title": "Buyer"}, ("last_name", "missing_value")),
        ({"Last": "x" * 301}, ("last_name", "too_long")),
        ({"Email": "ada at example"}, ("email", "invalid_email")),
    ],
)
def test_a_contact_of_whom_it_is_not_clear_who_it_is_is_refused(values, fault):
    assert contact(**values).faults == [fault]


def test_an_activity():
    found = activity(
        links={"account": ("a",), "deal": (), "contacts": ("2", "1")},
        Subject="Offer\r\nsent",
        Answered=None,
        Body="never asked for",
    )

    assert found.row == ActivityRecord(
        line=7,
        external_id="1",
        kind="call",
        occurred_at=datetime(2026, 1, 5, 10, tzinfo=UTC),
        two_way=False,
        subject="Offer sent",
        account_external_id="a",
        contact_external_ids=("1", "2"),
        cleared=("deal_external_id",),
    )


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"At": None}, ("occurred_at", "missing_value")),
        ({"At": "soon"}, ("occurred_at", "invalid_instant")),
        ({"At": "9999-12-31T23:59:59Z"}, ("occurred_at", "date_out_of_range")),
        ({"Kind": "fax"}, ("kind", "unknown_kind")),
        ({"Kind": None}, ("kind", "missing_value")),
    ],
)
def test_an_activity_of_which_it_is_not_clear_what_was_when_is_refused(values, fault):
    assert activity(**values).faults == [fault]


def test_kinds_are_translated_and_a_note_is_never_two_way():
    mapping = {"activities": {"values": {"kind": {"MEMO": "note", "VIDEO": "meeting"}}}}

    assert activity(mapping, Kind="memo", Answered=True).row.two_way is False
    assert activity(mapping, Kind="video", Answered=None).row.two_way is True


def test_a_text_is_what_is_to_be_read_and_is_cut_at_the_limit():
    mapping = {"activities": {"bodies": True}}
    html = "<style>p{}</style><p>Dear&nbsp;<b>Ada</b>,</p><div>yes &lt;3<br>Bo</div>"

    assert activity(mapping, Body=html).row.text == "Dear Ada,\nyes <3\nBo"
    assert activity(mapping, Body="a < b\r\n<jane@x.example>").row.text == "a < b\n<jane@x.example>"
    long = activity(mapping, Body="x" * (LONGEST_TEXT + 1))
    assert (len(long.row.text), long.noticed) == (LONGEST_TEXT, {("text_cut", "text"): 1})


@pytest.mark.parametrize("part", ["<a ", "<!--", "<a b='", "<![x[", "</", "&", "<p", "<script>"])
def test_a_hostile_text_takes_no_time(part):
    mapping = {"activities": {"bodies": True}}

    assert isinstance(activity(mapping, Body="<p>" + part * 50_000).row, ActivityRecord)


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        (("text",), 7, "7"),
        (("number",), "12.5", 12.5),
        (("number",), Decimal("3"), 3),
        (("money",), "12.50", {"amount": "12.50", "currency": "EUR"}),
        (("date",), "2026-01-31T23:30:00Z", "2026-02-01"),
        (("boolean",), "false", False),
        (("picklist", "gold"), "gold", "gold"),
        (("multi_select", "a", "b"), "b; a;", ["b", "a"]),
        (("text",), " ", None),
    ],
    ids=str,
)
def test_a_custom_value_is_what_its_field_takes(type_, value, expected):
    found = custom(value, "extra", custom_fields(extra=type_), Currency="EUR")

    assert found == (expected, [])


@pytest.mark.parametrize(
    ("type_", "value", "code"),
    [
        (("number",), "many", "invalid_decimal"),
        (("money",), 5, "amount_without_currency"),
        (("picklist", "gold"), "tin", "invalid_custom_value"),
        (("date",), "soon", "invalid_date"),
        (("text",), "x" * 2_001, "too_long"),
    ],
    ids=str,
)
def test_a_custom_value_that_does_not_fit_is_left_out(type_, value, code):
    assert custom(value, "extra", custom_fields(extra=type_)) == (None, [code])


def test_custom_values_are_translated_one_by_one():
    fields = custom_fields(extra=("multi_select", "gold", "silver"))
    mapping = {"values": {"custom.extra": {"A": "gold", "B": "silver"}}}

    assert custom("a;B", "extra", fields, mapping) == (["gold", "silver"], [])


def test_without_the_custom_fields_values_go_by_the_types_of_the_crm():
    for value, expected in [("x", "x"), (True, True), (Decimal("1.5"), 1.5), (None, None)]:
        assert custom(value, "extra", None) == (expected, [])


def test_a_custom_field_that_is_not_there_is_noticed():
    found = Translated(
        "deals",
        {"Name": "A", "Outcome": "open"},
        {"deals": {"custom": {"gone": "X"}}},
        custom={},
    )

    assert (found.row.custom, found.noticed) == (None, {("unknown_custom_field", "custom.gone"): 1})


def test_what_is_gone_and_what_was_merged_say_what_stands_for_them():
    translator = Translator(read_mapping(None), FIELDS, "UTC")
    gone = CrmRecord(external_id="1", is_gone=True, merged_into="2")
    winner = CrmRecord(external_id="2", values={"Name": "A"}, merged=("1", "0", "2"))

    assert translator.rows("accounts", gone, 4) == [
        GoneRecord(line=4, external_id="1", merged_into="2")
    ]
    assert translator.rows("accounts", winner, 5) == [
        AccountRecord(line=5, external_id="2", name="A", in_crm=True),
        GoneRecord(line=6, external_id="1", merged_into="2"),
        GoneRecord(line=7, external_id="0", merged_into="2"),
    ]


@pytest.mark.parametrize("external_id", ["", " ", None, "x" * 1_001, True])
def test_a_record_without_an_id_is_refused(external_id):
    translator = Translator(read_mapping(None), FIELDS, "UTC")

    (row,) = translator.rows("deals", CrmRecord(external_id=external_id, merged=("1",)), 3)

    assert isinstance(row, RefusedRecord)
    assert (row.external_id, row.faults[0].code) == (None, "missing_value")


def test_warnings_of_pages_add_up():
    stage, created, opened = (
        Notice(code, field)
        for code, field in [
            ("unknown_stage", "stage"),
            ("invalid_date", "created_on"),
            ("invalid_date", "opened_on"),
        ]
    )
    first, second = Counter({stage: 2, created: 1}), Counter({opened: 3})

    found = warned(second, warned(first))

    assert [(one.code, one.count, one.columns) for one in found] == [
        ("invalid_date", 4, ("created_on", "opened_on")),
        ("unknown_stage", 2, ("stage",)),
    ]


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.text(st.characters()),
    st.sampled_from(["2026-01-05", "won", "call", "a@b.example", "1.5", "<p>", "note", 10**300]),
)
KINDS = {"accounts": AccountRecord, "deals": DealRecord} | {
    "contacts": ContactRecord,
    "activities": ActivityRecord,
}
THEIRS = {f"c{number}": f"C{number}" for number in range(6)}
FULL: dict[str, Any] = {records: {"custom": THEIRS} for records in RECORDS}
FULL["activities"] = {"custom": THEIRS, "bodies": True}
TYPES = ("text",), ("number",), ("money",), ("date",), ("boolean",), ("multi_select", "won", "1.5")
CUSTOM = custom_fields(**{f"c{number}": type_ for number, type_ in enumerate(TYPES)})["deals"]


@given(data=st.data(), records=st.sampled_from(RECORDS), typed=st.booleans())
def test_whatever_a_crm_gives_becomes_a_row_that_can_be_kept(data, records, typed):
    names = [*FIELDS[records].values(), *THEIRS.values()]
    values = data.draw(st.dictionaries(st.sampled_from(names), SCALARS))
    ids = st.lists(SCALARS, max_size=2).map(tuple)
    record = CrmRecord(
        external_id=data.draw(st.one_of(st.just("1"), SCALARS)),
        values=values,
        links=data.draw(st.dictionaries(st.sampled_from(["account", "parent", "contacts"]), ids)),
        merged=data.draw(ids),
    )
    of_kind = dict.fromkeys(RECORDS, CUSTOM) if typed else None
    translator = Translator(read_mapping(FULL), FIELDS, "Europe/Vienna", of_kind)

    rows = translator.rows(records, record, 1)

    assert isinstance(rows[0], KINDS[records] | RefusedRecord)
    assert [row.line for row in rows] == list(range(1, len(rows) + 1))
    for row in rows:
        text = row.to_json()
        assert text.encode()
        assert type(row).from_json(text) == row
