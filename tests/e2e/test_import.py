"""Files of all kinds, imported as a person would: what is in, refused, or left alone."""

import codecs
from datetime import date
from decimal import Decimal

import pytest

from tests.e2e.company import ACCOUNT_COLUMNS, DEAL_COLUMNS, company, write_csv
from tests.e2e.world import caller, eventually, imported, pages, stage_of, whole_table


@pytest.fixture(scope="module")
def client(stack):
    return caller(stack)


@pytest.fixture
def load(client, tmp_path):
    """Import text or bytes as a file of the given records."""

    def run(records, content, **options):
        path = tmp_path / f"{records}.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return imported(client, records, path, **options)

    return run


def found(client, external_id):
    """Return the list row of the account that files call so."""
    return next(pages(client, "/v1/accounts", external_id=external_id), None)


EXPORT = (
    "Firma;Konzern;Branche\r\n"
    "Export Holding;;Maschinen\r\n"
    "Export Tochter;Export Holding;Maschinen\r\n"
)
EXPORTED_DEALS = (
    "Nr;Produkt;Firma;Stand;Beginn;Ende;Summe\r\n"
    "X1;Pumpe;Export Tochter;Gewonnen;20.10.2016;01.03.2017;1.054,50\r\n"
    "X2;Ventil;Export Holding;Engaging;21.10.2016;;\r\n"
    "X3;Ventil;;Prospecting;;;\r\n"
)
MAPPING = {
    "accounts": {
        "columns": {
            "external_id": "Firma",
            "name": "Firma",
            "parent_external_id": "Konzern",
            "industry": "Branche",
        }
    },
    "deals": {
        "columns": {
            "external_id": "Nr",
            "name": "Produkt",
            "account_external_id": "Firma",
            "status": "Stand",
            "opened_on": "Beginn",
            "closed_on": "Ende",
            "amount": "Summe",
        },
        "values": {"status": {"Gewonnen": "won", "Engaging": "open", "Prospecting": "open"}},
        "defaults": {"currency": "USD"},
        "date_format": "DD.MM.YYYY",
        "decimal": ",",
    },
}


def test_export_of_another_make_by_a_mapping(client, load):
    jobs = [
        load("accounts", EXPORT, mapping=MAPPING),
        load("deals", EXPORTED_DEALS, mapping=MAPPING),
    ]

    assert [job["status"] for job in jobs] == ["completed", "completed"], jobs
    holding, child = found(client, "Export Holding"), found(client, "Export Tochter")
    assert child["parent_id"] == holding["id"]
    # The group's deals are pooled: won by the one, open at the other (S0.6, S0.12).
    assert holding["stage"] == child["stage"] == "client_pipeline"
    assert stage_of(client, child["id"], as_of="2017-02-28")["stage"] == "pipeline"
    assert stage_of(client, child["id"], as_of="2017-03-01")["stage"] == "client_pipeline"
    deals = list(pages(client, f"/v1/accounts/{child['id']}/deals"))
    amounts = [(Decimal(deal["amount"]["amount"]), deal["amount"]["currency"]) for deal in deals]
    assert amounts == [(Decimal("1054.50"), "USD")]
    unassigned = {deal["external_id"] for deal in pages(client, "/v1/deals/unassigned")}
    assert "X3" in unassigned


def test_same_file_twice_writes_nothing(stack, client, tmp_path):
    accounts, deals = company(23, _day(client), size=30)
    files = {
        "accounts": write_csv(tmp_path / "accounts.csv", ACCOUNT_COLUMNS, accounts),
        "deals": write_csv(tmp_path / "deals.csv", DEAL_COLUMNS, deals),
    }
    for records, path in files.items():
        assert imported(client, records, path)["status"] == "completed"
    # The stream runs every step again; when it has found nothing to do, the table stands still.
    before = eventually(lambda: records_of(stack), lambda now: now == records_of(stack), 10)

    again = [imported(client, records, path) for records, path in files.items()]

    assert [job["counts"]["unchanged"] for job in again] == [30, 60]
    assert [job["counts"]["created"] + job["counts"]["changed"] for job in again] == [0, 0]
    assert records_of(stack) == before


def test_dry_run_says_what_would_happen_and_writes_nothing(stack, client, load):
    load("accounts", "external_id,name\nDRY1,Dry One\n")
    before = eventually(lambda: records_of(stack), lambda now: now == records_of(stack), 10)

    job = load("accounts", "external_id,name\nDRY1,Dry Won\nDRY2,Dry Two\n", dry_run=True)

    assert (job["counts"]["created"], job["counts"]["changed"]) == (1, 1)
    assert records_of(stack) == before
    assert found(client, "DRY2") is None


@pytest.mark.parametrize(
    "encode",
    [
        pytest.param(lambda text: text.encode(), id="UTF-8"),
        pytest.param(lambda text: codecs.BOM_UTF8 + text.encode(), id="UTF-8 with BOM"),
        pytest.param(lambda text: text.encode("utf-16"), id="UTF-16"),
        pytest.param(lambda text: text.replace(",", ";").encode(), id="semicolons"),
        pytest.param(lambda text: text.replace(",", "\t").encode(), id="tabs"),
    ],
)
def test_kinds_of_text_are_read(client, load, encode):
    job = load("accounts", encode("external_id,name\r\nENC1,Größe Ärger Œuvre\r\n"))

    assert job["status"] == "completed", job
    assert found(client, "ENC1")["name"] == "Größe Ärger Œuvre"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param("external_id,name\nA,B\xfcro\n".encode("latin-1"), "encoding", id="Latin-1"),
        pytest.param(b"name,domain\nA,b.example.com\n", "missing_column", id="no external_id"),
        pytest.param(b"", "empty_file", id="empty"),
        pytest.param(b"PK\x03\x04\x14\x00\x06\x00" + bytes(range(256)), "not_csv", id="a workbook"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "not_csv", id="a picture"),
    ],
)
def test_file_that_cannot_be_read_is_refused(load, content, code):
    job = load("accounts", content)

    assert (job["status"], job["refusal"]["code"]) == ("refused", code)


@pytest.mark.parametrize(
    "mapping",
    [
        {"accounts": {"columns": {"externalid": "Id"}}},
        {"accounts": {"colums": {}}},
        {"deals": {"values": {"status": {"Won": "victory"}}}},
    ],
    ids=["unknown column", "unknown key", "unknown value"],
)
def test_invalid_mapping_refuses_the_job(load, mapping):
    job = load("accounts", "external_id,name\nM1,Mapped\n", mapping=mapping)

    assert (job["status"], job["refusal"]["code"]) == ("refused", "mapping_invalid")


def test_refused_rows_have_line_column_and_reason_and_the_others_are_in(client, load):
    job = load(
        "deals",
        "external_id,name,status,opened_on,closed_on,amount,currency,probability\n"
        "B1,good,open,2024-01-01,,,,\n"
        "B2,too many cells,open,,,,,,,\n"
        "B3,broken date,open,2024-02-30,,,,\n"
        'B4,"spans\ntwo lines",open,2024-02-30,,,,\n'
        'B5,ambiguous,open,,,"1,234",EUR,\n'
        "B1,twice,open,,,,,\n"
        "B6,closed early,won,2024-05-05,2024-05-04,,,\n"
        "B7,no currency,open,,,10.00,,\n"
        "B8,odd currency,open,,,10.00,EURO,\n"
        "B9,negative,open,,,-1,EUR,\n"
        "B10,unlikely,open,,,,,1.2\n"
        "B11,no such status,maybe,,,,,\n"
        "B12,won some day,won,,,,,\n",
    )

    assert job["status"] == "completed_with_errors"
    told = {(one["line"], one["column"], one["code"]) for one in job["problem_list"]}
    assert {(line, column) for line, column, _ in told} == {
        (3, None),
        (4, "opened_on"),
        (5, "opened_on"),
        (7, "amount"),
        (8, "external_id"),
        (9, "closed_on"),
        (10, "currency"),
        (11, "currency"),
        (12, "amount"),
        (13, "probability"),
        (14, "status"),
    }
    codes = {line: code for line, _, code in told}
    assert codes[3] == "too_many_cells"
    assert codes[7] == "ambiguous_decimal"
    assert codes[8] == "duplicate_external_id"
    assert (job["counts"]["read"], job["counts"]["refused"]) == (13, 11)
    assert all("spans" not in one["message"] for one in job["problem_list"])
    names = {deal["name"] for deal in pages(client, "/v1/deals/unassigned", limit=200)}
    # A close date may be missing in a file; the first of two rows stands.
    assert {"good", "won some day"} <= names
    assert "twice" not in names


def test_circles_and_unknown_parents_are_told_and_the_accounts_are_in(client, load):
    job = load(
        "accounts",
        "external_id,name,parent_external_id,colour\n"
        "C1,Circle One,C2,red\nC2,Circle Two,C3,\nC3,Circle Three,C1,\n"
        "C4,Orphan,NOWHERE,\nC5,Selfish,C5,\nC6,Sound Child,C7,\nC7,Sound Parent,,\n",
    )

    assert job["status"] == "completed_with_errors"
    codes = {one["line"]: one["code"] for one in job["problem_list"]}
    assert codes[5] == "parent_unknown"
    assert {codes[line] for line in (2, 3, 4, 6)} == {"group_cycle"}
    assert all(one["chain"] for one in job["problem_list"] if one["code"] == "group_cycle")
    assert any("colour" in warning["columns"] for warning in job["warnings"])
    rows = {number: found(client, f"C{number}") for number in range(1, 8)}
    assert all(rows.values())
    assert rows[6]["parent_id"] == rows[7]["id"]
    assert rows[4]["parent_id"] is None

    # A later file brings the parent.
    assert load("accounts", "external_id,name\nNOWHERE,Found At Last\n")["status"] == "completed"
    assert found(client, "C4")["parent_id"] == found(client, "NOWHERE")["id"]


def test_huge_cell_is_refused_and_the_rest_is_in(client, load):
    huge = b"x" * 30_000_000
    job = load("accounts", b"external_id,name\nH1,Before\nH2," + huge + b"\nH3,After\n")

    assert job["status"] == "completed_with_errors"
    assert [(one["line"], one["code"]) for one in job["problem_list"]] == [(3, "cell_too_large")]
    assert found(client, "H1") and found(client, "H3")


def test_deals_wait_for_their_account(client, load):
    load(
        "deals",
        "external_id,account_external_id,name,status,opened_on\nW1,WA,early,open,2024-01-01\n",
    )
    waiting = {deal["external_id"] for deal in pages(client, "/v1/deals/unassigned", limit=200)}
    assert "W1" in waiting

    load("accounts", "external_id,name\nWA,Awaited\n")

    assert found(client, "WA")["stage"] == "pipeline"
    waiting = {deal["external_id"] for deal in pages(client, "/v1/deals/unassigned", limit=200)}
    assert "W1" not in waiting


def records_of(stack):
    """Everything in the table but what each run leaves behind: jobs, ticks, when it was counted."""
    return {
        key: item
        for key, item in whole_table(stack).items()
        if not any(kind in key[0] for kind in ("#J#", "#N#"))
        and not key[1].startswith(("TICK", "IMPORTED#"))
    }


def _day(client):
    account = client.post("/v1/accounts", {"name": "Whichday Ltd"})
    return date.fromisoformat(stage_of(client, account["id"])["as_of"])
