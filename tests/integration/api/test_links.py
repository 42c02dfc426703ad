"""Links over the API: what lies with a record follows it, whoever may see both decides."""

from dataclasses import replace
from unittest.mock import patch

import pytest

from stageline import bootstrap
from stageline.domain.account import Account, Profile, new_account
from stageline.domain.activity import Activity
from stageline.domain.link_proposal import LinkProposal
from stageline.domain.stamp import Source, Stamp
from stageline.use_cases.erasure_mentions import Around

HERE, THERE = "a" * 32, "b" * 32


@pytest.fixture
def records(deployed):
    """The same company in two CRMs; `a` is the seller's, `b` somebody else's."""
    stamp = Stamp("import", "job", deployed.clock.now())
    seller = f"seller@{deployed.workspace.id}.example"
    for account_id, integration, owner in ((HERE, "x", seller), (THERE, "y", "b@example.com")):
        profile = Profile(name=f"Of {integration}", domain="acme.example", owner_email=owner)
        made = new_account(
            account_id,
            profile,
            in_crm=integration == "y",
            external_id="17",
            source=Source(integration, "hash", "1"),
            today=deployed.clock.today("UTC"),
            stamp=stamp,
        )
        bootstrap.accounts(deployed.workspace).add([made])
    deployed.settle(HERE, THERE)
    return deployed


@pytest.fixture
def beside(records, client):
    """One record of each kind with `b`; the activity is one of its CRM."""
    deal = client.post("/v1/deals", {"name": "D", "account_id": THERE})["id"]
    links = [{"account_id": one, "roles": ["user"]} for one in (HERE, THERE)]
    cole = {"last_name": "Cole", "email": "cole@example.com", "accounts": links}
    contact = client.post("/v1/contacts", cole)["id"]
    call = {"kind": "call", "occurred_at": "2026-03-01T10:00:00Z", "account_id": THERE}
    activity = client.post("/v1/activities", call)["id"]
    task = {"title": "Call", "due_on": "2026-04-01", "account_id": THERE}
    task_id = client.post("/v1/tasks", task)["id"]
    activities = bootstrap.activities(records.workspace)
    before: Activity = activities.get(activity)
    source = Source("y", "hash", "1")
    activities.save(before, replace(before, source=source, rev=before.rev + 1))
    return {"deals": deal, "contacts": contact, "activities": activity, "tasks": task_id}


def ids_with(client, account_id, kind):
    return [one["id"] for one in client.get(f"/v1/accounts/{account_id}/{kind}")["items"]]


def linked(deployed, client):
    job = client.post(f"/v1/accounts/{HERE}/links", {"account_id": THERE})
    # The worker may not read the keys of what identifies people.
    with patch.object(bootstrap, "hashing", side_effect=AssertionError):
        deployed.carry(job["id"])
    deployed.settle(HERE, THERE)
    return job


def test_all_that_lies_with_a_record_follows_it(records, client, beside):
    job = linked(records, client)

    assert client.get(f"/v1/jobs/{job['id']}")["status"] == "completed"
    assert client.send("GET", f"/v1/accounts/{THERE}").status == 404
    assert {kind: ids_with(client, HERE, kind) for kind in beside} == {
        kind: [one] for kind, one in beside.items()
    }
    view = client.get(f"/v1/accounts/{HERE}")
    assert (view["in_crm"], view["stages"]["crm_stage"]["stage"]) == (True, "pipeline")
    assert view["touch"]["last"] == "2026-03-01T10:00:00Z"
    (one,) = client.get(f"/v1/accounts/{HERE}/links")["items"]
    assert (one["id"], one["integration"], one["in_crm"]) == (THERE, "y", True)
    assert [one["id"] for one in client.get("/v1/accounts")["items"]] == [HERE]


def test_an_erasure_looks_for_names_in_linked_records_too(records, client):
    linked(records, client)
    workspace = records.workspace

    around = Around(
        bootstrap.accounts(workspace),
        bootstrap.deals(workspace),
        bootstrap.activities(workspace),
        bootstrap.tasks(workspace),
    )

    found = [one.profile.name for one in around.account(HERE) if isinstance(one, Account)]
    assert found == ["Of x", "Of y"]


def test_when_a_link_ends_what_came_from_the_other_crm_goes_back(records, client, beside):
    linked(records, client)

    job = client.send("DELETE", f"/v1/accounts/{HERE}/links/{THERE}")
    records.carry(job.body["id"])
    records.settle(HERE, THERE)

    assert job.status == 202
    assert ids_with(client, THERE, "activities") == [beside["activities"]]
    assert ids_with(client, HERE, "deals") == [beside["deals"]]
    assert client.get(f"/v1/accounts/{THERE}")["in_crm"]
    assert not client.get(f"/v1/accounts/{HERE}")["in_crm"]
    assert client.get(f"/v1/accounts/{HERE}/links")["items"] == []
    assert client.send("DELETE", f"/v1/accounts/{HERE}/links/{THERE}").status == 404


def test_whoever_does_not_see_both_links_nothing(records, client):
    seller, address = records.caller("seller"), f"/v1/accounts/{HERE}/links"

    unseen = seller.send("POST", address, {"account_id": THERE})
    linked(records, client)

    assert unseen.status == 404
    assert seller.get(address)["items"] == []
    assert seller.send("DELETE", f"{address}/{THERE}").status == 404
    assert seller.send("GET", "/v1/link-proposals").status == 403


def test_a_stale_revision_and_what_cannot_be_are_refused(records, client):
    address, tag = f"/v1/accounts/{HERE}/links", {"If-Match": '"9"'}

    stale = client.send("POST", address, {"account_id": THERE}, headers=tag)
    itself = client.send("POST", address, {"account_id": HERE})
    linked(records, client)
    deleted = client.send("DELETE", f"/v1/accounts/{HERE}")

    assert (stale.status, itself.status) == (412, 409)
    assert (itself.body["code"], itself.body["reason"]) == ("link_not_possible", "itself")
    assert (deleted.status, deleted.body["code"]) == (409, "account_linked")


def test_proposals_come_in_pages_until_they_are_decided(records, client):
    stamp = Stamp("import", "job", records.clock.now())
    accounts, proposals = (
        bootstrap.accounts(records.workspace),
        bootstrap.link_proposals(records.workspace),
    )
    third = replace(accounts.get(THERE), account_id="c" * 32, source=Source("z", "hash", "1"))
    accounts.add([third])
    found = [LinkProposal(HERE, one, stamp.at) for one in (THERE, "c" * 32)]
    proposals.add([*found, *found])

    first = client.get("/v1/link-proposals", limit=1)
    second = client.get("/v1/link-proposals", limit=1, cursor=first["next_cursor"])

    shown = {one["other"]["id"]: one["id"] for one in (*first["items"], *second["items"])}
    assert set(shown) == {THERE, "c" * 32}
    assert second["next_cursor"] is None
    never = client.post(f"/v1/link-proposals/{shown['c' * 32]}/decision", {"decision": "never"})
    proposals.add(found)
    job = client.post(f"/v1/link-proposals/{shown[THERE]}/decision", {"decision": "link"})
    records.carry(job["job_id"])
    assert never["job_id"] is None
    assert client.get("/v1/link-proposals")["items"] == []
    found_there = accounts.find(THERE)
    assert found_there is not None
    assert found_there.linked_to == HERE
    again = client.send("POST", f"/v1/link-proposals/{shown[THERE]}/decision", {"decision": "link"})
    assert again.status == 404


def test_the_audit_says_who_linked_what(records, client, audited):
    linked(records, client)
    audited()

    entries = client.get(f"/v1/accounts/{HERE}/audit")["items"]

    assert any("linked" in one["fields"] for one in entries)
