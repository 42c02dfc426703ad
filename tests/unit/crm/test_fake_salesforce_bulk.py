"""The fake of Salesforce behaves as the vendor's pages say: query jobs of Bulk API 2.0."""

import csv
import gzip
from collections.abc import Iterator

import pytest

from tests.crm.salesforce import Options, Salesforce
from tests.unit.crm.salesforce_client import Answer, Client


@pytest.fixture
def crm() -> Iterator[Salesforce]:
    with Salesforce() as crm:
        yield crm


@pytest.fixture
def client(crm: Salesforce) -> Client:
    return Client(crm).sign_in()


def job(client: Client, text: str, **more: str) -> Answer:
    return client.post("jobs/query", {"operation": "query", "query": text, **more})


def finished(client: Client, text: str, **more: str) -> str:
    key = str(job(client, text, **more).json["id"])
    states = [client.get(f"jobs/query/{key}").json["state"] for _ in range(2)]
    assert states == ["InProgress", "JobComplete"]
    return f"jobs/query/{key}/results"


def lines(answer: Answer) -> list[list[str]]:
    return list(csv.reader(answer.raw.decode().splitlines()))


def test_a_job_is_created_polled_and_read_in_sets(crm, client):
    for number in range(5):
        crm.add("Account", {"Name": f'"{number}", and', "AnnualRevenue": number})
    created = job(client, "SELECT Name, Owner.Name, AnnualRevenue FROM Account ORDER BY Name")
    assert created.json["state"] == "UploadComplete" and created.json["id"].startswith("750")
    results = finished(
        client, "SELECT name, Owner.Name, AnnualRevenue, IsDeleted FROM Account ORDER BY Name"
    )
    first = client.get(results, maxRecords="2")
    assert lines(first) == [
        ["Name", "Owner.Name", "AnnualRevenue", "IsDeleted"],
        ['"0", and', "Integration", "0.0", "false"],
        ['"1", and', "Integration", "1.0", "false"],
    ]
    assert first.headers["sforce-numberofrecords"] == "2"
    second = client.get(results, maxRecords="2", locator=first.headers["sforce-locator"])
    third = client.get(results, maxRecords="2", locator=second.headers["sforce-locator"])
    assert [lines(page)[1][0][:3] for page in (second, third)] == ['"2"', '"4"']
    assert third.headers["sforce-locator"] == "null"
    again = client.get(results, maxRecords="2", locator=first.headers["sforce-locator"])
    assert again.raw == second.raw


def test_results_are_compressed_if_asked_for_and_instants_end_in_z(crm, client):
    crm.add("Account", {"Name": "Acme"})
    results = finished(client, "SELECT CreatedDate, Website FROM Account", lineEnding="CRLF")
    answer = client.get(results, {"Accept-Encoding": "gzip"})
    text = gzip.decompress(answer.raw).decode()
    assert text == '"CreatedDate","Website"\r\n"2026-03-02T12:00:00.000Z",""\r\n'


def test_an_empty_result_has_a_header(client):
    answer = client.get(finished(client, "SELECT Id FROM Account"))
    assert (answer.raw, answer.headers["sforce-numberofrecords"]) == (b'"Id"\n', "0")


def test_query_all_finds_what_is_deleted(crm, client):
    crm.delete(crm.add("Account", {"Name": "Acme"}))
    body = {"operation": "queryAll", "query": "SELECT Name FROM Account"}
    key = client.post("jobs/query", body).json["id"]
    for _ in range(2):
        client.get(f"jobs/query/{key}")
    assert lines(client.get(f"jobs/query/{key}/results")) == [["Name"], ["Acme"]]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT COUNT() FROM Account", "API_ERROR"),
        ("SELECT BillingAddress FROM Account", "API_ERROR"),
        ("SELECT Nothing FROM Account", "API_ERROR"),
    ],
)
def test_what_a_job_is_refused_for(client, text, code):
    assert job(client, text).error == (400, code)


def test_results_wait_for_the_job_and_for_its_version(client):
    key = job(client, "SELECT Id FROM Account").json["id"]
    assert client.get(f"jobs/query/{key}/results").error == (412, "JOB_NOT_COMPLETE")
    results = finished(client, "SELECT Id FROM Account")
    other = client.send("GET", f"/services/data/v61.0/{results}")
    assert other.status == 409


def test_jobs_fail_are_aborted_and_are_gone_after_a_week(crm, client):
    crm.fail_bulk_jobs("InternalServerError : Retried more than fifteen times")
    key = job(client, "SELECT Id FROM Account").json["id"]
    failed = client.get(f"jobs/query/{key}").json
    assert failed["state"] == "Failed" and failed["errorMessage"].startswith("Internal")
    crm.fail_bulk_jobs(None)
    key = job(client, "SELECT Id FROM Account").json["id"]
    aborted = client.patch(f"jobs/query/{key}", {"state": "Aborted"})
    assert aborted.json["state"] == "Aborted"
    assert client.delete(f"jobs/query/{key}").status == 204
    results = finished(client, "SELECT Id FROM Account")
    crm.clock.advance(days=7)
    client.sign_in()
    assert client.get(results).error == (404, "NOT_FOUND")


def test_only_the_first_set_may_have_a_header():
    with Salesforce(Options(bulk_header_on_each_page=False, bulk_page=1, bulk_polls=1)) as crm:
        for name in ("Acme", "Bolt"):
            crm.add("Account", {"Name": name})
        client = Client(crm).sign_in()
        results = finished(client, "SELECT Name FROM Account ORDER BY Name")
        first = client.get(results)
        second = client.get(results, locator=first.headers["sforce-locator"])
        assert [lines(first), lines(second)] == [[["Name"], ["Acme"]], [["Bolt"]]]
