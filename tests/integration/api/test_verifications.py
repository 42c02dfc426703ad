"""Verifications by the API: who may ask for one, and one at a time."""

import pytest

from stageline import bootstrap
from stageline.use_cases.verifications import do_part, end_verification


@pytest.mark.parametrize("role", ["viewer", "seller", "manager", "privacy_officer"])
def test_only_admins_may_ask_for_one(deployed, role):
    reply = deployed.caller(role).send("POST", "/v1/verifications", {})

    assert (reply.status, reply.body["code"]) == (403, "role_may_not")


def test_one_at_a_time_and_the_second_names_the_first(client):
    first = client.send("POST", "/v1/verifications", {"repair": True})
    second = client.send("POST", "/v1/verifications", {})

    assert (first.status, second.status) == (202, 409)
    assert first.headers["Location"] == f"/v1/verifications/{first.body['id']}"
    assert second.body["code"] == "verification_running"
    assert second.body["job"] == {
        "id": first.body["id"],
        "href": f"/v1/verifications/{first.body['id']}",
    }


def test_one_tells_how_far_it_is_and_what_it_found(deployed, client):
    account = client.post("/v1/accounts", {"name": "Acme"})["id"]
    deployed.settle(account)
    job = client.send("POST", "/v1/verifications", {}).body["id"]
    works, verifier = bootstrap.works(deployed.workspace), bootstrap.verifier(deployed.workspace)
    for part in range(3):
        do_part(works, verifier, job, part)

    half = client.get(f"/v1/verifications/{job}")
    do_part(works, verifier, job, 3)
    end_verification(works, job, deployed.clock.now())
    whole = client.get(f"/v1/verifications/{job}")

    assert (half["status"], half["progress"]) == ("running", {"parts": 4, "done": 3})
    assert (whole["status"], whole["progress"]) == ("completed", {"parts": 4, "done": 4})
    assert whole["accounts"] == 1
    assert set(whole["drift"].values()) == {0}


def test_another_workspace_does_not_see_it(client, other):
    job = client.send("POST", "/v1/verifications", {}).body["id"]

    assert other.caller().send("GET", f"/v1/verifications/{job}").status == 404
