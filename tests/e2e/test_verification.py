"""Items damaged by hand in the deployed table: found, repaired, and then nothing is found."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.world import caller, eventually, row_of, stage_of, whole_table
from tools.client import Client
from tools.local.aws import Aws

STAGELINE = Path(sys.executable).with_name("stageline")


@pytest.fixture
def environment(stack, tmp_path):
    path = tmp_path / "stack.json"
    path.write_text(json.dumps(stack))
    return os.environ | {"STAGELINE_STACK": str(path)}


@pytest.fixture
def verify(environment):
    def run(*arguments, code=0):
        command = [str(STAGELINE), "verify", "--json", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
def client(stack):
    """An admin of a workspace that shows stages."""
    admin = caller(stack)
    admin.put("/v1/integrations/file", {"active": True, "opportunity_pull": True})
    return admin


@pytest.fixture
def account(client):
    made = client.post("/v1/accounts", {"name": "Verified by hand"})
    client.post("/v1/deals", {"name": "Deal", "account_id": made["id"], "opened_on": "2024-01-02"})
    wait_for(client, made["id"], made["name"], "pipeline")
    return made["id"]


def shown_stage(client, account_id, name):
    """Return the stage that the list shows; None while it does not show the account."""
    row = row_of(client, account_id, name)
    return row and row["stage"]


def wait_for(client, account_id, name, stage):
    eventually(lambda: shown_stage(client, account_id, name), lambda found: found == stage, 30)


def damage(stack, account_id):
    """Delete, change and duplicate items; return the kinds that must be found."""
    table = Aws(stack["endpoint_url"]).dynamodb()
    name, workspace = stack["table_name"], stack["workspaces"]["main"]
    items = whole_table(stack)

    def put(item, **changes):
        table.put_item(TableName=name, Item=item | changes)

    def delete(item):
        table.delete_item(TableName=name, Key={part: item[part] for part in ("PK", "SK")})

    own = {
        sort: item for (part, sort), item in items.items() if part == f"{workspace}#A#{account_id}"
    }
    group = {
        sort: item for (part, sort), item in items.items() if part == f"{workspace}#G#{account_id}"
    }
    put(own["ROW#crm_stage"], stage={"S": "client"}, rank={"N": "4"})
    put(own["HOME"], PK={"S": f"{workspace}#A#{'0' * 32}"})
    # The stream mends what it is told of; of versions it is told nothing.
    delete(next(item for sort, item in group.items() if sort.startswith("V#")))
    put(group[f"L#{account_id}#"], PK={"S": f"{workspace}#G#{'0' * 32}"})
    delete(items[f"{workspace}#R#{account_id}", "REF"])
    delete(items[f"{workspace}#O#{account_id}", "E#crm_stage#000000000001"])
    delete(items[f"{workspace}#W#ver", f"verified#verified$by$hand#{account_id}"])
    return {"row", "version", "locator", "word", "orphan"}


def test_each_damage_is_found_repaired_and_then_gone(stack, client, account, verify):
    before = verify("--repair")
    assert before["status"] == "completed"
    expected = damage(stack, account)

    found = verify(code=1)
    assert {kind for kind, count in found["drift"].items() if count} >= expected
    assert account in found["examples"]["row"]
    repaired = verify("--repair")
    assert repaired["repaired"] == repaired["drift"]
    assert sum(verify()["drift"].values()) == 0

    assert stage_of(client, account)["stage"] == "pipeline"
    assert shown_stage(client, account, "Verified by hand") == "pipeline"


def test_only_admins_verify_and_one_at_a_time(stack):
    seller: Client = caller(stack, "seller")
    assert seller.send("POST", "/v1/verifications", body={}).status == 403

    admin = caller(stack)
    first = admin.send("POST", "/v1/verifications", body={})
    second = admin.send("POST", "/v1/verifications", body={})

    assert (first.status, second.status) == (202, 409)
    assert second.body["code"] == "verification_running"
    assert second.body["job"]["id"] == first.body["id"]
    path = f"/v1/verifications/{first.body['id']}"
    eventually(lambda: admin.get(path), lambda job: job["status"] != "running", 60)
    job = admin.get(f"/v1/jobs/{first.body['id']}")
    assert (job["kind"], job["status"]) == ("verification", "completed")


def test_poison_is_set_aside_and_comes_right_when_it_is_redriven(stack, client, environment):
    """Every tenth record cannot be read when the stream comes to it."""
    table = Aws(stack["endpoint_url"]).dynamodb()
    ids = [client.post("/v1/accounts", {"name": f"Poison {n:02d}"})["id"] for n in range(20)]
    for number, account_id in enumerate(ids):
        wait_for(client, account_id, f"Poison {number:02d}", "in_crm")
    items, poisoned = whole_table(stack), ids[::10]
    workspace = stack["workspaces"]["main"]
    for account_id in poisoned:
        item = items[f"{workspace}#A#{account_id}", "META"]
        left = {name: value for name, value in item.items() if name != "memberships"}
        table.put_item(TableName=stack["table_name"], Item=left)
    for number, account_id in enumerate(ids):
        if account_id not in poisoned:
            deal = {"name": f"Deal {number}", "account_id": account_id}
            client.post("/v1/deals", deal | {"opened_on": "2024-01-02"})
    for number, account_id in enumerate(ids):
        if account_id not in poisoned:
            wait_for(client, account_id, f"Poison {number:02d}", "pipeline")
    queue, sqs = stack["queues"]["set_aside"], Aws(stack["endpoint_url"]).client("sqs")
    eventually(
        lambda: int(
            sqs.get_queue_attributes(
                QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"]
            )["Attributes"]["ApproximateNumberOfMessages"]
        ),
        lambda waiting: waiting >= len(poisoned),
        within_seconds=30,
    )
    for account_id in poisoned:
        table.put_item(
            TableName=stack["table_name"], Item=items[f"{workspace}#A#{account_id}", "META"]
        )

    command = [sys.executable, "-m", "tools.redrive", "set-aside"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert "0 left" in done.stdout
    for account_id in poisoned:
        assert stage_of(client, account_id)["stage"] == "in_crm"
