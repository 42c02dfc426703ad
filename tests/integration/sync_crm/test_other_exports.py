"""An export that is not ours goes in by a mapping; nobody is named in what is logged or sent."""

import json
from pathlib import Path

import boto3
import yaml

from stageline import bootstrap
from stageline.use_cases.imports import list_imports
from sync_crm import work_page
from tests.integration.sync_crm.machine import BUCKET, CONTEXT, EVENTS

EXPORT = Path(__file__).parents[2] / "fixtures/other_export"


def test_another_export_goes_in_by_a_mapping(machine):
    mapping = yaml.safe_load((EXPORT / "mapping.yaml").read_text("utf-8"))

    accounts = machine.run("accounts", (EXPORT / "accounts.csv").read_bytes(), mapping)
    deals = machine.run("deals", (EXPORT / "sales_pipeline.csv").read_bytes(), mapping)

    assert [job.status for job in (accounts, deals)] == ["completed", "completed"]
    assert [job.warnings for job in (accounts, deals)] == [(), ()]
    assert machine.stages() == {
        "Nordwind Group": "client_pipeline",
        "Lindenhof Mills": "client_pipeline",
        "Pico Lamps": "recently_lost",
        "Quarry & Sons": "pipeline",
    }


def test_people_are_named_in_records_and_pages_only(machine, caplog):
    job = machine.ask("accounts")
    text = (
        "external_id,name,owner_email,parent_external_id,created_on\n"
        "Marked-1,Marked Person,marked@example.com,,\n"
        "Marked-2,Marked Person,marked,,\n"
        "Marked-3,Marked Person,marked@example.com,Marked-4,\n"
        "Marked-3,Marked Person,marked@example.com,,Marked\n"
    )
    sent: list[dict[str, str]] = []
    machine.sent = sent.append

    machine.run("accounts", text, job=job)

    assert "file read" in caplog.messages
    assert not any("marked" in str(vars(record)).lower() for record in caplog.records)
    assert sent
    assert "marked" not in json.dumps(sent).lower()
    assert len(machine.problems(job)) == 3
    assert not any("marked" in str(problem).lower() for problem in machine.problems(job))
    for page in bootstrap.table().client.get_paginator("scan").paginate(TableName="stageline-test"):
        for item in page["Items"]:
            assert "#J#" not in item["PK"]["S"] or "marked" not in str(item).lower()


def test_pages_are_deleted_when_they_are_stored(machine):
    machine.run("accounts", "external_id,name\na,A\n")

    left = boto3.client("s3").list_objects_v2(
        Bucket=BUCKET, Prefix=f"pages/{machine.workspace.id}/"
    )
    assert left["KeyCount"] == 0


def test_a_refused_file_stores_nothing_and_says_why(machine):
    job = machine.run("accounts", b"external_id,name\n1,A\n2,\xff\n")

    assert (job.status, job.problems) == ("refused", 1)
    assert job.refusal is not None
    assert (job.refusal.code, job.refusal.line) == ("encoding", 3)
    assert machine.problems(job) == [job.refusal]
    assert not machine.items("META")
    assert not machine.items("INTEGRATION#")


def test_jobs_are_listed_last_first_page_by_page(machine):
    jobs = [machine.ask("accounts").job_id for _ in range(5)]
    store = bootstrap.jobs(machine.workspace)

    first, place = list_imports(store, 2)
    second, place = list_imports(store, 2, place)
    third, end = list_imports(store, 2, place)

    assert [job.job_id for job in (*first, *second, *third)] == jobs[::-1]
    assert end is None


def test_a_page_that_no_reader_sent_fails_alone(machine):
    event = json.loads((EVENTS / "page.json").read_text("utf-8"))
    bad = dict(event["Records"][0], messageId="bad", body=json.dumps({"workspace": "Main!"}))
    gone = event["Records"][0]

    reply = work_page.handler({"Records": [bad, gone]}, CONTEXT)

    assert reply == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
