"""A person whose every word is marked goes through every function: no trace outside the records."""

import json
from uuid import uuid4

import pytest

from tests.e2e.world import caller, eventually, imported, row_of
from tools.local.aws import Aws

MARK = f"canary{uuid4().hex[:8]}"
EMAIL = f"{MARK}@{MARK}.example"


@pytest.fixture(scope="module")
def client(stack):
    client = caller(stack)
    client.put("/v1/integrations/file", {"active": True, "opportunity_pull": True})
    return client


def lived(stack, client, tmp_path):
    """Let the person go everywhere; return the accounts that are about them."""
    person = {"owner_email": EMAIL}
    key = f"k{uuid4().hex[:8]}"
    field = {"module": "account", "key": key, "name": "Who", "type": "text", "unique": True}
    client.post("/v1/fields", field)
    name = f"{MARK} & Sons"
    sent = {"name": name, "domain": f"{MARK}.example", "tags": [MARK], "custom": {key: MARK}}
    account = client.post("/v1/accounts", sent | person)["id"]
    other = client.post("/v1/accounts", {"name": f"{MARK} Holding"})["id"]
    below = client.post("/v1/accounts", {"name": f"{MARK} Sub", "parent_id": account})["id"]
    again = client.send("POST", "/v1/accounts", body=sent | person)
    assert again.body["code"] == "value_not_unique"
    deal = {"name": f"Order of {MARK}", "account_id": account, "status": "open", **person}
    client.post("/v1/deals", deal)
    contact = client.post(
        "/v1/contacts", {"last_name": MARK, "email": EMAIL, "accounts": [{"account_id": account}]}
    )["id"]
    call = {"kind": "call", "occurred_at": "2026-01-01T00:00:00Z", "subject": MARK, "text": MARK}
    client.post("/v1/activities", call | {"account_id": account, "contact_ids": [contact]})
    client.post("/v1/tasks", {"title": f"Call {MARK}", "due_on": "2026-04-01", "account_id": other})
    member = {"email": EMAIL, "name": MARK, "role": "viewer"}
    invited = client.post("/v1/members", member)["id"]
    client.send("DELETE", f"/v1/members/{invited}")
    client.send("GET", f"/v1/accounts?q={MARK}&owner={EMAIL}&tag={MARK}")
    client.send("PATCH", f"/v1/accounts/{account}", body={"name": MARK, "colour": MARK})
    files = {
        "accounts": f"external_id,name,domain,owner\n{MARK}-1,{MARK} Ltd,{MARK}.example,{EMAIL}\n",
        "deals": f"external_id,account_external_id,name,status\n{MARK}-2,{MARK}-1,{MARK},sold\n",
    }
    for records, text in files.items():
        path = tmp_path / f"{records}.csv"
        path.write_text(text)
        imported(client, records, path)
    moved = client.send("PUT", f"/v1/accounts/{account}/parent", body={"parent_id": other})
    eventually(
        lambda: client.get(moved.headers["location"]), lambda j: j["status"] != "running", 20
    )
    eventually(
        lambda: row_of(client, below, f"{MARK} Sub") or {},
        lambda found: found.get("root_id") == other,
        9,
    )
    return account, other, below


def test_no_trace_of_a_person_in_logs_queues_events_and_executions(
    stack, client, tmp_path
):  # S3.28
    accounts = lived(stack, client, tmp_path)
    aws = Aws(stack["endpoint_url"])
    aws.functions().invoke(FunctionName=stack["functions"]["tick"], Payload=b"{}")
    verification = client.post("/v1/verifications", {"repair": False})
    path = f"/v1/verifications/{verification['id']}"
    eventually(lambda: client.get(path), lambda job: job["status"] != "running", 60)

    logs = aws.client("logs")
    groups = [one["logGroupName"] for one in logs.describe_log_groups()["logGroups"]]
    lines = {
        group: [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
        for group in groups
    }
    machines = aws.client("stepfunctions")
    executions = [
        machines.describe_execution(executionArn=one["executionArn"])
        for machine in machines.list_state_machines()["stateMachines"]
        for one in machines.list_executions(stateMachineArn=machine["stateMachineArn"])[
            "executions"
        ]
    ]
    queues = aws.client("sqs")
    messages = [
        queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for url in queues.list_queues()["QueueUrls"]
    ]
    audit = client.get("/v1/audit", limit=200)["items"]
    items = aws.dynamodb().scan(TableName=stack["audit_table_name"])["Items"]

    assert {name for name, found in lines.items() if found} >= {
        name for name in groups if name.rpartition("/")[2] in ("api", "stream", "audit", "tick")
    }
    assert executions
    assert {one["kind"] for one in audit} >= {"account", "contact", "activity", "task"}
    assert {one["id"] for one in audit} >= set(accounts)
    for kind, found in {
        "logs": lines,
        "executions": executions,
        "messages": messages,
        "audit": [audit, items],
    }.items():
        assert MARK not in json.dumps(found, default=str), kind
