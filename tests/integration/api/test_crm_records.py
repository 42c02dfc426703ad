"""Accounts that no CRM has are created in one by who may write them (S0.23)."""

import json
from os import environ

import boto3
import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from sync_crm import work_run, write_back
from tests.fakes.writes import WritableCrm

HUB = "/v1/integrations/hub"
HUBSPOT = {"vendor": "hubspot", "active": True, "opportunity_pull": True, "sync": True}


@pytest.fixture
def crm(deployed, client, monkeypatch):
    """A CRM that is connected, and what works off the queue's messages about it."""
    client.put(HUB, HUBSPOT)
    client.put(f"{HUB}/credentials", {"access_token": "pat-eu1-very-secret"})
    crm = WritableCrm(now=deployed.clock.now)

    class Opened:
        connector = crm

    monkeypatch.setattr(write_back, "opened", lambda *_: Opened)
    taken()
    return crm


def taken():
    sqs, url = boto3.client("sqs"), environ["SYNC_QUEUE_URL"]
    found = []
    while got := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for one in got:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
            found.append(json.loads(one["Body"]))
    return found


def work_off(deployed):
    for message in taken():
        assert message["workspace"] == deployed.workspace.id
        handle(message)


def handle(message):
    work_run.handle_record(SQSRecord({"body": json.dumps(message)}))


def made(client, **fields):
    return client.post("/v1/accounts", {"name": "Acme", "in_crm": False, **fields})["id"]


def test_an_account_is_created_in_the_crm_and_listed(deployed, client, crm):
    account = made(client, domain="acme.example")

    asked = client.send("POST", f"/v1/accounts/{account}/crm-record", {"integration": "hub"})
    assert (asked.status, asked.body["status"]) == (202, "queued")
    work_off(deployed)

    shown = client.get(f"/v1/accounts/{account}")
    assert (shown["in_crm"], shown["external_id"]) == (True, "a001")
    (write,) = client.get(asked.headers["Location"])["items"]
    assert write == asked.body | {
        "status": "done",
        "attempts": 1,
        "moved_at": write["moved_at"],
    }
    again = client.send("POST", f"/v1/accounts/{account}/crm-record", {"integration": "hub"})
    assert (again.status, again.body["code"]) == (409, "already_in_crm")


def test_the_same_call_again_makes_nothing_twice(deployed, client, crm):
    address = f"/v1/accounts/{made(client)}/crm-record"
    key = {"Idempotency-Key": "once"}

    first = client.send("POST", address, {"integration": "hub"}, headers=key)
    work_off(deployed)
    again = client.send("POST", address, {"integration": "hub"}, headers=key)

    assert again.body["id"] == first.body["id"]
    assert list(crm.made()) == ["a001"]


def test_a_seller_creates_their_own_accounts_only(deployed, client, crm):
    seller = deployed.caller("seller")
    own, others = made(seller), made(client)
    wanted = {"integration": "hub"}

    assert seller.send("POST", f"/v1/accounts/{own}/crm-record", wanted).status == 202
    assert seller.send("POST", f"/v1/accounts/{others}/crm-record", wanted).status == 404


@pytest.mark.parametrize("key", ["nowhere", "file"])
def test_an_integration_that_is_none_is_told(client, crm, key):
    answer = client.send("POST", f"/v1/accounts/{made(client)}/crm-record", {"integration": key})

    assert (answer.status, answer.body["field"]) == (422, "integration")


def test_an_integration_that_is_not_active_is_not_asked(client, crm):
    client.put(HUB, HUBSPOT | {"active": False})

    answer = client.send("POST", f"/v1/accounts/{made(client)}/crm-record", {"integration": "hub"})

    assert (answer.status, answer.body["code"]) == (409, "sync_not_possible")


def test_the_stage_of_a_created_account_is_written_to_a_field_of_the_crms(deployed, client, crm):
    client.put(HUB, HUBSPOT | {"mapping": {"accounts": {"write": {"stage": "Name"}}}})
    account = made(client)
    client.post(f"/v1/accounts/{account}/crm-record", {"integration": "hub"})
    work_off(deployed)
    client.post("/v1/deals", {"name": "First", "account_id": account, "opened_on": "2026-02-01"})
    deployed.settle(account)

    for _ in range(2):
        handle({"workspace": deployed.workspace.id, "stage_of": account})

    assert crm.updates == [("a001", {"Name": "pipeline"})]
    stage, creation = client.get(f"{HUB}/writes")["items"]
    assert (stage["what"], stage["value"], stage["status"]) == ("stage", "pipeline", "done")
    assert creation["what"] == "create_account"


def test_a_message_of_another_form_is_refused(deployed):
    with pytest.raises(work_run.NotATurn):
        handle({"workspace": deployed.workspace.id, "write": 1})
