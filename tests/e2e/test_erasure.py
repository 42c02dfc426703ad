"""A person planted in every store by every door is erased: a dump of everything finds nothing.

A namesake and a colleague who shares the company's mailbox stay whole; so do the counts of every
past day; and nobody brings the person back.
"""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.world import caller, eventually, imported, row_of
from tools.certificates import verify
from tools.client import exchange, get_counts
from tools.local.aws import Aws

RUN = uuid4().hex[:6]
FIRST, LAST = f"Zuleika{RUN}", f"Quorn{RUN}"
NICKNAME = f"Zuzu{RUN}"
MAILBOX = f"office@shared{RUN}.example"
EMAIL = f"{FIRST}.{LAST}@home{RUN}.example"
# Of the numbers that are kept free for examples.
_LAST = f"{int(RUN, 16) % 100:02}"
PHONE, DIGITS = f"+1 (202) 555-01{_LAST}", f"20255501{_LAST}"
JOB = f"Chief of {RUN} Jam"
# Whatever stands for the person only; the namesake has the names, too.
OWN = tuple(text.casefold() for text in (EMAIL, NICKNAME, JOB, PHONE, DIGITS))
NAMES = (FIRST.casefold(), LAST.casefold())


@pytest.fixture(scope="module")
def admin(stack):
    client = caller(stack)
    client.put("/v1/integrations/file", {"active": True, "opportunity_pull": True})
    return client


@pytest.fixture(scope="module")
def officer(stack):
    return caller(stack, "privacy_officer")


def planted(admin, tmp_path):
    """Let the person in by every door; return the ids of what is theirs, and of others."""
    key = f"nick{RUN}"
    admin.post(
        "/v1/fields",
        {"module": "contact", "key": key, "name": "Nickname", "type": "text", "unique": True},
    )
    account = admin.post("/v1/accounts", {"name": f"{FIRST} {LAST} Consulting"})["id"]
    deal = {"name": f"{LAST}, {FIRST}: renewal", "account_id": account, "status": "open"}
    deal_id = admin.post("/v1/deals", deal)["id"]
    on_account = {"accounts": [{"account_id": account, "roles": ["champion"]}]}
    person = admin.post(
        "/v1/contacts",
        {
            "first_name": FIRST,
            "last_name": LAST,
            "email": EMAIL,
            "phone": PHONE,
            "job_title": JOB,
            "custom": {key: NICKNAME},
            "tags": [NICKNAME],
            "deals": [{"deal_id": deal_id, "roles": []}],
            **on_account,
        },
        Idempotency_Key=f"person-{RUN}",
    )["id"]
    admin.post(f"/v1/contacts/{person}/touch", {"reason": f"{NICKNAME} asked us to keep this"})
    colleague = admin.post(
        "/v1/contacts",
        {"first_name": "Bob", "last_name": f"Other{RUN}", "email": MAILBOX, **on_account},
    )["id"]
    namesake = admin.post(
        "/v1/contacts",
        {"first_name": FIRST, "last_name": LAST, "email": f"namesake@other{RUN}.example"},
    )["id"]
    call = {"kind": "call", "occurred_at": "2026-01-05T10:00:00Z", "account_id": account}
    alone = admin.post(
        "/v1/activities",
        call | {"contact_ids": [person], "subject": NICKNAME, "text": f"Rang {PHONE}"},
    )["id"]
    both = admin.post(
        "/v1/activities",
        call | {"contact_ids": [person, colleague], "subject": f"With {FIRST} {LAST}"},
    )["id"]
    admin.post("/v1/activities", {**call, "account_id": None, "contact_ids": [person], "text": JOB})
    task = {"due_on": "2027-04-01", "contact_id": person}
    admin.post("/v1/tasks", {"title": f"Ring {NICKNAME}", "account_id": account, **task})
    admin.post("/v1/tasks", {"title": f"Write to {EMAIL}", **task})
    files = {
        "contacts": "external_id,first_name,last_name,email,phone\n"
        f"crm-{RUN},{FIRST},{LAST},{EMAIL},\ncrm-{RUN}-2,Carol,Free{RUN},c{RUN}@free.example,\n"
        f"crm-{RUN}-3,{FIRST},{LAST},{MAILBOX},{PHONE}\n",
        "activities": "external_id,kind,occurred_at,subject,text,contact_external_id\n"
        f"act-{RUN},email,2026-01-06,{NICKNAME},About {JOB},crm-{RUN}\n",
    }
    return {
        "account": account,
        "deal": deal_id,
        "person": person,
        "colleague": colleague,
        "namesake": namesake,
        "alone": alone,
        "both": both,
        "files": {name: written(tmp_path / f"{name}.csv", text) for name, text in files.items()},
    }


def written(path, text):
    path.write_text(text)
    return path


def dump(stack) -> Iterator[tuple[str, str]]:
    """Yield whatever any store holds, by what it lies in, in lower case."""
    aws = Aws(stack["endpoint_url"])
    for place, held in (*_tables(stack, aws), *_objects(stack, aws), *_rest(aws)):
        text = held if isinstance(held, str) else json.dumps(held, default=str)
        yield place, text.casefold()


def _tables(stack, aws) -> Iterator[tuple[str, Any]]:
    for table in (stack["table_name"], stack["audit_table_name"]):
        described = aws.dynamodb().describe_table(TableName=table)["Table"]
        indexes = [one["IndexName"] for one in described.get("GlobalSecondaryIndexes", ())]
        for index in (None, *indexes):
            named = {} if index is None else {"IndexName": index}
            for found in aws.dynamodb().get_paginator("scan").paginate(TableName=table, **named):
                for item in found["Items"]:
                    yield f"{table} {index} {item['PK']['S']} {item['SK']['S']}", item


def _objects(stack, aws) -> Iterator[tuple[str, Any]]:
    s3 = aws.s3()
    for bucket in (stack["bucket"], stack["journal_bucket"]):
        for found in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for one in found.get("Versions", ()):
                which = {"Bucket": bucket, "Key": one["Key"], "VersionId": one["VersionId"]}
                body = s3.get_object(**which)["Body"].read().decode("utf-8", "replace")
                yield f"{bucket}/{one['Key']}", f"{one['Key']} {body}"


def _rest(aws) -> Iterator[tuple[str, Any]]:
    queues = aws.client("sqs")
    for url in queues.list_queues()["QueueUrls"]:
        yield url, queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages")
    logs = aws.client("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        for event in logs.filter_log_events(logGroupName=group["logGroupName"])["events"]:
            yield group["logGroupName"], event["message"]
    machines = aws.client("stepfunctions")
    for machine in machines.list_state_machines()["stateMachines"]:
        arn = machine["stateMachineArn"]
        for one in machines.list_executions(stateMachineArn=arn)["executions"]:
            yield "executions", machines.describe_execution(executionArn=one["executionArn"])


def found_in(stack, namesake: str, elsewhere: str) -> set[tuple[str, str]]:
    """Return where which trace of the person is.

    The contact `elsewhere` is another workspace's; the `namesake` has the same names.
    """
    hits = set()
    for place, text in dump(stack):
        if elsewhere in text:
            continue
        hits |= {(place, trace) for trace in OWN if trace in text}
        if namesake not in text:
            hits |= {(place, name) for name in NAMES if name in text}
    return hits


def erased(admin, officer, contact_ids, candidates="all"):
    """Have people erased as those do who may; return the request as it ends."""
    asked = {
        "way": "erase",
        "ground": "consent_withdrawn",
        "reason": f"{NICKNAME} wrote to us",
        "contact_ids": contact_ids,
    }
    path = f"/v1/privacy/requests/{admin.post('/v1/privacy/requests', asked)['id']}"
    shown = eventually(
        lambda: admin.get(path), lambda one: one["status"] == "previewed", within_seconds=30
    )
    refused = admin.send("POST", f"{path}/execution")
    assert (refused.status, refused.body["code"]) == (409, "not_approved")
    officer.post(
        f"{path}/approval", {"preview": shown["preview"]["hash"], "candidates": candidates}
    )
    admin.post(f"{path}/execution")
    return path, eventually(
        lambda: admin.get(path), lambda one: one["status"] == "done", within_seconds=60
    )


def test_a_person_is_erased_everywhere_and_stays_away(stack, admin, officer, tmp_path):
    theirs = planted(admin, tmp_path)
    for records, path in theirs["files"].items():
        assert imported(admin, records, path)["status"] == "completed"
    others = {one: admin.get(f"/v1/contacts/{theirs[one]}") for one in ("namesake", "colleague")}
    elsewhere = caller(stack, workspace="other")
    there = elsewhere.post("/v1/contacts", {"last_name": LAST, "email": EMAIL})["id"]
    eventually(lambda: row_of(admin, theirs["account"], f"{FIRST} {LAST} Consulting"), bool, 10)
    counted = get_counts(admin, {"as_of": "2026-06-01"})["accounts"]
    held = found_in(stack, theirs["namesake"], there)
    assert {trace for _, trace in held} >= {EMAIL.casefold(), NICKNAME.casefold(), NAMES[0]}

    path, request = erased(admin, officer, [theirs["person"]])

    assert request["certificate"]["state"] == "live_erased", request
    left = eventually(lambda: found_in(stack, theirs["namesake"], there), lambda hits: not hits, 20)
    assert left == set()
    assert {one: admin.get(f"/v1/contacts/{theirs[one]}") for one in others} == others
    assert elsewhere.get(f"/v1/contacts/{there}")["email"] == EMAIL
    assert get_counts(admin, {"as_of": "2026-06-01"})["accounts"] == counted
    kept = admin.get(f"/v1/activities/{theirs['both']}")
    assert (kept["subject"], kept["contact_ids"]) == (None, [theirs["colleague"]])
    assert admin.get(f"/v1/accounts/{theirs['account']}")["name"] is None
    assert admin.send("GET", f"/v1/contacts/{theirs['person']}").status == 404
    assert officer.send("GET", f"/v1/contacts/{theirs['person']}").status == 410

    file = certificate_of(stack, path)
    key = officer.get("/v1/privacy/signing-key")["public_key"]
    assert verify(file, key.encode()).certificate.state == "live_erased"

    offered = {"first_name": "Z", "last_name": "Q", "email": EMAIL.upper()}
    again = admin.send("POST", "/v1/contacts", body=offered)
    assert (again.status, again.body["code"]) == (409, "suppressed")
    assert "zuleika" not in json.dumps(again.body).casefold()
    job = imported(admin, "contacts", theirs["files"]["contacts"])
    assert job["status"] == "completed_with_errors"
    assert {(one["line"], one["code"]) for one in job["problem_list"]} == {
        (2, "suppressed"),
        (4, "suppressed"),
    }
    job = imported(admin, "activities", theirs["files"]["activities"])
    assert [one["code"] for one in job["problem_list"]] == ["suppressed"]
    assert found_in(stack, theirs["namesake"], there) == set()


def certificate_of(stack, path) -> bytes:
    """Return the file as it is, byte by byte."""
    headers = {"Authorization": f"Bearer {stack['tokens']['main']['privacy_officer']}"}
    url = f"{stack['api_url']}{path}/certificate"
    status, _, content = exchange("GET", url, headers, None, timeout_seconds=30)
    assert status == 200
    return content
