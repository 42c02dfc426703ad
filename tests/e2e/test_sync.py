"""Two CRMs are read by the deployed stack: all there is, what changes, what goes; and what is said
of them.
"""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.crm.hubspot import HubSpot
from tests.crm.salesforce import Salesforce
from tests.e2e.world import caller, eventually, pages, stage_of
from tools.errors import ApiError
from tools.local.aws import Aws

RUN = uuid4().hex[:6]
ENDED = {"completed", "completed_with_errors", "partial", "failed"}


@pytest.fixture(scope="module")
def admin(stack):
    return caller(stack, workspace="crm")


def run(admin, key, mode="changes"):
    """Run an integration, and return what came of it."""
    begun = admin.post(f"/v1/integrations/{key}/runs", {"mode": mode})
    path = f"/v1/integrations/{key}/runs/{begun['id']}"
    return eventually(lambda: admin.get(path), lambda one: one["status"] in ENDED, 120)


def accounts(admin, word):
    return {row["name"]: row for row in pages(admin, "/v1/accounts", q=word)}


@pytest.fixture(scope="module")
def hubspot(admin, crms):
    """A HubSpot with three companies, connected and read; by the word that its names have."""
    crm: HubSpot = crms.hubspot
    companies = [
        crm.add("companies", {"name": f"Hub{RUN} {name}", "domain": f"{name}{RUN}.example"})
        for name in ("Ash", "Birch", "Cedar")
    ]
    deals = []
    stages = ("closedwon", "appointmentscheduled", "closedlost")
    for company, stage in zip(companies, stages, strict=True):
        values = {"dealname": "Renewal", "dealstage": stage, "pipeline": "default"}
        deals.append(crm.add("deals", values | {"amount": "1234.50", "closedate": "2026-10-01"}))
        crm.associate("deals", deals[-1], "companies", company)
        person = {
            "firstname": "Erika",
            "lastname": f"Muster{RUN}",
            "email": f"e{company}@a.example",
        }
        crm.associate("contacts", crm.add("contacts", person), "companies", company)
    key = f"hub-{RUN}"
    admin.put(
        f"/v1/integrations/{key}",
        {"vendor": "hubspot", "active": True, "opportunity_pull": True, "sync": True},
    )
    admin.put(f"/v1/integrations/{key}/credentials", {"access_token": crm.token})
    found = run(admin, key)
    assert found["status"] == "completed", found
    return key, crm, companies, deals


def test_all_there_is_comes_with_its_stages(admin, hubspot):
    # S0.17, S0.18, S3.43
    key, crm, _, _ = hubspot
    found = accounts(admin, f"Hub{RUN}")

    assert {name: row["stage"] for name, row in found.items()} == {
        f"Hub{RUN} Ash": "client",
        f"Hub{RUN} Birch": "pipeline",
        f"Hub{RUN} Cedar": "recently_lost",
    }
    shown = admin.get(f"/v1/integrations/{key}")
    assert shown["health"] == "ok"
    assert shown["as_of"]
    kinds = shown["kinds"].items()
    assert {kind: (one["held"], one["drift"]) for kind, one in kinds} == {
        "accounts": (3, 0),
        "deals": (3, 0),
        "contacts": (3, 0),
        "activities": (0, 0),
    }
    assert crm.token not in json.dumps(admin.get("/v1/integrations"))


def test_what_changes_goes_and_is_merged_follows(admin, hubspot):
    key, crm, (ash, birch, cedar), (_, open_deal, _) = hubspot
    crm.update("deals", open_deal, {"dealstage": "closedwon"})
    crm.archive("companies", cedar)
    survivor = crm.merge("companies", ash, birch)

    found = run(admin, key)

    assert found["status"] == "completed", found
    listed = accounts(admin, f"Hub{RUN}")
    present = {name for name, row in listed.items() if row["in_crm"]}
    assert present == {f"Hub{RUN} Ash"}
    (winner,) = [row for row in listed.values() if row["in_crm"]]
    assert winner["stage"] == "client"
    deals = list(pages(admin, f"/v1/accounts/{winner['id']}/deals"))
    assert len(deals) == 2, survivor


def test_a_run_without_changes_writes_no_record(admin, hubspot):
    key, *_ = hubspot
    run(admin, key)

    again = run(admin, key)

    counts = [part["counts"] for part in again["parts"]]
    assert not any(one.get(name) for one in counts for name in ("created", "changed", "went"))


def test_salesforce_is_read_beside_it_and_its_deletions_are_found_by_the_sweep(admin, crms):
    crm: Salesforce = crms.salesforce
    kept, gone = (crm.add("Account", {"Name": f"Force{RUN} {name}"}) for name in ("Kept", "Gone"))
    deal = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2027-01-01", "Amount": 10}
    _, lost_deal = (crm.add("Opportunity", deal | {"AccountId": one}) for one in (kept, gone))
    key = f"force-{RUN}"
    body = {"vendor": "salesforce", "base_url": "https://acme.my.salesforce.com"}
    switches = {"active": True, "opportunity_pull": True, "sync": True}
    admin.put(f"/v1/integrations/{key}", body | switches)
    admin.put(
        f"/v1/integrations/{key}/credentials",
        {"client_id": crm.app.consumer_key, "client_secret": crm.app.consumer_secret},
    )
    assert run(admin, key)["status"] == "completed"
    assert {row["stage"] for row in accounts(admin, f"Force{RUN}").values()} == {"pipeline"}

    for one in (lost_deal, gone):
        crm.purge(one)
    assert run(admin, key, "full")["status"] == "completed"

    found = accounts(admin, f"Force{RUN}")
    assert {name.split()[1]: row["in_crm"] for name, row in found.items()} == {
        "Kept": True,
        "Gone": False,
    }
    lost = found[f"Force{RUN} Gone"]
    history = stage_of(admin, lost["id"])
    assert history["stage"] == "new_prospect"


def test_wrong_credentials_need_attention_and_delete_nothing(admin, hubspot):
    key, crm, *_ = hubspot
    before = accounts(admin, f"Hub{RUN}")
    admin.put(f"/v1/integrations/{key}/credentials", {"access_token": "pat-no-such-token"})
    # The credentials before stay as a fallback until they are refused, too.
    admin.put(f"/v1/integrations/{key}/credentials", {"access_token": "pat-nor-this-one"})

    found = run(admin, key)

    shown = admin.get(f"/v1/integrations/{key}")
    assert (found["status"], shown["health"]) == ("failed", "needs_attention")
    assert shown["attention"]["code"] == "credentials_refused"
    assert shown["attention"]["vendor_status"] == 401
    assert {name for name, row in accounts(admin, f"Hub{RUN}").items() if row["in_crm"]} == {
        name for name, row in before.items() if row["in_crm"]
    }

    admin.put(f"/v1/integrations/{key}/credentials", {"access_token": crm.token})
    assert run(admin, key)["status"] == "completed"


@pytest.mark.parametrize(
    "url",
    [
        "http://acme.my.salesforce.com",
        "https://127.0.0.1",
        "https://10.0.0.1",
        "https://acme.example.com",
        "https://localhost",
    ],
)
def test_a_url_that_is_not_the_vendors_is_refused(admin, url):
    body: dict[str, Any] = {"vendor": "salesforce", "base_url": url, "active": True}

    with pytest.raises(ApiError) as refused:
        admin.put("/v1/integrations/elsewhere", body | {"opportunity_pull": True, "sync": True})

    assert (refused.value.status, refused.value.code) == (422, "url_not_allowed")


def test_credentials_and_people_are_in_no_log_and_no_queue(stack, hubspot):
    _, crm, *_ = hubspot
    logs = Aws(stack["endpoint_url"]).client("logs")
    lines = [
        event["message"]
        for group in logs.describe_log_groups()["logGroups"]
        for event in logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
    ]

    assert lines
    assert not [line for line in lines if crm.token in line or f"Muster{RUN}" in line]


def test_deleting_an_integration_asks_what_becomes_of_its_records(admin, hubspot):
    key, *_ = hubspot
    with pytest.raises(ApiError) as refused:
        admin.delete(f"/v1/integrations/{key}")
    assert refused.value.status == 422

    admin.send("DELETE", f"/v1/integrations/{key}", query={"records": "end_presence"})

    eventually(
        lambda: [row["in_crm"] for row in accounts(admin, f"Hub{RUN}").values()],
        lambda found: not any(found),
        60,
    )
