"""What a file is refused for, as a whole or row by row; and that nothing of it is quoted."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest

from stageline.domain.jobs import Problem
from tests.unit.sync_crm.reading import deal, read

HEAD = "external_id,name,status\n"


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", HEAD)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        pytest.param(b"", "empty_file", None, id="no bytes"),
        pytest.param(b"\xef\xbb\xbf\r\n\r\n", "empty_file", None, id="empty lines only"),
        pytest.param(f"{HEAD}1,Größe,open\n".encode("latin-1"), "encoding", 2, id="Latin-1"),
        pytest.param(f"{HEAD}1,A,open\n".encode("utf-16-le"), "encoding", None, id="no mark"),
        pytest.param(f"{HEAD}1,A,open\n".encode("utf-32"), "encoding", None, id="UTF-32"),
        pytest.param(f"{HEAD}1,A,open\n".encode("utf-16")[:-1], "encoding", 2, id="cut UTF-16"),
        pytest.param(zipped(), "not_csv", None, id="spreadsheet or zip"),
        pytest.param(b"\x1f\x8b\x08\x00abc", "not_csv", None, id="gzip"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not_csv", None, id="picture"),
        pytest.param(b"<!DOCTYPE html><html>", "not_csv", None, id="web page"),
        pytest.param(b'[{"external_id": 1}]', "not_csv", None, id="JSON"),
        pytest.param(b'"external_id,name\n', "not_csv", 1, id="heading without end"),
        pytest.param(b"external_id,name\n1,A\n", "missing_column", 1, id="no status"),
        pytest.param(b"1,A,open\n2,B,open\n", "missing_column", 1, id="no heading"),
        pytest.param(b"external_id,name,status,name\n", "duplicate_column", 1, id="twice"),
        pytest.param(
            HEAD.strip().encode() + b",x" * 1_000 + b"\n",
            "too_many_columns",
            1,
            id="too many columns",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(content, code, line):
    found = read(content)

    assert found.refusal is not None
    assert (found.refusal.code, found.refusal.line) == (code, line)


@pytest.mark.parametrize(
    ("mapping", "place"),
    [
        ({"deals": {"columns": {"nmae": "Title"}}}, "deals.columns.nmae"),
        ({"deals": {"values": {"status": {"Closed": "shut"}}}}, "deals.values.status.Closed"),
        ({"deals": {"values": {"owner_email": {"Ann": "a@example.com"}}}}, "owner_email"),
        ({"deals": {"defaults": {"currency": "EURO"}}}, "deals.defaults.currency"),
        ({"deals": {"defaults": {"currency": "XQQ"}}}, "ISO 4217"),
        ({"deals": {"date_format": "DD.MM.YY"}}, "date format"),
        ({"deals": {"date_formats": ["MM/DD"]}}, "date format"),
        ({"deals": {"delimiter": "|"}}, "deals.delimiter"),
        ({"accounts": {"columns": {"name": 5}}}, "accounts.columns.name"),
        ({"deal": {}}, "deal"),
        (["accounts"], "the mapping"),
    ],
    ids=str,
)
def test_an_invalid_mapping_names_the_place(mapping, place):
    found = read(f"{HEAD}1,A,open\n", mapping=mapping)

    assert found.refusal is not None
    assert found.refusal.code == "mapping_invalid"
    assert place in found.refusal.message


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"external_id": " "}, "external_id", "missing_value"),
        ({"name": ""}, "name", "missing_value"),
        ({"status": ""}, "status", "missing_value"),
        ({"status": "maybe"}, "status", "unknown_status"),
        ({"opened_on": "2024-02-30"}, "opened_on", "invalid_date"),
        ({"opened_on": "1.2.2024"}, "opened_on", "invalid_date"),
        ({"opened_on": "20240201"}, "opened_on", "invalid_date"),
        ({"opened_on": "0001-01-01"}, "opened_on", "date_out_of_range"),
        ({"amount": "1,234", "currency": "EUR"}, "amount", "ambiguous_decimal"),
        ({"amount": "1.234", "currency": "EUR"}, "amount", "ambiguous_decimal"),
        ({"amount": "1.234,50", "currency": "EUR"}, "amount", "ambiguous_decimal"),
        ({"amount": "1 234", "currency": "EUR"}, "amount", "ambiguous_decimal"),
        ({"amount": "12 €", "currency": "EUR"}, "amount", "invalid_decimal"),
        ({"amount": "NaN", "currency": "EUR"}, "amount", "invalid_decimal"),
        ({"amount": "1e3", "currency": "EUR"}, "amount", "invalid_decimal"),
        ({"amount": "9" * 19, "currency": "EUR"}, "amount", "number_too_large"),
        ({"amount": "-1", "currency": "EUR"}, "amount", "negative_amount"),
        ({"amount": "1"}, "currency", "amount_without_currency"),
        ({"amount": "1", "currency": "XQQ"}, "currency", "unknown_currency"),
        ({"probability": "1.2"}, "probability", "probability_out_of_range"),
        ({"owner_email": "Ann Example"}, "owner_email", "invalid_email"),
        ({"name": "x" * 1001}, "name", "too_long"),
        (
            {"status": "won", "opened_on": "2024-02-01", "closed_on": "2024-01-31"},
            "closed_on",
            "closed_before_opened",
        ),
    ],
    ids=str,
)
def test_a_row_is_refused_with_line_column_and_code(cells, column, code):
    found = deal(**cells)

    assert found.faults == [(2, column, code)]
    assert found.records == []


def test_every_fault_of_a_row_is_told():
    found = deal(status="maybe", opened_on="soon", probability="high")

    assert [code for _, _, code in found.faults] == [
        "unknown_status",
        "invalid_date",
        "invalid_decimal",
    ]


def test_too_many_and_too_few_cells_and_duplicates_are_refused_and_the_rest_is_in():
    found = read(f"{HEAD}1,A,open\n2,B,open,x\n3,C\n1,D,open\n\n4,E,open\n")

    assert found.faults == [
        (3, None, "too_many_cells"),
        (4, None, "too_few_cells"),
        (5, "external_id", "duplicate_external_id"),
    ]
    assert "line 2" in found.problems[-1].message
    assert [(record.line, record.external_id) for record in found.records] == [(2, "1"), (7, "4")]


def test_a_refused_row_does_not_take_its_external_id():
    found = read(f"{HEAD}1,A,maybe\n1,B,open\n")

    assert [record.name for record in found.records] == ["B"]


@pytest.mark.parametrize("status", ["won", "lost"])
def test_a_close_date_may_be_missing_and_is_counted(status):
    found = deal(status=status)

    assert found.problems == []
    assert found.warnings[f"{status}_without_close_date"].count == 1


def test_the_close_date_of_an_open_deal_is_its_expected_one():
    found = deal(closed_on="2027-01-01")

    assert found.records[0].said("closed_on", "expected_close_on") == {
        "expected_close_on": date(2027, 1, 1)
    }
    assert found.warnings["open_with_close_date"].count == 1


def test_unknown_columns_are_told_and_ignored_ones_are_not():
    content = "external_id,name,status,Colour,Size,\n1,A,open,red,9,\n"

    found = read(content, mapping={"deals": {"ignore": ["size"]}})

    assert found.warnings["unknown_columns"].columns == ("Colour", "column 6")
    assert len(found.records) == 1


def test_messages_quote_nothing_of_the_file():
    secret = "Secretive"
    cells = dict.fromkeys(
        ("opened_on", "amount", "currency", "probability", "owner_email", "status"), secret
    )

    found = deal(**cells)

    assert found.problems
    assert not any(secret.lower() in str(problem).lower() for problem in found.problems)
    assert all(isinstance(problem, Problem) for problem in found.problems)


@pytest.mark.parametrize(
    ("cell", "sign", "expected"),
    [
        ("1234.5", None, "1234.5"),
        ("0.125", None, "0.125"),
        ("1234.567", None, "1234.567"),
        ("1,234.50", ".", "1234.50"),
        ("1.234", ".", "1.234"),
        ("1.234,50", ",", "1234.50"),
        ("1234,5", ",", "1234.5"),
        ("1\u00a0234\u00a0567,8", ",", "1234567.8"),
        ("1'234.50", ".", "1234.50"),
    ],
)
def test_decimals_are_read_with_the_declared_sign(cell, sign, expected):
    found = deal({"deals": {"decimal": sign}}, amount=cell, currency="EUR")

    assert found.problems == []
    assert found.records[0].said("amount") == {"amount": Decimal(expected)}


@pytest.mark.parametrize("cell", ["1,23.4", "12,34", "1.2.3"])
def test_numbers_grouped_wrongly_are_refused(cell):
    found = deal({"deals": {"decimal": "."}}, amount=cell, currency="EUR")

    assert [code for _, _, code in found.faults] == ["invalid_decimal"]


@pytest.mark.parametrize(
    ("form", "cell"),
    [
        ("DD.MM.YYYY", "03.02.2024"),
        ("D", None),
        ("MM/DD/YYYY", "2/3/2024"),
        ("%d-%b-%Y", "03-Feb-2024"),
        ("DD MMM YYYY", "3 FEB 2024"),
        ("YYYY-MM-DD HH:mm:SS", "2024-02-03 10:00:00"),
    ],
)
def test_dates_are_read_by_the_formats_of_the_mapping(form, cell):
    found = deal({"deals": {"date_format": form}}, opened_on=cell or "x")

    if cell is None:
        assert found.refusal is not None
    else:
        assert found.records[0].said("opened_on") == {"opened_on": date(2024, 2, 3)}


def test_an_instant_is_the_day_it_falls_on_in_the_zone_of_the_workspace():
    found = deal(zone="Asia/Tokyo", opened_on="2024-02-03T20:00:00Z")

    assert found.records[0].said("opened_on") == {"opened_on": date(2024, 2, 4)}


@pytest.mark.parametrize("cell", ["TRUE", "yes", "1"])
def test_yes_and_no_in_any_case(cell):
    found = read(f"external_id,name,in_crm\n1,A,{cell}\n2,B,no\n3,C,\n4,D,ja\n", "accounts")

    assert [record.said("in_crm") for record in found.records] == [
        {"in_crm": True},
        {"in_crm": False},
        {},
    ]
    assert found.faults == [(5, "in_crm", "invalid_boolean")]


def test_a_file_may_declare_its_delimiter():
    found = read("sep=;\r\nexternal_id;name;status\r\n1;A,B;open\r\n")

    assert [(record.line, record.name) for record in found.records] == [(3, "A,B")]
