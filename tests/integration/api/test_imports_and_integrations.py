"""Imports as jobs with an upload form, and integrations with their switches."""

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from api import app
from stageline import bootstrap
from stageline.adapters.dynamodb.keys import configuration_partition, integration_key
from stageline.domain.jobs import Problem

SWITCHED_OFF = {"active": False, "opportunity_pull": False}
NEW = {"records": "accounts", "mapping": {"accounts": {"columns": {"name": "Firm"}}}}


def test_import_waits_for_its_file(client):
    made = client.send("POST", "/v1/imports", NEW, headers={"Idempotency-Key": "i"})
    again = client.send("POST", "/v1/imports", NEW, headers={"Idempotency-Key": "i"})
    other = client.send(
        "POST", "/v1/imports", {"records": "deals"}, headers={"Idempotency-Key": "i"}
    )
    job = made.body["id"]

    assert (made.status, again.status, other.status) == (201, 201, 422)
    assert made.body["upload"]["fields"]["key"].endswith(f"{job}/accounts.csv")
    assert made.body["upload"]["most_bytes"] > 0
    shown = client.get(f"/v1/imports/{job}")
    assert (shown["status"], shown["records"]) == ("waiting", "accounts")
    assert client.get(f"/v1/jobs/{job}") == shown
    assert "upload" not in shown


def test_imports_come_in_pages_the_latest_first(client):
    made = [client.post("/v1/imports", {"records": "deals"})["id"] for _ in range(3)]

    first = client.get("/v1/imports", limit=2)
    rest = client.get("/v1/imports", limit=2, cursor=first["next_cursor"])

    assert [job["id"] for job in first["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None


def test_problems_come_in_pages(deployed, client):
    job = client.post("/v1/imports", {"records": "deals"})["id"]
    problems = [Problem(n, "amount", "negative", "an amount is 0 or more") for n in range(2, 7)]
    jobs = bootstrap.jobs(deployed.workspace)
    jobs.save_problems(jobs.get(job), 0, problems)

    found, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = client.get(f"/v1/imports/{job}/problems", **query)
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert [problem["line"] for problem in found] == [2, 3, 4, 5, 6]
    assert found[0]["code"] == "negative"


@pytest.mark.parametrize("address", ["/v1/imports/{}", "/v1/imports/{}/problems", "/v1/jobs/{}"])
def test_job_of_another_workspace_is_not_found(client, other, address):
    job = other.caller().post("/v1/imports", {"records": "deals"})["id"]

    assert client.send("GET", address.format(job)).status == 404
    assert client.send("GET", address.format("0" * 32)).status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "records"), ({"records": "people"}, "records"), ({**NEW, "mapping": 5}, "mapping")],
    ids=str,
)
def test_import_at_fault_is_named(client, body, field):
    reply = client.send("POST", "/v1/imports", body)

    assert (reply.status, reply.body["field"]) == (422, field)


def test_without_an_integration_there_is_none(other):
    client = other.caller()

    nothing = client.get("/v1/integrations")
    missing = client.send("GET", "/v1/integrations/file")
    changed = client.send(
        "PATCH", "/v1/integrations/file", {"active": True}, headers={"If-Match": "*"}
    )

    assert (nothing["items"], nothing["no_stage"]["reason"]) == ([], "NO_INTEGRATION")
    assert (missing.status, changed.status) == (404, 404)


def test_switches_are_set_over_their_revision(client):
    shown = client.send("GET", "/v1/integrations/file")
    tag = shown.headers["ETag"]

    off = client.send(
        "PATCH", "/v1/integrations/file", {"active": False}, headers={"If-Match": tag}
    )
    stale = client.send(
        "PATCH", "/v1/integrations/file", {"active": True}, headers={"If-Match": tag}
    )
    missing = client.send("PATCH", "/v1/integrations/file", {"active": True})
    switches = {"active": False, "opportunity_pull": True}
    same = client.send("PUT", "/v1/integrations/file", switches)

    assert (off.status, off.body["active"], stale.status, missing.status) == (200, False, 412, 428)
    assert same.headers["ETag"] == off.headers["ETag"]
    assert client.get("/v1/integrations")["no_stage"]["reason"] == "INTEGRATION_INACTIVE"


def test_scheme_is_data(client):
    scheme = client.get("/v1/schemes/crm_stage")

    assert [stage["key"] for stage in scheme["stages"]] == [  # S0.10
        "new_prospect",
        "in_crm",
        "pipeline",
        "client",
        "client_pipeline",
        "recently_lost",
    ]
    assert sorted(scheme["precedence"]) == sorted(stage["key"] for stage in scheme["stages"])


def test_settings_keep_who_changed_them_and_in_which_request(deployed):
    asked = deployed.caller().event("PUT", "/v1/integrations/file", SWITCHED_OFF)

    app.handler(asked, LambdaContext())

    partition = configuration_partition(deployed.workspace)
    items = {one["SK"]: one for one in bootstrap.table().query(partition, consistent=True)}
    stamp = (deployed.caller().subject, asked["requestContext"]["requestId"])
    for changed in ("INTEGRATION#file", "OVERLAY"):
        assert (items[changed]["by"], items[changed]["request"]) == stamp
    assert items["SETTINGS"]["by"] == "operator"
    found = bootstrap.configuration(deployed.workspace).integrations()[0]
    assert (found.changed.by, found.changed.request) == stamp


def test_an_integration_that_does_not_say_who_changed_it_is_read(deployed):
    """One that was switched last before integrations kept that."""
    table, key = bootstrap.table(), integration_key(deployed.workspace, "file")
    item = table.get(key) or {}
    stamped_at = item.pop("at")
    table.put(
        {n: v for n, v in item.items() if n not in ("by", "request")} | {"changed_at": stamped_at}
    )

    (found,) = bootstrap.configuration(deployed.workspace).integrations()

    assert (found.changed.by, found.changed.at.isoformat()) == ("unknown", stamped_at)
